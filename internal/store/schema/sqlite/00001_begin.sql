-- +goose Up

CREATE TABLE shared_text (
    id INTEGER PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX shared_text_value ON shared_text (value);
-- What nearly every row shares has the shortest numbers.
INSERT INTO shared_text (value) VALUES (''), ('USER'), ('GROUP'), ('CREATE_ASSIGNMENT');

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    email TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_key ON account (account_id);
CREATE UNIQUE INDEX account_email ON account (email);
CREATE INDEX account_organization ON account (organization_id, account_id);
CREATE INDEX account_parent ON account (parent_id, account_id);

CREATE TABLE organization (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    management TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX organization_key ON organization (organization_id);
CREATE UNIQUE INDEX organization_management ON organization (management);

CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    unit_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX unit_key ON unit (unit_id);
CREATE UNIQUE INDEX unit_name ON unit (parent_id, name);
CREATE INDEX unit_parent ON unit (parent_id, unit_id);
CREATE INDEX unit_organization ON unit (organization_id, unit_id);

CREATE TABLE organization_policy (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX organization_policy_key ON organization_policy (organization_id, policy_id);
CREATE UNIQUE INDEX organization_policy_name ON organization_policy (organization_id, type, name);
CREATE INDEX organization_policy_organization ON organization_policy (organization_id, type, policy_id);

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    target_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX attachment_key ON attachment (organization_id, policy_id, target_id);
CREATE INDEX attachment_target ON attachment (organization_id, target_id, policy_id);

CREATE TABLE delegate (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    service TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX delegate_key ON delegate (organization_id, account_id, service);
CREATE INDEX delegate_service ON delegate (organization_id, service, account_id);

CREATE TABLE resource_policy (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX resource_policy_key ON resource_policy (organization_id);

CREATE TABLE handshake (
    id INTEGER PRIMARY KEY,
    handshake_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    parent TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX handshake_key ON handshake (handshake_id);
CREATE INDEX handshake_organization ON handshake (organization_id, handshake_id);
CREATE INDEX handshake_recipient ON handshake (recipient, handshake_id);
CREATE INDEX handshake_parent ON handshake (parent, handshake_id);
CREATE INDEX handshake_expiry ON handshake (expires_at);

CREATE TABLE account_profile (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_profile_key ON account_profile (account_id);

CREATE TABLE create_status (
    id INTEGER PRIMARY KEY,
    status_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX create_status_key ON create_status (status_id);
CREATE INDEX create_status_organization ON create_status (organization_id, status_id);

CREATE TABLE directory_user (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    external TEXT,
    created_by INTEGER NOT NULL,
    updated_by INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX directory_user_key ON directory_user (user_id);
CREATE UNIQUE INDEX directory_user_name ON directory_user (store_id, name);
CREATE UNIQUE INDEX directory_user_email ON directory_user (store_id, email);
CREATE UNIQUE INDEX directory_user_external ON directory_user (store_id, external);
CREATE INDEX directory_user_store ON directory_user (store_id, user_id);

CREATE TABLE directory_group (
    id INTEGER PRIMARY KEY,
    group_id TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    external TEXT,
    created_by INTEGER NOT NULL,
    updated_by INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX directory_group_key ON directory_group (group_id);
CREATE UNIQUE INDEX directory_group_name ON directory_group (store_id, name);
CREATE UNIQUE INDEX directory_group_external ON directory_group (store_id, external);
CREATE INDEX directory_group_store ON directory_group (store_id, group_id);

CREATE TABLE membership (
    id INTEGER PRIMARY KEY,
    membership_id BLOB NOT NULL,
    store_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    created_by INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX membership_key ON membership (membership_id);
CREATE UNIQUE INDEX membership_pair ON membership (group_id, user_id);
CREATE UNIQUE INDEX membership_reverse ON membership (user_id, group_id);

CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    arn INTEGER NOT NULL,
    owner TEXT NOT NULL,
    portal TEXT NOT NULL,
    identity_store_id INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX instance_key ON instance (arn);
CREATE UNIQUE INDEX instance_owner ON instance (owner);
CREATE UNIQUE INDEX instance_portal ON instance (portal);
CREATE UNIQUE INDEX instance_identity_store ON instance (identity_store_id);

CREATE TABLE portal_logo (
    id INTEGER PRIMARY KEY,
    instance_arn TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX portal_logo_key ON portal_logo (instance_arn);

CREATE TABLE permission_set (
    id INTEGER PRIMARY KEY,
    arn TEXT NOT NULL,
    instance_arn TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX permission_set_key ON permission_set (arn);
CREATE UNIQUE INDEX permission_set_name ON permission_set (instance_arn, name);
CREATE INDEX permission_set_instance ON permission_set (instance_arn, arn);

CREATE TABLE permission_set_version (
    id INTEGER PRIMARY KEY,
    set_arn TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX permission_set_version_key ON permission_set_version (set_arn, number);

CREATE TABLE assignment (
    id INTEGER PRIMARY KEY,
    instance_arn INTEGER NOT NULL,
    set_arn INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    principal_type INTEGER NOT NULL,
    principal_id INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX assignment_key ON assignment (set_arn, account_id, principal_type, principal_id);
CREATE INDEX assignment_principal ON assignment (instance_arn, principal_type, principal_id, set_arn, account_id);

CREATE TABLE provisioned (
    id INTEGER PRIMARY KEY,
    instance_arn INTEGER NOT NULL,
    set_arn INTEGER NOT NULL,
    set_name INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    region INTEGER NOT NULL,
    description INTEGER NOT NULL,
    role INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX provisioned_key ON provisioned (set_arn, account_id);
CREATE INDEX provisioned_account ON provisioned (account_id, instance_arn, set_arn);
CREATE INDEX provisioned_role ON provisioned (role);

CREATE TABLE permission_status (
    id INTEGER PRIMARY KEY,
    instance_arn INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    recent INTEGER NOT NULL,
    request_id BLOB NOT NULL,
    set_arn INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    principal_type INTEGER NOT NULL,
    principal_id INTEGER NOT NULL,
    state TEXT,
    expires_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX permission_status_key ON permission_status (instance_arn, kind, recent, request_id);
CREATE UNIQUE INDEX permission_status_request ON permission_status (request_id);
CREATE INDEX permission_status_state ON permission_status (state, instance_arn, kind, recent, request_id) WHERE state IS NOT NULL;
CREATE INDEX permission_status_expiry ON permission_status (expires_at);

CREATE TABLE iam_user (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX iam_user_key ON iam_user (user_id);
CREATE UNIQUE INDEX iam_user_name ON iam_user (account_id, name);

CREATE TABLE access_key (
    id INTEGER PRIMARY KEY,
    key_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX access_key_key ON access_key (key_id);
CREATE INDEX access_key_user ON access_key (user_id, key_id);
CREATE INDEX access_key_account ON access_key (account_id, key_id);

CREATE TABLE role (
    id INTEGER PRIMARY KEY,
    role_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX role_key ON role (role_id);
CREATE UNIQUE INDEX role_name ON role (account_id, name);

CREATE TABLE managed_policy (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX managed_policy_key ON managed_policy (account_id, name);
CREATE UNIQUE INDEX managed_policy_id ON managed_policy (policy_id);

CREATE TABLE iam_group (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    group_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX iam_group_key ON iam_group (account_id, name);
CREATE UNIQUE INDEX iam_group_id ON iam_group (group_id);

CREATE TABLE iam_membership (
    id INTEGER PRIMARY KEY,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX iam_membership_key ON iam_membership (group_id, user_id);
CREATE INDEX iam_membership_user ON iam_membership (user_id, group_id);

CREATE TABLE account_alias (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_alias_key ON account_alias (name);
CREATE UNIQUE INDEX account_alias_account ON account_alias (account_id);

CREATE TABLE login (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX login_key ON login (owner);

CREATE TABLE password_policy (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX password_policy_key ON password_policy (account_id);

CREATE TABLE virtual_mfa_device (
    id INTEGER PRIMARY KEY,
    serial TEXT NOT NULL,
    account_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX virtual_mfa_device_key ON virtual_mfa_device (serial);
CREATE INDEX virtual_mfa_device_account ON virtual_mfa_device (account_id, serial);
CREATE INDEX virtual_mfa_device_owner ON virtual_mfa_device (owner, serial);

CREATE TABLE last_use (
    id INTEGER PRIMARY KEY,
    subject_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX last_use_key ON last_use (subject_id);

CREATE TABLE portal_session (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    secret_hash TEXT,
    user_id TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX portal_session_key ON portal_session (session_id);
CREATE UNIQUE INDEX portal_session_secret ON portal_session (secret_hash);
CREATE INDEX portal_session_user ON portal_session (user_id, session_id);
CREATE INDEX portal_session_expiry ON portal_session (expires_at);

CREATE TABLE shelf (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX shelf_key ON shelf (user_id);

CREATE TABLE factor (
    id INTEGER PRIMARY KEY,
    factor_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    account_id TEXT NOT NULL,
    credential TEXT,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX factor_key ON factor (factor_id);
CREATE UNIQUE INDEX factor_credential ON factor (credential);
CREATE INDEX factor_owner ON factor (owner, factor_id);
CREATE INDEX factor_account ON factor (account_id, factor_id);

CREATE TABLE factor_holder (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    handle TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX factor_holder_key ON factor_holder (owner);
CREATE UNIQUE INDEX factor_holder_handle ON factor_holder (handle);

CREATE TABLE sign_in_policy (
    id INTEGER PRIMARY KEY,
    instance_arn TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_in_policy_key ON sign_in_policy (instance_arn);

CREATE TABLE sign_in_attempt (
    id INTEGER PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_in_attempt_key ON sign_in_attempt (secret_hash);
CREATE INDEX sign_in_attempt_expiry ON sign_in_attempt (expires_at);

CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    code_hash TEXT NOT NULL,
    user_code TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_key ON device (code_hash);
CREATE UNIQUE INDEX device_user_code ON device (user_code);
CREATE INDEX device_expiry ON device (expires_at);

CREATE TABLE authorization_code (
    id INTEGER PRIMARY KEY,
    code_hash TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX authorization_code_key ON authorization_code (code_hash);
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);

CREATE TABLE token_family (
    id INTEGER PRIMARY KEY,
    family_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX token_family_key ON token_family (family_id);
CREATE INDEX token_family_session ON token_family (session_id, family_id);
CREATE INDEX token_family_expiry ON token_family (expires_at);

CREATE TABLE link (
    id INTEGER PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX link_key ON link (secret_hash);
CREATE INDEX link_owner ON link (owner, secret_hash);
CREATE INDEX link_expiry ON link (expires_at);

CREATE TABLE mail_settings (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_settings_key ON mail_settings (name);

CREATE TABLE mail_outbox (
    id INTEGER PRIMARY KEY,
    mail_id TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_outbox_key ON mail_outbox (mail_id);
CREATE UNIQUE INDEX mail_outbox_due ON mail_outbox (due_at, mail_id);

CREATE TABLE setting (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX setting_key ON setting (name);

CREATE TABLE authority (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX authority_key ON authority (name);

CREATE TABLE setup (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX setup_key ON setup (name);

CREATE TABLE wrapped_key (
    id INTEGER PRIMARY KEY,
    name INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX wrapped_key_key ON wrapped_key (name);

CREATE TABLE client_token (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX client_token_key ON client_token (account_id, operation, token);
CREATE INDEX client_token_expiry ON client_token (expires_at);

CREATE TABLE audit_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_event_at ON audit_event (at);

CREATE TABLE audit_pending (
    event_id INTEGER PRIMARY KEY REFERENCES audit_event (id)
) STRICT;

CREATE TABLE audit_chain (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES audit_event (id),
    link BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_chain_event ON audit_chain (event_id);

CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tbl TEXT NOT NULL,
    row_key TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX change_at ON change (at);

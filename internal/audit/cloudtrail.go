package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// trailVersion is the version of CloudTrail's record format that trailRecord follows.
const trailVersion = "1.11"

// trailRecord is a CloudTrail record. See "CloudTrail record contents for management, data, and network activity
// events" and "CloudTrail userIdentity element" in the CloudTrail User Guide.
type trailRecord struct {
	EventVersion        string            `json:"eventVersion"`
	UserIdentity        trailIdentity     `json:"userIdentity"`
	EventTime           string            `json:"eventTime"`
	EventSource         string            `json:"eventSource"`
	EventName           string            `json:"eventName"`
	AWSRegion           string            `json:"awsRegion"`
	SourceIPAddress     string            `json:"sourceIPAddress"`
	UserAgent           string            `json:"userAgent,omitempty"`
	ErrorCode           string            `json:"errorCode,omitempty"`
	ErrorMessage        string            `json:"errorMessage,omitempty"`
	RequestParameters   json.RawMessage   `json:"requestParameters"`
	ResponseElements    json.RawMessage   `json:"responseElements"`
	AdditionalEventData json.RawMessage   `json:"additionalEventData,omitempty"`
	RequestID           string            `json:"requestID,omitempty"`
	EventID             string            `json:"eventID"`
	ReadOnly            bool              `json:"readOnly"`
	Resources           []trailResource   `json:"resources,omitempty"`
	EventType           string            `json:"eventType"`
	ManagementEvent     bool              `json:"managementEvent"`
	RecipientAccountID  ident.AccountID   `json:"recipientAccountId"`
	ServiceEventDetails map[string]string `json:"serviceEventDetails,omitempty"`
	EventCategory       string            `json:"eventCategory"`
}

type trailIdentity struct {
	Type           string           `json:"type"`
	PrincipalID    string           `json:"principalId,omitempty"`
	ARN            string           `json:"arn,omitempty"`
	AccountID      ident.AccountID  `json:"accountId,omitempty"`
	AccessKeyID    string           `json:"accessKeyId,omitempty"`
	UserName       string           `json:"userName,omitempty"`
	SessionContext *trailSession    `json:"sessionContext,omitempty"`
	InvokedBy      string           `json:"invokedBy,omitempty"`
	OnBehalfOf     *trailOnBehalfOf `json:"onBehalfOf,omitempty"`
	CredentialID   string           `json:"credentialId,omitempty"`
}

type trailSession struct {
	SessionIssuer  *trailIssuer    `json:"sessionIssuer,omitempty"`
	Attributes     trailAttributes `json:"attributes"`
	SourceIdentity string          `json:"sourceIdentity,omitempty"`
}

type trailIssuer struct {
	Type        string          `json:"type"`
	PrincipalID string          `json:"principalId"`
	ARN         string          `json:"arn"`
	AccountID   ident.AccountID `json:"accountId"`
	UserName    string          `json:"userName,omitempty"`
}

// trailAttributes has its flag in quotes, as CloudTrail does.
type trailAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

type trailOnBehalfOf struct {
	UserID           string `json:"userId"`
	IdentityStoreARN string `json:"identityStoreArn"`
}

type trailResource struct {
	ARN       string          `json:"ARN"`
	AccountID ident.AccountID `json:"accountId,omitempty"`
}

// CloudTrail returns e as a CloudTrail record. What the decision was made of has no place there and is left out.
func (e *Event) CloudTrail() ([]byte, error) {
	r := trailRecord{
		EventVersion: trailVersion, UserIdentity: e.Principal.trail(), EventTime: trailTime(e.Time), EventSource: e.source(),
		EventName: e.Operation, AWSRegion: e.Region, SourceIPAddress: e.SourceIP, UserAgent: e.UserAgent,
		ErrorCode: e.ErrorCode, ErrorMessage: e.ErrorMessage, RequestParameters: e.Parameters, ResponseElements: e.Response,
		AdditionalEventData: e.Details, RequestID: e.RequestID, EventID: e.ID, ReadOnly: e.readOnly(), EventType: "AwsApiCall",
		ManagementEvent: true, RecipientAccountID: e.Account, EventCategory: "Management",
	}
	for _, arn := range e.Resources {
		a, err := ident.ParseARN(arn)
		if err != nil {
			continue // "*" and patterns name no resource
		}
		r.Resources = append(r.Resources, trailResource{ARN: arn, AccountID: a.Account})
	}
	if e.Kind == SignIn || e.Kind == ServiceEvent {
		r.EventType = "AwsServiceEvent"
	}
	if e.Kind == SignIn {
		outcome := "Success"
		if e.ErrorCode != "" {
			outcome = "Failure"
		}
		r.ServiceEventDetails = map[string]string{e.Operation: outcome}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("audit event %s as a CloudTrail record: %w", e.ID, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// source is the event source: the service with AWS's domain, unless it has a domain of its own.
func (e *Event) source() string {
	if strings.Contains(e.Service, ".") {
		return e.Service
	}
	return e.Service + ".amazonaws.com"
}

// readOnly reports whether the operation changes nothing; of a denied one only its name tells.
func (e *Event) readOnly() bool {
	switch e.Kind {
	case Read, Vend:
		return true
	case Denial:
		for _, verb := range []string{"Get", "List", "Describe", "Lookup", "Assume", "Simulate", "IsMember", "Search"} {
			if strings.HasPrefix(e.Operation, verb) {
				return true
			}
		}
	}
	return false
}

// trail returns p as a userIdentity element.
func (p *Principal) trail() trailIdentity {
	id := trailIdentity{
		Type: p.Type, PrincipalID: p.ID, ARN: p.ARN, AccountID: p.Account, AccessKeyID: p.AccessKeyID,
		UserName: p.UserName, InvokedBy: p.InvokedBy, CredentialID: p.CredentialID,
	}
	if id.Type == "" {
		id.Type = "Unknown"
	}
	if p.SessionIssued != 0 {
		id.SessionContext = &trailSession{
			SourceIdentity: p.SourceIdentity,
			Attributes: trailAttributes{
				CreationDate:     trailTime(time.UnixMilli(p.SessionIssued)),
				MFAAuthenticated: strconv.FormatBool(p.MFA),
			},
		}
		if p.IssuerType != "" {
			id.SessionContext.SessionIssuer = &trailIssuer{
				Type: p.IssuerType, PrincipalID: p.IssuerID, ARN: p.IssuerARN, AccountID: p.Account, UserName: p.IssuerName,
			}
		}
	}
	if p.UserID != "" && p.IdentityStoreARN != "" {
		id.OnBehalfOf = &trailOnBehalfOf{UserID: p.UserID, IdentityStoreARN: p.IdentityStoreARN}
	}
	return id
}

// trailTime writes a time as CloudTrail does, without fractions.
func trailTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

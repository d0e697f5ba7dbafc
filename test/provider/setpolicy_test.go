package provider

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// assigned makes a permission set that a group has in the management account, so that there is a role to provision.
func assigned(t *testing.T) (p *provider, arn string) {
	t.Helper()
	p = organized(t)
	arn, err := p.createSet(t, permissionSet{Name: "Operator"})
	if err != nil {
		t.Fatal(err)
	}
	a := assignment{p.group(t, "Operators"), types.PrincipalTypeGroup, management, arn}
	if _, err := p.assign(t, a); err != nil {
		t.Fatal(err)
	}
	return p, arn
}

// group makes a group of the identity store.
func (p *provider) group(t *testing.T, name string) string {
	t.Helper()
	out, err := p.identitystore.CreateGroup(t.Context(), &identitystore.CreateGroupInput{IdentityStoreId: p.store, DisplayName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return *out.GroupId
}

func TestManagedPolicyAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	read := func(arn string) (string, error) {
		list, err := all(t.Context(), sdk.NewListManagedPoliciesInPermissionSetPaginator(p.ssoadmin, &sdk.ListManagedPoliciesInPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set}),
			func(o *sdk.ListManagedPoliciesInPermissionSetOutput) []types.AttachedManagedPolicy {
				return o.AttachedManagedPolicies
			})
		found, err := single(where(list, gone[*types.ResourceNotFoundException](err), func(a types.AttachedManagedPolicy) bool { return *a.Arn == arn }))
		return aws.ToString(found.Name), err
	}
	resource[string]{
		create: func() (string, error) {
			if _, err := read(powerUser); !errors.Is(err, errGone) {
				return "", errors.Join(errors.New("attached already"), err)
			}
			_, err := p.ssoadmin.AttachManagedPolicyToPermissionSet(t.Context(), &sdk.AttachManagedPolicyToPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, ManagedPolicyArn: aws.String(powerUser)})
			return powerUser, errors.Join(err, p.provisionSet(t, set))
		},
		read: read,
		want: "PowerUserAccess",
		delete: func(arn string) error {
			_, err := p.ssoadmin.DetachManagedPolicyFromPermissionSet(t.Context(), &sdk.DetachManagedPolicyFromPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, ManagedPolicyArn: &arn})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestCustomerManagedPolicyAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	if _, err := p.createPolicy(t, iamPolicy{Name: "Shop", Path: "/apps/", Document: allow("s3:*")}); err != nil {
		t.Fatal(err)
	}
	type reference struct{ Name, Path string }
	sent := &types.CustomerManagedPolicyReference{Name: aws.String("Shop"), Path: aws.String("/apps/")}
	resource[reference]{
		create: func() (string, error) {
			_, err := p.ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSet(t.Context(), &sdk.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, CustomerManagedPolicyReference: sent})
			return set, errors.Join(err, p.provisionSet(t, set))
		},
		read: func(set string) (reference, error) {
			list, err := all(t.Context(), sdk.NewListCustomerManagedPolicyReferencesInPermissionSetPaginator(p.ssoadmin, &sdk.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set}),
				func(o *sdk.ListCustomerManagedPolicyReferencesInPermissionSetOutput) []types.CustomerManagedPolicyReference {
					return o.CustomerManagedPolicyReferences
				})
			found, err := single(where(list, gone[*types.ResourceNotFoundException](err), func(r types.CustomerManagedPolicyReference) bool {
				return *r.Name == *sent.Name && aws.ToString(r.Path) == *sent.Path
			}))
			return reference{aws.ToString(found.Name), aws.ToString(found.Path)}, err
		},
		want: reference{"Shop", "/apps/"},
		delete: func(set string) error {
			_, err := p.ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSet(t.Context(), &sdk.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
				InstanceArn: p.instance, PermissionSetArn: &set, CustomerManagedPolicyReference: sent})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestPermissionSetInlinePolicy(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	one, two := allow("s3:*"), allow("ec2:*")
	put := func(document string) error {
		_, err := p.ssoadmin.PutInlinePolicyToPermissionSet(t.Context(), &sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, InlinePolicy: &document})
		return errors.Join(err, p.provisionSet(t, set))
	}
	resource[any]{
		create: func() (string, error) { return set, put(one) },
		read: func(set string) (any, error) {
			out, err := p.ssoadmin.GetInlinePolicyForPermissionSet(t.Context(), &sdk.GetInlinePolicyForPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
			if err != nil {
				return nil, gone[*types.ResourceNotFoundException](err)
			}
			if aws.ToString(out.InlinePolicy) == "" {
				return nil, errGone
			}
			return policy(out.InlinePolicy), nil
		},
		want:    policy(&one),
		changes: []change[any]{{name: "inline_policy", want: policy(&two), apply: func(string) error { return put(two) }}},
		delete: func(set string) error {
			_, err := p.ssoadmin.DeleteInlinePolicyFromPermissionSet(t.Context(), &sdk.DeleteInlinePolicyFromPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
			return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
		},
	}.live(t)
}

func TestPermissionsBoundaryAttachment(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	if _, err := p.createPolicy(t, iamPolicy{Name: "Fence", Path: "/", Document: allow("s3:*")}); err != nil {
		t.Fatal(err)
	}
	for name, sent := range map[string]*types.PermissionsBoundary{
		"a policy of AWS":        {ManagedPolicyArn: aws.String(readOnly)},
		"a policy of an account": {CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: aws.String("Fence"), Path: aws.String("/")}},
	} {
		t.Run(name, func(t *testing.T) {
			type boundary struct{ ARN, Name, Path string }
			flat := func(b *types.PermissionsBoundary) boundary {
				if r := b.CustomerManagedPolicyReference; r != nil {
					return boundary{aws.ToString(b.ManagedPolicyArn), aws.ToString(r.Name), aws.ToString(r.Path)}
				}
				return boundary{ARN: aws.ToString(b.ManagedPolicyArn)}
			}
			resource[boundary]{
				create: func() (string, error) {
					_, err := p.ssoadmin.PutPermissionsBoundaryToPermissionSet(t.Context(), &sdk.PutPermissionsBoundaryToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, PermissionsBoundary: sent})
					return set, errors.Join(err, p.provisionSet(t, set))
				},
				read: func(set string) (boundary, error) {
					out, err := p.ssoadmin.GetPermissionsBoundaryForPermissionSet(t.Context(), &sdk.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
					if err != nil {
						return boundary{}, gone[*types.ResourceNotFoundException](err)
					}
					if out.PermissionsBoundary == nil {
						return boundary{}, errGone
					}
					return flat(out.PermissionsBoundary), nil
				},
				want: flat(sent),
				delete: func(set string) error {
					_, err := p.ssoadmin.DeletePermissionsBoundaryFromPermissionSet(t.Context(), &sdk.DeletePermissionsBoundaryFromPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set})
					return errors.Join(goneIsFine[*types.ResourceNotFoundException](err), p.provisionSet(t, set))
				},
			}.live(t)
		})
	}
}

// TestAttachmentsAtOnce is how Terraform applies what does not depend on each other: every attachment provisions the set
// for itself, and at the end the role has them all.
func TestAttachmentsAtOnce(t *testing.T) {
	t.Parallel()
	p, set := assigned(t)
	want := []string{powerUser, readOnly, "arn:aws:iam::aws:policy/IAMReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit",
		"arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/job-function/Billing"}
	slices.Sort(want)
	var wg sync.WaitGroup
	for _, arn := range want {
		wg.Go(func() {
			_, err := p.ssoadmin.AttachManagedPolicyToPermissionSet(t.Context(), &sdk.AttachManagedPolicyToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, ManagedPolicyArn: &arn})
			if err := errors.Join(err, p.provisionSet(t, set)); err != nil {
				t.Errorf("%s: %v", arn, err)
			}
		})
	}
	wg.Go(func() {
		_, err := p.ssoadmin.PutInlinePolicyToPermissionSet(t.Context(), &sdk.PutInlinePolicyToPermissionSetInput{InstanceArn: p.instance, PermissionSetArn: &set, InlinePolicy: aws.String(allow("s3:*"))})
		if err := errors.Join(err, p.provisionSet(t, set)); err != nil {
			t.Error("inline policy:", err)
		}
	})
	wg.Wait()
	roles, err := all(t.Context(), iam.NewListRolesPaginator(p.iam, &iam.ListRolesInput{PathPrefix: aws.String("/aws-reserved/")}), func(o *iam.ListRolesOutput) []iamtypes.Role { return o.Roles })
	role, err := single(roles, err)
	if err != nil {
		t.Fatal(err)
	}
	attached, err := p.attachedToRole(t, *role.RoleName)
	if got := each(attached, func(a iamtypes.AttachedPolicy) string { return *a.PolicyArn }); err != nil || !slices.Equal(got, want) {
		t.Errorf("the role has %v, %v", got, err)
	}
	if inline, err := p.inlineOfRole(t, *role.RoleName); err != nil || len(inline) != 1 {
		t.Errorf("the role has the inline policies %v, %v", inline, err)
	}
}

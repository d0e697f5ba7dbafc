package wire

import (
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

//go:generate go run ./gen -out operations_gen.go

// Protocol is how the calls of a service are written.
type Protocol uint8

// The protocols.
const (
	AWSJSON  Protocol = iota + 1 // AWS JSON 1.1: POST /, the operation in X-Amz-Target
	AWSQuery                     // AWS query: a form with Action and Version, answers in XML
	RESTJSON                     // restJson1: method and path name the operation

	// The protocols of services that Gatehouse does not run, and only decides for.
	EC2Query  // EC2 query: as AWSQuery, with errors of its own shape
	RESTXML   // restXml: as RESTJSON, in XML
	S3XML     // Amazon S3's restXml, with errors of its own shape
	RPCV2CBOR // Smithy RPC v2 CBOR: the path names the operation
)

// String returns Smithy's name of the protocol.
func (p Protocol) String() string {
	switch p {
	case AWSJSON:
		return "awsJson1_1"
	case AWSQuery:
		return "awsQuery"
	case RESTJSON:
		return "restJson1"
	case EC2Query:
		return "ec2Query"
	case RESTXML, S3XML:
		return "restXml"
	case RPCV2CBOR:
		return "rpcv2Cbor"
	}
	return "unknown"
}

// Service is one API: its protocol, its names on the wire, and the operations it is known to have.
type Service struct {
	Name         string // as the AWS CLI calls it, such as "sso-admin"
	Protocol     Protocol
	TargetPrefix string // awsJson: what precedes the operation in X-Amz-Target, with its dot
	SigningName  string // the service in a SigV4 credential scope; empty when no call is signed
	Version      string // awsQuery: the value of Version
	XMLNamespace string // awsQuery: the namespace of answers
	InternalCode string // the error code of a failure that is the server's

	operations []string // sorted; nil for Gatehouse's own services, whose tables are complete
}

// services is the static table of everything that is recognised.
var services = []*Service{
	{Name: "sso-admin", Protocol: AWSJSON, TargetPrefix: "SWBExternalService.", SigningName: "sso", InternalCode: "InternalServerException", operations: ssoadminOperations},
	{Name: "identitystore", Protocol: AWSJSON, TargetPrefix: "AWSIdentityStore.", SigningName: "identitystore", InternalCode: "InternalServerException", operations: identitystoreOperations},
	{Name: "organizations", Protocol: AWSJSON, TargetPrefix: "AWSOrganizationsV20161128.", SigningName: "organizations", InternalCode: "ServiceException", operations: organizationsOperations},
	{Name: "sso", Protocol: RESTJSON, InternalCode: "InternalServerException", operations: ssoOperations},
	{Name: "sso-oidc", Protocol: RESTJSON, SigningName: "sso-oauth", InternalCode: "InternalServerException", operations: ssooidcOperations},
	{Name: "iam", Protocol: AWSQuery, SigningName: "iam", Version: "2010-05-08", XMLNamespace: "https://iam.amazonaws.com/doc/2010-05-08/", InternalCode: "ServiceFailure", operations: iamOperations},
	{Name: "sts", Protocol: AWSQuery, SigningName: "sts", Version: "2011-06-15", XMLNamespace: "https://sts.amazonaws.com/doc/2011-06-15/", InternalCode: "InternalFailure", operations: stsOperations},
	{Name: "account", Protocol: RESTJSON, SigningName: "account", InternalCode: "InternalServerException", operations: accountOperations},
	{Name: "gatehouse", Protocol: AWSJSON, TargetPrefix: "Gatehouse.", SigningName: "gatehouse", InternalCode: "InternalServerException"},
	{Name: "gatehouse-self", Protocol: AWSJSON, TargetPrefix: "GatehouseSelf.", SigningName: "gatehouse", InternalCode: "InternalServerException"},
	{Name: "gatehouse-door", Protocol: AWSJSON, TargetPrefix: "GatehouseDoor.", SigningName: "gatehouse", InternalCode: "InternalServerException"},
	{Name: "gatehouse-setup", Protocol: AWSJSON, TargetPrefix: "GatehouseSetup.", SigningName: "gatehouse", InternalCode: "InternalServerException"},
}

// Services returns all services, in a fixed order.
func Services() []*Service { return slices.Clone(services) }

// ServiceNamed returns the service of this name, or nil.
func ServiceNamed(name string) *Service {
	for _, s := range services {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Scoped reports whether signatures for one of the services have this name in their scope.
func Scoped(name string) bool {
	for _, s := range services {
		if s.SigningName == name {
			return true
		}
	}
	return false
}

// Operations returns the names of all operations that AWS's model of the service has, sorted. It is empty for
// Gatehouse's own services: what they have is what their tables hold.
func (s *Service) Operations() []string { return slices.Clone(s.operations) }

// Knows reports whether the service is known to have the operation. Gatehouse's own services leave it to their tables.
func (s *Service) Knows(operation string) bool {
	if s.operations == nil {
		return isName(operation)
	}
	_, found := slices.BinarySearch(s.operations, operation)
	return found
}

// unknownOperation is the fault for an operation that the service does not have. s may be nil.
func (s *Service) unknownOperation(p Protocol, operation, version string) *fault.Fault {
	if p == AWSQuery {
		if version == "" {
			version = "NO_VERSION_SPECIFIED"
		}
		return fault.New(fault.Invalid, "InvalidAction", "Could not find operation %s for version %s", clip(operation), clip(version))
	}
	return fault.New(fault.Invalid, "UnknownOperationException", "The operation %q is not known here.", clip(operation))
}

// NotBuilt is the fault for an operation that AWS has and Gatehouse does not have yet.
func (s *Service) NotBuilt(operation string) *fault.Fault {
	code := "NotImplementedException"
	if s.Protocol == AWSQuery {
		code = "NotImplemented"
	}
	return fault.New(fault.NotBuilt, code, "Gatehouse does not implement %s:%s yet.", s.Name, operation)
}

// isName reports whether s could be the name of an operation: it goes into logs and audit records.
func isName(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

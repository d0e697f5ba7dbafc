package admin

// ContextKey is a condition key that a question gives. A key that is not given is unknown.
type ContextKey struct {
	Key    string
	Values []string
	List   bool // the key is multi-valued, as aws:TagKeys is
}

// Answer is yes, no, or yes-if: then everything that one of the ways requires has to hold.
type Answer struct {
	Answer string
	Reason string // of a yes or a no
	Ways   []AnswerWay
}

// AnswerWay is what has to hold together.
type AnswerWay struct{ Requirements []AnswerRequirement }

// AnswerRequirement holds if one of the clauses does.
type AnswerRequirement struct {
	Layer string
	Level int32 // of an SCP or RCP: 0 is the root; -1 otherwise
	Text  string
	AnyOf []AnswerClause
}

// AnswerClause is what one statement asks for. For a Deny, one of the terms is enough; for an Allow, all have to hold.
type AnswerClause struct {
	PolicyArn, PolicyName, Sid, Effect string
	Statement, Line                    int32
	Text                               string
	Terms                              []AnswerTerm
}

// AnswerTerm is an element of a statement, and whether it has to hold.
type AnswerTerm struct {
	Element, Operator, Key string
	Values                 []string
	MustHold               bool
	Text                   string
}

// CanInput asks whether somebody may do something.
type CanInput struct {
	AccountId     string // the account that an operator asks for; empty for the chief one
	Who           string // a user name of the identity center; an ARN; or root, user/NAME or role/NAME
	Action        string
	Resource      string // an ARN, literally, or "*"
	Context       []ContextKey
	Account       string // only in this account, by id or name
	PermissionSet string // only with this permission set, by name
	MaxResults    *int32
	NextToken     *string
}

// CanOutput has an answer for each role that a person has, in the order of accounts, and one for anybody else.
type CanOutput struct {
	Answers   []CanAnswer
	NextToken *string
}

// CanAnswer is the answer for one principal.
type CanAnswer struct {
	AccountId, AccountName, PermissionSet, PrincipalArn string
	Answer                                              Answer
}

// WhoCanInput asks who may do something.
type WhoCanInput struct {
	AccountId  string // the account that an operator asks for; empty for the chief one
	Action     string
	Resource   string // an ARN, literally, or "*"
	Context    []ContextKey
	Account    string // only in this account, by id or name
	MaxResults *int32
	NextToken  *string
}

// WhoCanOutput is a page of those who can: first groups and people who have something by name, then root users, IAM users
// and roles. Who cannot is left out.
type WhoCanOutput struct {
	Answers   []Answer // of this page, by their places in it
	Holders   []WhoCanHolder
	Actors    []WhoCanActor
	Accounts  []AccountName // those asked about; on the first page only
	NextToken *string
}

// AccountName is how an account is called.
type AccountName struct{ AccountId, AccountName string }

// WhoCanHolder is a group with its members, or a person who has been given something by name.
type WhoCanHolder struct {
	Group, GroupId string
	Members        []string // user names
	User, UserId   string
	Access         []WhoCanAccess
}

// WhoCanAccess is permission sets in accounts, all with one answer.
type WhoCanAccess struct {
	PermissionSets []string
	Accounts       []string
	Answer         int32 // its place in Answers
}

// WhoCanActor is a root user, an IAM user, or a role that is no permission set's.
type WhoCanActor struct {
	Kind, Arn, AccountId string
	Answer               int32 // its place in Answers
}

// WhatCanInput asks what somebody may do.
type WhatCanInput struct {
	AccountId     string // the account that an operator asks for; empty for the chief one
	Who           string // as in CanInput
	Context       []ContextKey
	Account       string // only in this account, by id or name
	PermissionSet string // only with this permission set, by name
	MaxResults    *int32
	NextToken     *string
}

// WhatCanOutput sums up each role that a person has, in the order of accounts, or anybody else.
type WhatCanOutput struct {
	Roles     []WhatCanRole
	NextToken *string
}

// WhatCanRole is what a principal may do in its own account: the services of which it may do something.
type WhatCanRole struct {
	AccountId, AccountName, PermissionSet, PrincipalArn string
	ByName                                              bool     // the person has been given the role by name
	Groups                                              []string // through which the person has it
	Services                                            []WhatCanService
}

// WhatCanService is the access to a service: full is every action, on every resource and without conditions; read is
// nothing that changes anything; limited is everything else.
type WhatCanService struct {
	Service, Access string
	Reads, Changes  ActionCount
}

// ActionCount counts actions: those that are allowed whatever the resource, those that are allowed on some resources or
// under conditions, and all there are.
type ActionCount struct{ Yes, YesIf, All int32 }

package policy

import (
	"fmt"
	"testing"
)

// TestConditionOperators walks through the operators; session policies take values that stored policies refuse.
func TestConditionOperators(t *testing.T) {
	t.Parallel()
	const absent = "(absent)"
	for _, c := range []struct {
		operator, values, request string
		want                      bool
	}{
		{"StringEquals", `"a"`, "a", true},
		{"StringEquals", `"a"`, "A", false},
		{"StringEquals", `"a*"`, "ab", false},
		{"StringEquals", `["b","a"]`, "a", true},
		{"StringEquals", `"a"`, absent, false},
		{"StringEqualsIfExists", `"a"`, absent, true},
		{"StringNotEquals", `"a"`, absent, true},
		{"StringNotEquals", `["a","b"]`, "b", false},
		{"StringEquals", `"${aws:username}"`, "u", true},
		{"StringNotEquals", `"${none}"`, "u", true},
		{"StringLike", `"${none, 'u*'}"`, "u*", true},
		{"StringLike", `"${none, 'u*'}"`, "ux", false},
		{"StringLike", `"a?c*"`, "abcd", true},
		{"StringLike", `"a${*}"`, "ab", false},
		{"StringEqualsIgnoreCase", `"ΟΣ"`, "ος", true},
		{"StringEqualsIgnoreCase", `"ΟΣ"`, "οσ", false},
		{"StringEqualsIgnoreCase", `"K"`, "\u212a", true},
		{"StringEqualsIgnoreCase", `"s"`, "ſ", false},
		{"StringNotEqualsIgnoreCase", `"PROD"`, "prod", false},
		{"NumericEquals", `9007199254740993`, "9007199254740992", false},
		{"NumericEquals", `"01"`, "1.0e0", true},
		{"NumericEquals", `"-0"`, "0", true},
		{"NumericLessThan", `"10"`, "9", true},
		{"NumericLessThan", `"-10"`, "-11", true},
		{"NumericGreaterThanEquals", `"0.10"`, ".1", true},
		{"NumericNotEquals", `"1"`, "NaN", true},
		{"NumericLessThanEquals", `"NaN"`, "1", false},
		{"DateEquals", `"2030-01-01T00:00:00Z"`, "1893456000", true},
		{"DateEquals", `"2030-01-01"`, "+1893456000", true},
		{"DateEquals", `"2030-01-01T00:00:00.1231Z"`, "2030-01-01T00:00:00.1239Z", true},
		{"DateLessThan", `"2030-01-01T00:00:00Z"`, "2029-12-31T23:59:59+01:00", true},
		{"DateNotEquals", `"2030-01-01"`, "yesterday", true},
		{"Bool", `true`, "TRUE", true},
		{"Bool", `"false"`, "yes", true},
		{"BoolIfExists", `"true"`, absent, true},
		{"Null", `"TRUE"`, absent, true},
		{"Null", `"true"`, "", false},
		{"Null", `"false"`, "", true},
		{"BinaryEquals", `"YQ=="`, "YQ==", true},
		{"BinaryEquals", `"YQ=="`, "YR==", false},
		{"IpAddress", `"192.0.2.77/24"`, "192.0.2.1", true},
		{"IpAddress", `"0.0.0.0/0"`, "2001:db8::1", false},
		{"IpAddress", `"::/0"`, "::ffff:192.0.2.1", false},
		{"IpAddress", `"2001:db8::/+32"`, "2001:db8::1", true},
		{"NotIpAddress", `"192.0.2.0/24"`, "198.51.100.1", true},
		{"NotIpAddress", `"192.0.2.0/24"`, "192.0.2.1/32", false},
		{"ArnLike", `"arn:aws:iam::*:role/*"`, "arn:aws:iam::111111111111:role/a:b", true},
		{"ArnEquals", `"arn:aws:*:role/a"`, "arn:aws:iam::111111111111:role/a", false},
		{"ArnNotLike", `"arn:aws:iam::*:role/*"`, "no-arn", false},
		{"ArnNotLike", `["arn:aws:iam::*:role/*","no-arn"]`, "arn:aws:iam::111111111111:user/a", false},
		{"ForAllValues:StringEquals", `"a"`, absent, true},
		{"ForAnyValue:StringNotEquals", `"a"`, absent, false},
		{"ForAnyValue:StringEquals", `"a"`, "a", true},
	} {
		doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{%q:{"K":%s}}}}`, c.operator, c.values)
		r := request(user, "iam:GetUser", user.ARN)
		r.Context.Set("aws:username", "u")
		if c.request != absent {
			r.Context.Set("k", c.request)
		}
		l := &Layers{Identity: list(t, Session, doc)}
		if got := Decide(r, l).Allowed; got != c.want {
			t.Errorf("%s %s with %q: %v, want %v", c.operator, c.values, c.request, got, c.want)
		}
	}
}

func TestSetsOfValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		operator string
		request  []string
		want     bool
	}{
		{"ForAllValues:StringEquals", []string{"a", "b"}, true},
		{"ForAllValues:StringEquals", []string{"a", "c"}, false},
		{"ForAllValues:StringEquals", []string{}, true},
		{"ForAllValues:StringEquals", []string{""}, false},
		{"ForAllValues:StringNotEquals", []string{"c"}, true},
		{"ForAllValues:StringNotEquals", []string{"c", "a"}, false},
		{"ForAnyValue:StringEquals", []string{"c", "b"}, true},
		{"ForAnyValue:StringEquals", []string{}, false},
		{"ForAnyValue:StringNotEquals", []string{"a", "c"}, true},
		{"StringEquals", []string{"a"}, false},
		{"StringNotEquals", []string{"c"}, false},
		{"StringEqualsIfExists", []string{"a"}, false},
	} {
		doc := fmt.Sprintf(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{%q:{"aws:TagKeys":["a","b"]}}}}`, c.operator)
		r := request(user, "iam:GetUser", user.ARN)
		r.Context.SetList("aws:tagkeys", c.request)
		if got := Decide(r, &Layers{Identity: list(t, Identity, doc)}).Allowed; got != c.want {
			t.Errorf("%s with %q: %v, want %v", c.operator, c.request, got, c.want)
		}
	}
}

// TestWhatCannotBeComparedFailsClosed: a pattern that is no ARN neither allows nor lets a Deny pass.
func TestWhatCannotBeComparedFailsClosed(t *testing.T) {
	t.Parallel()
	for _, operator := range []string{"ArnLike", "ArnNotLike"} {
		doc := fmt.Sprintf(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{%q:{"k":"no-arn"}}}]}`, operator)
		r := request(user, "iam:GetUser", user.ARN)
		r.Context.Set("k", user.ARN)
		if d := Decide(r, &Layers{Identity: list(t, Session, doc)}); !d.Explicit {
			t.Errorf("%s: %s, want an explicit denial", operator, sentence(d))
		}
	}
}

func TestContextKeysIgnoreCase(t *testing.T) {
	t.Parallel()
	c := NewContext()
	c.Set("aws:RequestTag/Team", "a")
	c.Set("AWS:requesttag/TEAM", "b")
	c.SetList("aws:TagKeys", nil)
	if v, multi, ok := c.Get("aws:requestTag/team"); !ok || multi || len(v) != 1 || v[0] != "b" {
		t.Errorf("Get = %q, %v, %v", v, multi, ok)
	}
	if v, multi, ok := c.Get("AWS:TAGKEYS"); !ok || !multi || len(v) != 0 {
		t.Errorf("Get = %q, %v, %v", v, multi, ok)
	}
	if len(c.Keys()) != 2 {
		t.Errorf("Keys = %q", c.Keys())
	}
}

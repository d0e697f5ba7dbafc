package policy

import (
	"strings"
	"testing"
)

func TestPrincipalsAreRenamedWhereTheyStand(t *testing.T) {
	t.Parallel()
	ids := map[string]string{"arn:aws:iam::111111111111:role/r": "AROAX", "arn:aws:iam::111111111111:user/u": "AIDAX"}
	rename := func(s string) string {
		if id, ok := ids[s]; ok {
			return id
		}
		return s
	}
	for document, want := range map[string]string{
		`{ "Statement" : {"Effect":"Allow","Principal":{"AWS" : "arn:aws:iam::111111111111:role/r"},"Action":"sts:AssumeRole"} }`: `{ "Statement" : {"Effect":"Allow","Principal":{"AWS" : "AROAX"},"Action":"sts:AssumeRole"} }`,
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"arn:aws:iam::111111111111:role/r","AWS":["111111111111",
			"arn:aws:iam::111111111111:user/u"]},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/u"}}},
			{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:user\/u"},"Action":"sts:AssumeRole"}]}`: `{"Statement":[{"Effect":"Allow","Principal":{"Service":"arn:aws:iam::111111111111:role/r","AWS":["111111111111",
			"AIDAX"]},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/u"}}},
			{"Effect":"Deny","NotPrincipal":{"AWS":"AIDAX"},"Action":"sts:AssumeRole"}]}`,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`: `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`,
	} {
		if got, err := RenamePrincipals(document, rename); err != nil || got != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

func TestTrustPoliciesNameWhatIsInvalid(t *testing.T) {
	t.Parallel()
	for principal, want := range map[string]string{
		`{"AWS":"nobody"}`: `Invalid principal in policy: "AWS":"nobody"`,
		`{"AWS":"arn:aws:iam::111111111111:user/a*"}`:   `Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/a*"`,
		`{"Service":"ec2"}`:                             `Invalid principal in policy: "SERVICE":"ec2"`,
		`{"Service":["ec2.amazonaws.com","EC2.x.com"]}`: `Invalid principal in policy: "SERVICE":"EC2.x.com"`,
		`{"Service":["ec2.amazonaws.com","ssm.eu-west-1.amazonaws.com","delivery.logs.amazonaws.com"]}`: "",
	} {
		_, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+principal+`,"Action":"sts:AssumeRole"}]}`), Trust)
		got := ""
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), ": ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", principal, got, want)
		}
	}
}

// FuzzRenamePrincipals: whatever Parse accepts can be renamed, and back again.
func FuzzRenamePrincipals(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111111111111","AIDAX"],"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	f.Add(`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111111111111:role\/r"},"Action":"sts:AssumeRole"}}`)
	f.Fuzz(func(t *testing.T, document string) {
		d, err := Parse([]byte(document), Trust)
		if err != nil {
			return
		}
		same, err := RenamePrincipals(document, func(s string) string { return s })
		if err != nil || same != document {
			t.Fatalf("got %q, %v", same, err)
		}
		ids, names := map[string]string{}, map[string]string{}
		for i, p := range d.Principals() {
			id := "AROA" + strings.Repeat("A", i+1)
			ids[p], names[id] = id, p
		}
		renamed, err := RenamePrincipals(document, func(s string) string { return ids[s] })
		if err != nil {
			t.Fatal(err)
		}
		back, err := RenamePrincipals(renamed, func(s string) string { return names[s] })
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse([]byte(back), Trust)
		if err != nil || again.String() != d.String() {
			t.Fatalf("%q came back as %q: %v", document, back, err)
		}
	})
}

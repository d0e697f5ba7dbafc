package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// completions are contexts that an inquiry may turn out to have: what is known, and of the rest anything.
func (d dice) completion(q *Inquiry) *Context {
	c := d.request().Context
	for _, key := range c.Keys() {
		if len(q.Absent) > 0 && key == q.Absent[0] {
			gone := NewContext()
			for i := range c.entries {
				if c.entries[i].key != key {
					gone.put(c.entries[i])
				}
			}
			c = gone
		}
	}
	if q.Context != nil {
		for i := range q.Context.entries {
			c.put(q.Context.entries[i])
		}
	}
	return c
}

// TestAnInquiryKnowsEveryCompletion: Yes, No, and the ways of a YesIf, say of every request that an inquiry may be what
// Decide says.
func TestAnInquiryKnowsEveryCompletion(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(3, 4))}
	var plain, naming []twin
	for range 400 {
		plain, naming = append(plain, d.document(t, Identity)), append(naming, d.document(t, Resource))
	}
	count := map[Certainty]int{}
	for range *stacks {
		r := d.request()
		q := &Inquiry{Request: *r}
		q.Context = NewContext()
		for i := range r.Context.entries {
			if d.IntN(3) == 0 {
				q.Context.put(r.Context.entries[i])
			}
		}
		if d.IntN(3) == 0 {
			if _, _, known := q.Context.Get("aws:username"); !known {
				q.Absent = []string{"aws:username"}
			}
		}
		l, n := d.stack(plain, naming)
		a := Inquire(q, l)
		count[a.Certainty]++
		narrowing := a.Narrow(q)
		for range 8 {
			if a.Certainty == YesIf {
				more := d.knowingMore(q)
				narrowed := narrowing.With(more.Context)
				r := more.Request
				r.Context = d.completion(more)
				if got, want := narrowed.of(&r, l), Decide(&r, l).Allowed; got != want {
					t.Fatalf("narrowed to %v (%v) where Decide says %v\n%+v", narrowed, got, want, r)
				}
			}
			r := q.Request
			r.Context = d.completion(q)
			if got, want := a.of(&r, l), Decide(&r, l).Allowed; got != want {
				stack, _ := json.Marshal(n.describe())
				t.Fatalf("%v (%v) where Decide says %v\n%+v\nknown %+v\n%+v\n%s\n%s", a.Certainty, got, want, r, q.Context.entries, r.Context.entries, stack, Explain(&r, l))
			}
		}
	}
	for _, c := range []Certainty{Yes, No, YesIf} {
		if count[c] < *stacks/50 {
			t.Errorf("only %d of %d are %v: the draws prove little", count[c], *stacks, c)
		}
	}
}

// knowingMore is an inquiry of which more is known.
func (d dice) knowingMore(q *Inquiry) *Inquiry {
	more := *q
	more.Context = NewContext()
	complete := d.completion(q)
	for i := range complete.entries {
		if _, _, known := q.Context.Get(complete.entries[i].key); known || d.IntN(2) == 0 {
			more.Context.put(complete.entries[i])
		}
	}
	return &more
}

// of is what an answer says of a request that the inquiry may be.
func (a *Answer) of(r *Request, l *Layers) bool {
	e := newEvaluation(r, l, nil)
	for _, w := range a.Ways {
		if w.holds(&e) {
			return true
		}
	}
	return a.Certainty == Yes
}

// TestAYesIfHasBothEnds: where keys are compared with plain texts only, some request that the inquiry may be is allowed, and
// some is denied.
func TestAYesIfHasBothEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		condition := func() string {
			return fmt.Sprintf(`{"Effect":%q,"Action":"*","Resource":"*","Condition":{%q:{%q:%q}}}`, rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect"),
				rapid.SampledFrom([]string{"StringEquals", "StringNotEquals", "StringNotEqualsIfExists", "ForAnyValue:StringEquals", "ForAllValues:StringNotEquals", "BoolIfExists", "Bool", "Null"}).Draw(t, "operator"),
				rapid.SampledFrom([]string{"key:one", "key:two"}).Draw(t, "key"), rapid.SampledFrom([]string{"true", "false", "a"}).Draw(t, "value"))
		}
		document := func(kind Kind) Policy {
			return compile(t, kind, []string{condition(), condition(), condition()})
		}
		l := &Layers{Identity: []Policy{document(Identity)}, SCP: [][]Policy{{document(SCP)}}}
		a := Inquire(&Inquiry{Request: *request(role, "iam:GetUser", "*")}, l)
		var some, all = false, true
		values := []*entry{nil, {value: "true"}, {value: "TRUE"}, {value: "false"}, {value: "a"}, {value: "x"}, {multi: true}}
		for _, v := range [][]string{{"true"}, {"false"}, {"a"}, {"x"}, {"true", "false"}, {"true", "a"}, {"true", "x"}, {"a", "x"}, {"a", "false"}, {"false", "x"},
			{"true", "false", "a"}, {"true", "false", "x"}, {"false", "a", "x"}, {"true", "a", "x"}, {"true", "false", "a", "x"}} {
			values = append(values, &entry{multi: true, values: v})
		}
		for n := range len(values) * len(values) {
			r := request(role, "iam:GetUser", "*")
			for i, v := range []*entry{values[n%len(values)], values[n/len(values)]} {
				if v != nil {
					e := *v
					e.key = []string{"key:one", "key:two"}[i]
					r.Context.put(e)
				}
			}
			allowed := Decide(r, l).Allowed
			some, all = some || allowed, all && allowed
		}
		want := YesIf
		if all {
			want = Yes
		} else if !some {
			want = No
		}
		if a.Certainty != want {
			t.Fatalf("%v, and every completion says %v: %+v", a.Certainty, want, a.Ways)
		}
	})
}

// TestASurveyAnswersAsEachInquiryDoes asks about many actions at once.
func TestASurveyAnswersAsEachInquiryDoes(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(7, 8))}
	var plain, naming []twin
	for range 200 {
		plain, naming = append(plain, d.document(t, Identity)), append(naming, d.document(t, Resource))
	}
	for range *stacks / 20 {
		l, _ := d.stack(plain, naming)
		q := Inquiry{Request: *d.request(), Open: d.IntN(2) == 0}
		survey := NewSurvey(&q, l)
		for _, action := range []string{"s3:GetObject", "S3:PutObject", "sqs:SendMessage", "iam:GetUser", "ec2:RunInstances", "gatehouse:Can"} {
			q.Action = action
			if got, want := survey.Certainty(action), Inquire(&q, l).Certainty; got != want {
				t.Fatalf("%s: %v in a survey, %v by itself", action, got, want)
			}
		}
	}
}

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

// errGone is what reading answers where the provider drops a resource from its state.
var errGone = errors.New("gone")

// resource is the life of one resource. State holds the attributes that the provider compares.
type resource[State any] struct {
	create  func() (id string, err error)
	read    func(id string) (State, error)
	want    State
	changes []change[State]
	delete  func(id string) error
	once    bool // the provider takes it for an error when what it deletes is gone already
}

// change is one apply of a changed configuration.
type change[State any] struct {
	name  string
	apply func(id string) error
	id    string // the resource's id from here on, where a change of name changes it
	want  State
}

// live creates, reads, changes, reads, imports, deletes and reads a resource.
func (r resource[State]) live(t *testing.T) {
	t.Helper()
	id, err := r.create()
	if err != nil {
		t.Fatal("create:", err)
	}
	r.plan(t, "after it is created", id, r.want)
	for _, c := range r.changes {
		if err := c.apply(id); err != nil {
			t.Fatalf("change %s: %v", c.name, err)
		}
		if c.id != "" {
			id = c.id
		}
		r.plan(t, "after a change of "+c.name, id, c.want)
	}
	if err := r.delete(id); err != nil {
		t.Fatal("delete:", err)
	}
	if got, err := r.read(id); !errors.Is(err, errGone) {
		t.Errorf("read after it is deleted: got %+v, %v", got, err)
	}
	if r.once {
		return
	}
	if err := r.delete(id); err != nil {
		t.Errorf("delete what somebody else has deleted: %v", err)
	}
}

// plan reads a resource twice and expects the configuration both times.
func (r resource[State]) plan(t *testing.T, when, id string, want State) {
	t.Helper()
	for range 2 {
		got, err := r.read(id)
		if err != nil {
			t.Fatalf("read %s: %v", when, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the plan %s is not empty (-configuration +state):\n%s", when, diff)
		}
	}
}

// is reports whether an error is of a type of the SDK.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// gone turns an error of a type into errGone.
func gone[E error](err error) error {
	if is[E](err) {
		return errGone
	}
	return err
}

// goneIsFine forgives an error of a type, as the provider does when it deletes.
func goneIsFine[E error](err error) error {
	if is[E](err) {
		return nil
	}
	return err
}

// await refreshes a state until it is the target; any state that is neither it nor pending is an error.
func await(target string, pending []string, refresh func() (string, error)) error {
	for range 5 {
		state, err := refresh()
		switch {
		case err != nil:
			return err
		case state == target:
			return nil
		case !slices.Contains(pending, state):
			return fmt.Errorf("unexpected state %q, wanted %q", state, target)
		}
	}
	return fmt.Errorf("the state never was %q", target)
}

// pager is a paginator of the SDK.
type pager[Out, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (*Out, error)
}

// all reads all pages of a list.
func all[Out, Options, Row any](ctx context.Context, p pager[Out, Options], rows func(*Out) []Row) ([]Row, error) {
	var list []Row
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, rows(page)...)
	}
	return list, nil
}

// single is the one row that a list has, errGone when it has none.
func single[Row any](list []Row, err error) (Row, error) {
	var row Row
	switch {
	case err != nil:
		return row, err
	case len(list) == 0:
		return row, errGone
	case len(list) > 1:
		return row, fmt.Errorf("%d rows where one is expected", len(list))
	}
	return list[0], nil
}

// where keeps the rows that match.
func where[Row any](list []Row, err error, match func(Row) bool) ([]Row, error) {
	return slices.DeleteFunc(list, func(r Row) bool { return !match(r) }), err
}

// each maps rows, sorted, for what the provider keeps as a set.
func each[Row any](list []Row, text func(Row) string) []string {
	out := []string{}
	for _, row := range list {
		out = append(out, text(row))
	}
	slices.Sort(out)
	return out
}

// tags are tags as the provider keeps them.
type tags map[string]string

// tagged turns a list of tags into a map.
func tagged[Tag any](list []Tag, pair func(Tag) (key, value *string)) tags {
	out := tags{}
	for _, tag := range list {
		key, value := pair(tag)
		out[aws.ToString(key)] = aws.ToString(value)
	}
	return out
}

// listed turns tags into a list, ordered by key.
func listed[Tag any](t tags, tag func(key, value *string) Tag) []Tag {
	var list []Tag
	for _, key := range slices.Sorted(maps.Keys(t)) {
		list = append(list, tag(aws.String(key), aws.String(t[key])))
	}
	return list
}

// policy decodes a policy document, so that documents are compared as the provider compares them: by meaning, not by
// white space or by the order of members.
func policy(text *string) any {
	var document any
	if err := json.Unmarshal([]byte(aws.ToString(text)), &document); err != nil {
		return err.Error()
	}
	return document
}

// escaped decodes a document of IAM, which is escaped for URLs. The provider unescapes it as a query, where + is a blank.
func escaped(text *string) any {
	plain, err := url.QueryUnescape(aws.ToString(text))
	if err != nil {
		return err.Error()
	}
	return policy(&plain)
}

// allow is a document that allows an action everywhere.
func allow(action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"One","Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`
}

package store

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/session"
)

// fillAny gives v a value by chance, often zero.
func fillAny(r *rand.Rand, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		at := []time.Time{{}, time.UnixMilli(r.Int64N(1e13)).UTC(), time.Unix(r.Int64N(1e9), r.Int64N(1e9)).UTC(), time.UnixMilli(-5).UTC()}
		v.Set(reflect.ValueOf(at[r.IntN(len(at))]))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(bytes.Repeat([]byte{byte('a' + r.IntN(26))}, r.IntN(4)*r.IntN(60))))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() - r.Int64())
	case reflect.Uint32, reflect.Uint64, reflect.Uint8:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillAny(r, v.Field(i))
			}
		}
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fillAny(r, v.Elem())
		}
	case reflect.Slice:
		for range r.IntN(3) {
			one := reflect.New(v.Type().Elem()).Elem()
			fillAny(r, one)
			v.Set(reflect.Append(v, one))
		}
	case reflect.Map:
		for range r.IntN(3) {
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillAny(r, k)
			fillAny(r, e)
			v.SetMapIndex(k, e)
		}
	}
}

func TestEveryKindOfRowComesBackFromItsBody(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for _, row := range []any{account.Account{}, directory.User{}, directory.Group{}, directory.Membership{}, iam.User{}, iam.Role{},
		iam.AccessKey{}, organization.Organization{}, organization.Policy{}, permission.Set{}, permission.Version{}, permission.Status{},
		permission.Instance{}, session.Portal{}, session.Device{}, session.Family{}, factor.Device{},
		factor.Policy{}, factor.Attempt{}, factor.Virtual{}, iam.Login{}, iam.PasswordPolicy{}, Token{}, WrappedKey{}} {
		c := codecOf(reflect.TypeOf(row))
		for range 200 {
			want, got := reflect.New(reflect.TypeOf(row)), reflect.New(reflect.TypeOf(row))
			fillAny(r, want.Elem())
			body := c.encode(nil, want.Elem())
			if err := c.decode(body, got.Elem()); err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Fatalf("%T: %+v became %+v: %v", row, want.Elem(), got.Elem(), err)
			}
		}
	}
}

func TestFieldsMayComeAndGo(t *testing.T) {
	t.Parallel()
	type before struct {
		Kept, Gone string
		Number     uint64
		Turned     int
	}
	type after struct {
		New    bool
		Turned string
		Number uint32
		Kept   string
	}
	body := codecOf(reflect.TypeFor[before]()).encode(nil, reflect.ValueOf(before{"kept", "gone", 7, 8}))
	var got after
	if err := codecOf(reflect.TypeFor[after]()).decode(body, reflect.ValueOf(&got).Elem()); err != nil || got != (after{Number: 7, Kept: "kept"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestABodyHoldsOnlyWhatIsNotZero(t *testing.T) {
	t.Parallel()
	m := directory.Membership{ID: "id", GroupID: "g", CreatedAt: time.UnixMilli(1770000000000)}
	c := codecOf(reflect.TypeFor[directory.Membership](), "ID", "GroupID")
	if body := c.encode(nil, reflect.ValueOf(m)); len(body) != 1+2+7 {
		t.Errorf("the body is %x", body)
	}
}

func FuzzDecode(f *testing.F) {
	c := codecOf(reflect.TypeFor[directory.User]())
	f.Add(c.encode(nil, reflect.ValueOf(directory.User{ID: "u", UserName: "n", Emails: []directory.Email{{Value: "v", Primary: true}}})))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		var u, again directory.User
		if c.decode(body, reflect.ValueOf(&u).Elem()) != nil {
			return
		}
		if err := c.decode(c.encode(nil, reflect.ValueOf(u)), reflect.ValueOf(&again).Elem()); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

func TestAnyTextComesBackFromAColumnOfUUIDs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "u", "fifteen letters", "sixteen letters.", "0f8fad5b-d9cb-469f-a165-70867728950e",
		"0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-7086772895zz", "0f8fad5bxd9cb-469f-a165-70867728950e"} {
		packed := packUUID(text)
		if got := unpackUUID(packed); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		if len(packed) == 16 && text != "0f8fad5b-d9cb-469f-a165-70867728950e" {
			t.Errorf("%q is taken for a UUID", text)
		}
	}
	for _, packed := range [][]byte{nil, {9}, {200, 1}} {
		_ = unpackUUID(packed) // hostile bytes make nothing worse than a text that does not verify
	}
}

package pages

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// ago is a time before now.
func ago(d time.Duration) time.Time { return kittest.Now().Add(-d) }

// in is a time after now.
func in(d time.Duration) time.Time { return kittest.Now().Add(d) }

var always = kittest.Always

// no answers with a fault.
func no(kind fault.Kind, code, message string) func(any) (any, error) {
	return kittest.Never(fault.New(kind, code, "%s", message))
}

// fronts are what strangers see of portals: one has a name and a picture of its own.
var fronts = map[string]kit.Front{"alder": {Name: "alder", Title: "Alder Freight", Logo: &kit.Logo{Address: kit.LogoPath + "ssoins-7223a1b0c9d8e7f6/0a.png", Width: 240, Height: 60}}}

// logo is a picture of a lorry, or of three bars.
func logo() []byte {
	picture := image.NewPaletted(image.Rect(0, 0, 240, 60), color.Palette{color.Transparent, color.RGBA{R: 0x4d, G: 0x7c, B: 0x5f, A: 0xff}})
	for _, bar := range []image.Rectangle{image.Rect(0, 6, 150, 42), image.Rect(156, 16, 214, 42), image.Rect(0, 48, 240, 54)} {
		draw.Draw(picture, bar, image.NewUniform(picture.Palette[1]), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// company answers for Alder Freight, where Paula Collins works.
func company() answers {
	return answers{
		"WhoIsIn": always(&door.WhoIsInOutput{}),
		"WhoAmI": always(&self.WhoAmIOutput{UserName: "pcollins", DisplayName: "Paula Collins", Organization: "Alder Freight", InstanceID: "ssoins-7223a1b0c9d8e7f6",
			Region: "eu-central-1", SignedInAt: ago(time.Hour), ExpiresAt: in(7 * time.Hour)}),
		"ListOwnAccounts": always(twelve()),
		"GetPortalLogo":   always(&self.GetPortalLogoOutput{PNG: logo()}),
		"PutFavourite":    always(&self.PutFavouriteOutput{}),
		"RecordRoleUse":   always(&self.RecordRoleUseOutput{}),
		"GetRoleCredentials": always(&sso.GetRoleCredentialsOutput{RoleCredentials: &types.RoleCredentials{
			AccessKeyId: aws.String("ASIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
			SessionToken: aws.String("IQoJb3JpZ2luX2VjEXAMPLETOKEN+/" + string(make64(640))), Expiration: in(59*time.Minute + 30*time.Second).UnixMilli()}}),
		"StartPasskeySignIn": always(&self.StartPasskeySignInOutput{Options: passkeyOptions, Ticket: "ticket", ExpiresAt: in(time.Minute)}),
		"DescribeSecurity":   always(security()),
		"DescribeSelf":       always(iamUser()),
		"ListAccessKeys":     always(accessKeys()),
	}
}

const passkeyOptions = `{"challenge": "YWxkZXJmcmVpZ2h0YWxkZXJmcmVpZ2h0", "rpId": "id.alderfreight.example", "userVerification": "required", "timeout": 300000}`

// make64 is a text as long as tokens are.
func make64(n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[i*37%64]
	}
	return text
}

// account is one with the roles that a developer may have.
func account(id, name string, roles ...string) self.OwnAccount {
	about := map[string]self.OwnRole{
		"PowerUserAccess":     {Description: "Use all services. No users, groups or organization.", Lasts: 4 * time.Hour},
		"ViewOnlyAccess":      {Description: "See what is there. Change nothing.", Lasts: 8 * time.Hour},
		"AdministratorAccess": {Description: "Everything. Ask the platform team first.", Lasts: time.Hour},
		"DataEngineer":        {Description: "Query the lake, run jobs, see costs.", Lasts: 8 * time.Hour},
	}
	a := self.OwnAccount{ID: id, Name: name, Email: "aws+" + id[:4] + "@alderfreight.example"}
	for _, role := range roles {
		r := about[role]
		r.Name = role
		a.Roles = append(a.Roles, r)
	}
	return a
}

func accounts() []self.OwnAccount {
	all := []self.OwnAccount{
		account("730335184621", "Development", "AdministratorAccess", "PowerUserAccess", "ViewOnlyAccess"),
		account("891377046250", "Production", "PowerUserAccess", "ViewOnlyAccess"),
		account("381492005719", "Customs gateway", "ViewOnlyAccess"),
		account("654654402117", "Data platform", "DataEngineer", "ViewOnlyAccess"),
		account("058264107733", "Finance", "ViewOnlyAccess"),
		account("471112896034", "Log archive", "ViewOnlyAccess"),
		account("211125709968", "Management", "ViewOnlyAccess"),
		account("992382614470", "Network", "ViewOnlyAccess"),
		account("147997130082", "Payments", "PowerUserAccess", "ViewOnlyAccess"),
		account("525028316694", "Sandbox of a team with a long name that has to wrap somewhere", "AdministratorAccess"),
		account("339712965008", "Staging", "PowerUserAccess", "ViewOnlyAccess"),
		account("600427318855", "Tracking", "PowerUserAccess", "ViewOnlyAccess"),
	}
	all[0].Favourite, all[1].Favourite = true, true
	all[9].Email = "a-very-long-address-that-nobody-can-remember@subsidiaries.alderfreight.example"
	return all
}

// page is all of some accounts.
func page(all ...self.OwnAccount) *self.ListOwnAccountsOutput {
	return &self.ListOwnAccountsOutput{Total: len(all), Matching: len(all), Page: 1, Pages: 1, Accounts: all}
}

// twelve is the whole company, with three roles that were used a short time ago.
func twelve() *self.ListOwnAccountsOutput {
	out := page(accounts()...)
	out.Recent = []self.OwnRecentRole{
		{AccountID: "730335184621", AccountName: "Development", Role: "PowerUserAccess", UsedAt: ago(20 * time.Minute)},
		{AccountID: "654654402117", AccountName: "Data platform", Role: "DataEngineer", UsedAt: ago(6 * time.Hour)},
		{AccountID: "891377046250", AccountName: "Production", Role: "ViewOnlyAccess", UsedAt: ago(22 * time.Hour)},
	}
	return out
}

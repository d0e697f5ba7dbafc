package mail

import "time"

// Kind is what a letter is about.
type Kind string

// The kinds.
const (
	Invitation      Kind = "invitation"       // a link that sets the first password
	RootInvitation  Kind = "root-invitation"  // a link that sets the first password of a root user
	Reset           Kind = "reset"            // a link that sets another
	PasswordChanged Kind = "password-changed" // what happened to an account, so that its owner learns of it
	Registration    Kind = "registration"     // a link that registers a device
	DeviceAdded     Kind = "device-added"
	DeviceRenamed   Kind = "device-renamed"
	DeviceRemoved   Kind = "device-removed"
	RecoveryUsed    Kind = "recovery-code-used"
	RecoveryRenewed Kind = "recovery-codes-renewed"
	AddressChanged  Kind = "address-changed" // to the address before
	Verification    Kind = "verification"    // a link that shows that somebody reads this
	Code            Kind = "code"            // a code of one sign-in
	Test            Kind = "test"
)

// Forgotten is a letter that is not written yet: somebody typed a name at a door and wants a link. Whether there is such
// a user is looked up when the letter is sent, and not while the one who typed it waits.
const Forgotten Kind = "forgotten"

// Letter is what a mail has to say.
type Letter struct {
	Kind         Kind
	To           string // an address
	Name         string // of the person
	UserName     string
	Organization string
	By           string `json:",omitempty"` // who invited, when a person did
	Link         string `json:",omitempty"`
	Code         string `json:",omitempty"`
	Device       string `json:",omitempty"` // its name
	Was          string `json:",omitempty"` // what a device was called before
	Client       string `json:",omitempty"` // the browser that did it, as in "Firefox on Linux"
	Address      string `json:",omitempty"` // where it was
	Portal       string `json:",omitempty"` // where to sign in
	StoreID      string `json:",omitempty"` // of a person who forgot; empty for a root user, whose address is the UserName
	At           time.Time
	Until        time.Time // of the link or the code
}

// Outgoing is a letter on its way.
type Outgoing struct {
	ID        string // a UUID
	Kind      Kind
	Account   string // in whose record it is told when it cannot be sent
	To        string // the ARN of who it goes to; empty while nobody has looked who that is
	Sealed    []byte // the letter
	Tries     int
	Error     string // of the last try
	CreatedAt time.Time
	DueAt     time.Time // of the next try
}

// How letters are sent again.
const (
	lease    = 2 * time.Minute // longer than a try takes
	firstGap = time.Minute     // after the first failure, doubled with each further one
	longGap  = time.Hour
	patience = 24 * time.Hour
)

// Take makes a letter the taker's for as long as a try takes. If the taker ends meanwhile it is due again.
func (o *Outgoing) Take(now time.Time) {
	o.Tries++
	o.DueAt = now.Add(lease)
}

// Again puts a letter off after a try that failed, or reports that its time is over.
func (o *Outgoing) Again(now time.Time, why error) (givenUp bool) {
	gap := firstGap
	for n := 1; n < o.Tries && gap < longGap; n++ {
		gap *= 2
	}
	o.Error, o.DueAt = plain(why.Error()), now.Add(min(gap, longGap))
	return now.Sub(o.CreatedAt) >= patience
}

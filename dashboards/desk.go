package dashboards

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Desk is what the page may do.
type Desk interface {
	// Act gives the machine somebody's answer. It returns nil when the answer
	// is decided and on disk, a *Refusal when it could not be carried out, and
	// any other error when it is not known to have arrived.
	Act(ctx context.Context, in alerting.Input) error
	// Raise does so for an alarm that is raised by hand, and says which it is.
	Raise(ctx context.Context, in alerting.RaiseByHand) (alerting.AlarmID, error)
}

// Refusal says why an answer could not be carried out.
type Refusal struct {
	Why    alerting.Refusal
	Holder alerting.Person // who has it, where that is the reason
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s", r.Why) }

// Role decides what somebody sees and may do.
type Role string

// Roles.
const (
	RoleNurse      Role = "nurse"      // comes; sees a name when the alarm is theirs
	RoleCentre     Role = "centre"     // the information centre; sees names while an alarm is open
	RoleTechnician Role = "technician" // sees devices and frames, never names of those who call; answers technical alarms
	RoleBoard      Role = "board"      // a screen on a wall; initials only; answers nothing

	RoleManager       Role = "manager"       // reports, stays, rosters; answers as a nurse does when they are a responder too
	RoleAdministrator Role = "administrator" // records, accounts, channels; sees no name because of an alarm; answers nothing
	RoleFamily        Role = "family"        // the alarms of their own person, and of nobody else
)

// Account lets somebody sign in.
type Account struct {
	Name         string // what is typed; not shown to others
	PasswordHash []byte // bcrypt
	Person       alerting.Person
	Role         Role
	// Of are the residents whose family this is; for RoleFamily.
	Of []alerting.ResidentID
	// Second is what must be given beside the password; nil: nothing.
	Second *Second
	// External is the print of the provider that has said who this is; "" for an
	// account of telecare.yaml.
	External string
}

// Frame is one delivery from the wire, for the technician.
type Frame struct {
	At      time.Time
	Source  string
	Topic   string
	Raw     []byte // at most the first 4 KiB
	Decoded string // what it was understood to say; "" when nothing
	Error   string // why it was not understood; "" when it was
}

// Unknown is a device that was heard and is not registered.
type Unknown struct {
	Address  devices.Address
	Source   string
	Frames   int
	Last     time.Time
	Proposed string // what it seems to be: "pendant"; "" when there is no guess
	Role     string // what a press of it would mean: "panic"; "" when there is no guess
	Newest   []Frame
}

// Technician is what only a technician may look at: wire addresses and raw
// frames can be personal data.
type Technician interface {
	// Frames are the newest frames of a device, newest first.
	Frames(devices.ID) []Frame
	// Unknown lists unregistered devices, newest first.
	Unknown() []Unknown
}

// Simulator presses simulated devices. There is one in the demo only.
type Simulator interface {
	// Devices lists those that can be pressed or can report a fall, in the
	// order in which the page offers them.
	Devices() []devices.ID
	// Press presses a pendant or button.
	Press(devices.ID) error
	// Fall lets somebody fall before a radar.
	Fall(devices.ID) error
}

// Options are the parts and settings of a Handler. Desk is needed.
type Options struct {
	Desk       Desk
	Rounds     Rounds     // nil: nobody is ever away, and nothing is tried
	Channels   Channels   // nil: nothing is known of them
	Phones     Phones     // nil: none can ring
	Technician Technician // nil: no frames are kept
	Simulator  Simulator  // nil outside the demo
	Registrar  Registrar  // nil: stays, rests and rosters cannot be changed here
	Registry   Registry   // nil: no record can be edited here
	Subjects   Subjects   // nil: nobody can be exported or erased here
	Numbers    Numbers    // nil: no reports are made
	Lookback   Lookback   // nil: nobody looks back
	Kin        Kin        // nil: families are shown neither signs of life nor what they were sent
	Accounts   []Account
	Tokens     []Token          // for programs
	Provider   *Provider        // where people sign in beside here; nil: nowhere
	Sessions   Keeper           // of sign-ins; nil: they end with the process
	Book       Book             // of looks; nil: they are in the log alone
	Codes      Keeper           // of codes that were used; nil: after a start they are good again
	Seconds    Keeper           // of devices that show codes, as people have set them up on the page: secrets; nil: they end with the process
	Formats    []devices.Format // those that are understood

	// LinkKey signs links; at least 16 random bytes, kept over restarts.
	// Without them the handler makes its own, and links end with the process.
	LinkKey []byte
	// PublicURL is the page's address from outside, such as
	// "https://care.example"; links begin with it.
	PublicURL string
	// Secure marks the session cookie for https only.
	Secure bool
	// Proxied says that all requests come through a proxy; see Settings.
	Proxied bool

	// OpenAs and OpenRole, in the demo: whoever opens the page is signed in as
	// this, and sees the technician's list too.
	OpenAs   alerting.Person
	OpenRole Role

	// Alive reports whether the gateway's loop turns. While it does not, no
	// beat is sent, so that screens say that they are not live. nil is alive.
	Alive func() bool

	// Ready says what keeps the gateway from doing all that it should; nil
	// when nothing does, and nil itself when nobody knows.
	Ready func() error

	Log *slog.Logger // nil: slog.Default
}

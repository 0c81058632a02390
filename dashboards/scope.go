package dashboards

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
)

// Scope is something that may be done by the HTTP interface. A person's role
// has some of them; a token has those that it was given.
type Scope string

// Scopes.
const (
	AlarmsRead   Scope = "alarms:read"   // alarms, by ids
	AlarmsWrite  Scope = "alarms:write"  // raise and answer them
	DevicesRead  Scope = "devices:read"  // devices, their readings, and faults
	FramesRead   Scope = "frames:read"   // raw frames and wire addresses
	PeopleRead   Scope = "people:read"   // names of those who come and, while their alarm is open, of those who call
	CodesRead    Scope = "codes:read"    // key-safe codes while an alarm is open
	StaysRead    Scope = "stays:read"    // who stays where: initials, and with people:read names
	StaysWrite   Scope = "stays:write"   // begin and end stays and rests
	RostersWrite Scope = "rosters:write" // change who is on call
	TestsWrite   Scope = "tests:write"   // try buttons without a call
	FaultsWrite  Scope = "faults:write"  // answer technical alarms, and no others

	RegistryRead  Scope = "registry:read"  // records as they are written; what names somebody needs people:read too
	RegistryWrite Scope = "registry:write" // change them
	LooksRead     Scope = "looks:read"     // who has looked at names, notes and codes
	AccessRead    Scope = "access:read"    // who may sign in, and which programs have tokens
	AccessWrite   Scope = "access:write"   // end the sign-ins of others
	PeopleErase   Scope = "people:erase"   // write everything that is kept of one person, and erase it

	// ownRead is a family's: the alarms of their own person. No token has it.
	ownRead Scope = "own:read"
)

// Scopes lists them all.
func Scopes() []Scope {
	return []Scope{AlarmsRead, AlarmsWrite, DevicesRead, FramesRead, PeopleRead, CodesRead, StaysRead, StaysWrite, RostersWrite, TestsWrite, FaultsWrite, RegistryRead, RegistryWrite, LooksRead, AccessRead, AccessWrite, PeopleErase}
}

// RoleProgram is whoever comes with a token.
const RoleProgram Role = "program"

// Token lets a program in. Only its SHA-256 is known here: the token is long
// and random, and cannot be found from it.
type Token struct {
	Name   string
	Hash   [sha256.Size]byte
	Scopes []Scope
	Person alerting.Person // who answers by it; "" when it only reads
}

// scopesOf says what a role may do. What of an alarm it is shown is decided
// beside this, where it is rendered.
func scopesOf(r Role) []Scope {
	switch r {
	case RoleNurse:
		return []Scope{AlarmsRead, AlarmsWrite, PeopleRead, CodesRead, StaysRead}
	case RoleCentre:
		return []Scope{AlarmsRead, AlarmsWrite, DevicesRead, PeopleRead, CodesRead, StaysRead, StaysWrite, RostersWrite, TestsWrite, FaultsWrite, RegistryRead, RegistryWrite}
	case RoleTechnician:
		return []Scope{AlarmsRead, DevicesRead, FramesRead, TestsWrite, FaultsWrite, RegistryRead, RegistryWrite}
	case RoleBoard:
		return []Scope{AlarmsRead, DevicesRead}
	case RoleManager:
		return []Scope{AlarmsRead, DevicesRead, PeopleRead, StaysRead, StaysWrite, RostersWrite, RegistryRead, RegistryWrite, LooksRead, PeopleErase}
	case RoleAdministrator:
		return []Scope{AlarmsRead, DevicesRead, FramesRead, PeopleRead, StaysRead, StaysWrite, RostersWrite, TestsWrite, RegistryRead, RegistryWrite, LooksRead, AccessRead, AccessWrite, PeopleErase}
	case RoleFamily:
		return []Scope{ownRead}
	}
	return nil
}

// scopes lists what v may do.
func (v viewer) scopes() []Scope {
	if v.token != nil {
		return v.token.Scopes
	}
	list := scopesOf(v.role)
	if v.person == "" { // the journal says who did what
		list = slices.DeleteFunc(list, func(s Scope) bool { return s == FaultsWrite })
	}
	if v.role == RoleManager && v.person != "" { // and a responder: as a nurse
		list = append(list, AlarmsWrite, CodesRead)
	}
	if v.technical && !slices.Contains(list, FramesRead) {
		list = append(list, FramesRead)
	}
	return list
}

func (v viewer) may(s Scope) bool { return slices.Contains(v.scopes(), s) }

// bearer finds a token in a request.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false // a proxy's own Basic sign-in is none of ours
	}
	return strings.TrimSpace(token), true
}

// tokenViewer is whoever comes with a token; its role is "" for a wrong one.
// All tokens are compared, each in the same time.
func (h *Handler) tokenViewer(token string) viewer {
	sum := sha256.Sum256([]byte(token))
	var v viewer
	for _, t := range h.settings.Load().Tokens {
		if subtle.ConstantTimeCompare(sum[:], t.Hash[:]) == 1 {
			v = viewer{person: t.Person, role: RoleProgram, token: &t, technical: slices.Contains(t.Scopes, FramesRead)}
		}
	}
	return v
}

// valid reports whether v may still look: a token can have been taken away, or
// changed. Sessions end by themselves.
func (h *Handler) valid(v viewer) bool {
	return v.token == nil || slices.ContainsFunc(h.settings.Load().Tokens, func(t Token) bool {
		return t.Hash == v.token.Hash && t.Person == v.token.Person && slices.Equal(t.Scopes, v.token.Scopes)
	})
}

// wrongTokens counts tokens that are not ours. A right one is never held up by
// them: behind a proxy all programs come from one address.
type wrongTokens struct {
	mu    sync.Mutex
	all   int
	since time.Time      // when this minute began
	by    map[string]int // of this minute, by address
}

// add counts one, and reports how many the address has tried in this minute.
func (w *wrongTokens) add(address string, now time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all++
	if w.by == nil || now.Sub(w.since) >= time.Minute || len(w.by) >= maxTracked {
		w.by, w.since = map[string]int{}, now
	}
	w.by[address]++
	return w.by[address]
}

func (w *wrongTokens) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

// nobody refuses somebody who has no sign-in, or a wrong token.
func (h *Handler) nobody(r *http.Request) *failure {
	if _, ok := bearer(r); !ok {
		return unauthorized()
	}
	n := h.wrong.add(h.address(r), time.Now())
	if n == 1 || n == maxFailures {
		h.o.Log.Warn("a token was refused", "tries", n)
	}
	if n > maxFailures {
		return tooMany()
	}
	f := problem(http.StatusUnauthorized, "bad_token")
	f.headers = http.Header{"Www-Authenticate": {"Bearer"}}
	return f
}

package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Token lets a program use the HTTP interface. The token itself is not here:
// only its SHA-256 is, and from that it cannot be found.
type Token struct {
	Name   string
	Hash   [sha256.Size]byte
	Scopes []Scope
	Person string // key of the responder in whose name it answers; "" for one that only reads
}

// Scope is something that a token may do.
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
	LooksRead    Scope = "looks:read"    // who has looked at names, notes and codes
	AccessRead   Scope = "access:read"   // who may sign in, and which programs have tokens
	AccessWrite  Scope = "access:write"  // end the sign-ins of others
	PeopleErase  Scope = "people:erase"  // write everything that is kept of one person, and erase it
	FaultsWrite  Scope = "faults:write"  // answer technical alarms, and no others

	RegistryRead  Scope = "registry:read"  // records as they are written; what names somebody needs people:read too
	RegistryWrite Scope = "registry:write" // change them
)

// Scopes lists them all.
func Scopes() []Scope {
	return []Scope{AlarmsRead, AlarmsWrite, DevicesRead, FramesRead, PeopleRead, CodesRead, StaysRead, StaysWrite, RostersWrite, TestsWrite, FaultsWrite, RegistryRead, RegistryWrite, LooksRead, AccessRead, AccessWrite, PeopleErase}
}

func (c *checker) tokens(path string, list []rawToken) []Token {
	var known []string
	for _, s := range Scopes() {
		known = append(known, string(s))
	}
	var out []Token
	names, hashes := map[string]bool{}, map[[sha256.Size]byte]bool{}
	for i, r := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.names(at+".name", r.Name, names)
		t := Token{Name: r.Name, Person: r.Person}
		sum, err := hex.DecodeString(r.Hash)
		switch {
		case err != nil || len(sum) != sha256.Size:
			c.Errorf(at+".hash", "want the 64 hexadecimal digits that `telecare token` prints; the token itself must not stand here")
		default:
			t.Hash = [sha256.Size]byte(sum)
			if hashes[t.Hash] {
				c.Errorf(at+".hash", "two tokens are the same; `telecare token` makes another")
			}
			hashes[t.Hash] = true
		}
		if len(r.Scopes) == 0 {
			c.Errorf(at+".scopes", "missing; write what the token may do, such as scopes: [%s]", AlarmsRead)
		}
		seen := map[string]bool{}
		for k, s := range r.Scopes {
			where := fmt.Sprintf("%s.scopes[%d]", at, k)
			if c.oneOf(where, s, known...) && seen[s] {
				c.Errorf(where, "%q is written twice", s)
			}
			seen[s] = true
			t.Scopes = append(t.Scopes, Scope(s))
		}
		if r.Person == "" && (seen[string(AlarmsWrite)] || seen[string(FaultsWrite)] || seen[string(CodesRead)]) {
			c.Errorf(at+".person", "missing; write the key of the responder in whose name the token acts, for the journal says who did what")
		}
		out = append(out, t)
	}
	return out
}

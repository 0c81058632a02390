package dashboards

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rsc.io/qr"
)

// ownSeconds are the devices that show codes which people have set up themselves,
// on the page, by the account's name. They are on disk before they count. One of
// telecare.yaml counts before one of these.
type ownSeconds struct {
	mu   sync.Mutex // settings are put in force under it, too
	to   Keeper     // nil: they last as long as the process
	by   map[string]*Second
	lost error // they could not be read: nothing is written over them, and no password is enough
}

// keptSecond is one as it is kept.
type keptSecond struct {
	Secret   []byte   `json:"secret"`
	Recovery []string `json:"recovery"` // hashes of the codes on paper
}

// minSecret is the shortest that telecare.yaml may have, too. [RFC 4226, 4 R6]
const minSecret = 16

// load takes up what was kept; the lock is held. Where that cannot be read nobody
// knows who had a code asked for, so nobody comes in by a password alone: who had
// none waits for the command, too, which is better than that who had one needs it
// no more. Who is signed in without a code stays so, and links ask for none.
func (o *ownSeconds) load(log *slog.Logger) {
	o.by, o.lost = map[string]*Second{}, nil
	if o.to == nil {
		return
	}
	b, err := o.to.Load()
	if err == nil {
		o.by, err = readSeconds(b)
	}
	if o.lost = err; err != nil {
		log.Error("codes that people have set up on the page cannot be read: nobody can sign in by a password alone. Put the file back from a backup, or have it forgotten with `telecare user forget`; then `telecare reload`", "error", err)
	}
}

// unread reports whether nobody knows who has one.
func (o *ownSeconds) unread() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost != nil
}

// ReadableSeconds says why what was kept of such devices cannot be read.
func ReadableSeconds(b []byte) error {
	_, err := readSeconds(b)
	return err
}

func readSeconds(b []byte) (map[string]*Second, error) {
	out := map[string]*Second{}
	if b == nil {
		return out, nil // none was ever set up
	}
	var all map[string]keptSecond
	if err := json.Unmarshal(b, &all); err != nil {
		return out, err
	}
	if all == nil {
		return out, errors.New("it says nothing of anybody")
	}
	for name, k := range all {
		s := &Second{Secret: k.Secret, own: true}
		if len(s.Secret) < minSecret {
			return map[string]*Second{}, errors.New("a secret is too short")
		}
		for _, text := range k.Recovery {
			sum, err := hex.DecodeString(text)
			if err != nil || len(sum) != sha256.Size {
				return map[string]*Second{}, errors.New("a code on paper has no hash")
			}
			s.Recovery = append(s.Recovery, [sha256.Size]byte(sum))
		}
		out[name] = s
	}
	return out, nil
}

// with gives the accounts those that their owners have set up; the lock is held.
func (o *ownSeconds) with(accounts []Account) []Account {
	out := slices.Clone(accounts)
	for i, a := range out {
		if a.Second == nil || a.Second.own {
			out[i].Second = o.by[a.Name]
		}
	}
	return out
}

// keep writes what there is to be; the lock is held.
func (o *ownSeconds) keep(by map[string]*Second) error {
	if o.lost != nil {
		return fmt.Errorf("what is there could not be read: %w", o.lost)
	}
	all := map[string]keptSecond{}
	for name, s := range by {
		k := keptSecond{Secret: s.Secret, Recovery: []string{}}
		for _, sum := range s.Recovery {
			k.Recovery = append(k.Recovery, hex.EncodeToString(sum[:]))
		}
		all[name] = k
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if o.to != nil {
		if err := o.to.Save(b); err != nil {
			return err
		}
	}
	o.by = by
	return nil
}

// errMeanwhile says that an account is another one than when it was asked for.
var errMeanwhile = errors.New("the account has changed meanwhile")

// setSecond keeps what an account has beside its password, nil for nothing, where
// it had was until now. The sign-in that asks for it goes on; all others of the
// account end, as with any change of it.
func (h *Handler) setSecond(name string, was, is *Second, asks *session) error {
	h.own.mu.Lock()
	defer h.own.mu.Unlock()
	if a, ok := h.account(name); !ok || !sameSecond(a.Second, was) {
		return errMeanwhile
	}
	by := maps.Clone(h.own.by)
	if by[name] = is; is == nil {
		delete(by, name)
	}
	if err := h.own.keep(by); err != nil {
		return err
	}
	h.sessions.carry(asks, is)
	h.enforce(h.settings.Load().Settings)
	return nil
}

// account finds an account of telecare.yaml, with what it has beside its password.
func (h *Handler) account(name string) (Account, bool) {
	all := h.settings.Load().Accounts
	if i := slices.IndexFunc(all, func(a Account) bool { return a.Name == name }); i >= 0 {
		return all[i], true
	}
	return Account{}, false
}

// carry has a session go on with what its account has now beside the password.
func (s *sessions) carry(x *session, is *Second) {
	if x == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.account.Second, x.begun = is, nil
	s.changed()
}

// begunFor is how long a device may take to be set up.
const begunFor = 15 * time.Minute

// begunSecond is one that is being set up: by one sign-in, and for it alone.
type begunSecond struct {
	second *Second
	until  time.Time
}

// begin begins to set one up; one that was begun before is none any more.
func (s *sessions) begin(x *session, second *Second, now time.Time) (until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.begun = &begunSecond{second, now.Add(begunFor)}
	return x.begun.until
}

// begun is the one that a session is setting up; nil: none, or for too long.
func (s *sessions) begun(x *session, now time.Time) *Second {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.begun == nil || !now.Before(x.begun.until) {
		return nil
	}
	return x.begun.second
}

// picture is a text as a QR code: a row a line, # for what is dark.
func picture(text string) ([]string, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	rows := []string{}
	for y := range c.Size {
		row := bytes.Repeat([]byte{'.'}, c.Size)
		for x := range row {
			if c.Black(x, y) {
				row[x] = '#'
			}
		}
		rows = append(rows, string(row))
	}
	return rows, nil
}

// issuer is what a device calls the gateway.
func issuer(w *Ward) string { return cmp.Or(w.Name, "telecare") }

package dashboards

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"telecare/alerting"
)

// Keeper keeps a few bytes over a restart: whole, and on disk when Save returns.
// Load gives nil where nothing was kept.
type Keeper interface {
	Load() ([]byte, error)
	Save([]byte) error
}

// keptSession is a sign-in as it is kept: no cookie can be made of it.
type keptSession struct {
	Hash    string    `json:"hash"` // SHA-256 of the cookie
	Account string    `json:"account"`
	Print   string    `json:"print"` // of the account as it was then
	Agent   string    `json:"agent,omitempty"`
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`
	Until   time.Time `json:"until"`
	// Of somebody whom a provider has let in: what it said.
	Role   Role            `json:"role,omitempty"`
	Person alerting.Person `json:"person,omitempty"`
}

// print tells whether an account is as it was: another password, person or role
// ends its sign-ins.
func (a Account) print() string {
	var secret []byte
	if a.Second != nil {
		secret = a.Second.Secret
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %q", a.Name, a.PasswordHash, a.Person, a.Role, a.Of, secret))
	return hex.EncodeToString(sum[:])
}

// kept gives what is to be kept.
func (s *sessions) kept() []byte {
	s.mu.Lock()
	all := make(map[hash]session, len(s.by))
	for key, x := range s.by {
		all[key] = *x
	}
	s.mu.Unlock() // every request asks for it, and what follows takes long for thousands
	out := []keptSession{}
	for key, x := range all {
		k := keptSession{Hash: hex.EncodeToString(key[:]), Account: x.account.Name, Print: x.account.print(), Agent: x.agent, Since: x.since, Used: x.used, Until: x.until}
		if x.account.External != "" {
			k.Print, k.Role, k.Person = x.account.External, x.account.Role, x.account.Person
		}
		out = append(out, k)
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err) // it is texts and times
	}
	return b
}

// restore takes up what was kept, of accounts that are as they were.
func (s *sessions) restore(b []byte, now time.Time) error {
	var all []keptSession
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("the sign-ins of before the start: %w", err)
	}
	for _, k := range all {
		sum, err := hex.DecodeString(k.Hash)
		if err != nil || len(sum) != sha256.Size {
			return fmt.Errorf("the sign-ins of before the start: no hash")
		}
		accounts := s.accounts
		if k.Role != "" {
			accounts = []Account{{Name: k.Account, Role: k.Role, Person: k.Person, External: k.Print}}
		}
		for _, a := range accounts {
			if a.Name != k.Account || a.External == "" && a.print() != k.Print {
				continue
			}
			all, _ := a.Role.lasts()
			x := &session{viewer: a.viewer(), account: a, agent: k.Agent, since: k.Since, used: k.Used, until: k.Until}
			if x.used.After(now) || x.until.After(now.Add(all)) { // the clock was ahead
				x.used, x.until = now, now.Add(all)
			}
			if now.Before(x.ends()) {
				s.add(hash(sum), x)
			}
		}
	}
	return nil
}

// savings writes what changes, behind whoever changes it: no disk may keep
// anybody from signing in. Of many changes the newest is written.
type savings struct {
	to     Keeper
	what   func() []byte
	failed func(error)

	mu             sync.Mutex
	running, again bool
	done           *sync.Cond
}

func newSavings(to Keeper, what func() []byte, failed func(error)) *savings {
	k := &savings{to: to, what: what, failed: failed}
	k.done = sync.NewCond(&k.mu)
	return k
}

// changed has it written. It does not block.
func (k *savings) changed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.again = true; k.running {
		return
	}
	k.running = true
	go func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for k.again {
			k.again = false
			k.mu.Unlock()
			if err := k.to.Save(k.what()); err != nil {
				k.failed(err)
			}
			k.mu.Lock()
		}
		k.running = false
		k.done.Broadcast()
	}()
}

// wait waits until all is written, or was tried.
func (k *savings) wait() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.running {
		k.done.Wait()
	}
}

// keepSessions takes up the sign-ins of before the start, and the codes that were
// used, and keeps them from now on.
func (h *Handler) keepSessions() {
	if h.o.Sessions != nil {
		h.sessions.changed = h.keep(h.o.Sessions, h.sessions.kept, func(b []byte) error { return h.sessions.restore(b, time.Now()) },
			"sign-ins are not kept: after a start people must sign in again, and who has signed out since may be signed in")
	}
	if h.o.Codes != nil {
		h.codes.changed = h.keep(h.o.Codes, h.codes.kept, h.codes.restore, "codes that were used are not kept: after a start they may be good again")
	}
}

// keep takes up what was kept, and returns what has it written.
func (h *Handler) keep(to Keeper, what func() []byte, restore func([]byte) error, or string) (changed func()) {
	b, err := to.Load()
	if err == nil {
		err = restore(b)
	}
	if err != nil {
		h.o.Log.Error(or, "error", err)
	}
	s := newSavings(to, what, func(err error) { h.o.Log.Error(or, "error", err) })
	h.saved = append(h.saved, s)
	return s.changed
}

// Close waits until what is to be kept is on disk, or was tried.
func (h *Handler) Close() error {
	for _, s := range h.saved {
		s.wait()
	}
	return nil
}

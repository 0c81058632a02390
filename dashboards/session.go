package dashboards

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"sync"
	"time"
)

// How long a sign-in is good: so long, and so long without being used. A board
// hangs on a wall, where nobody signs in again.
const (
	sessionFor, sessionIdle = 12 * time.Hour, 4 * time.Hour
	boardFor, boardIdle     = 180 * 24 * time.Hour, 30 * 24 * time.Hour
	maxSessions             = 10_000
	maxAgent                = 200
)

// lasts is how long a role's sign-in is good.
func (r Role) lasts() (all, idle time.Duration) {
	if r == RoleBoard {
		return boardFor, boardIdle
	}
	return sessionFor, sessionIdle
}

// session is one sign-in. What changes of it is under the lock of sessions.
type session struct {
	viewer  viewer
	account Account
	agent   string // the browser, as it calls itself
	since   time.Time
	until   time.Time
	used    time.Time
	begun   *begunSecond  // a device that shows codes, until a code has shown that it works
	ended   chan struct{} // closed when it ends
	timer   *time.Timer
}

// sessions are the sign-ins there are.
type sessions struct {
	mu       sync.Mutex
	accounts []Account         // that may have sessions
	external string            // the print of the provider whose people may
	by       map[hash]*session // by the hash of the cookie
	changed  func()            // says that they are others; it does not block
}

type hash = [sha256.Size]byte

func newSessions(accounts []Account) *sessions {
	return &sessions{accounts: accounts, by: map[hash]*session{}, changed: func() {}}
}

// open starts a session and returns its cookie's value.
func (s *sessions) open(v viewer, a Account, agent string) string {
	token, now := rand.Text()+rand.Text(), time.Now()
	all, _ := a.Role.lasts()
	s.add(sha256.Sum256([]byte(token)), &session{viewer: v, account: a, agent: agent[:min(len(agent), maxAgent)], since: now, used: now, until: now.Add(all)})
	return token
}

func (s *sessions) add(key hash, x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(x.account) { // taken away while its password was checked
		return
	}
	if len(s.by) >= maxSessions {
		for k := range s.by { // any: nobody has as many
			s.drop(k)
			break
		}
	}
	x.ended = make(chan struct{})
	s.by[key] = x
	x.timer = time.AfterFunc(time.Until(x.ends()), func() { s.expire(key) })
	s.changed()
}

// ends is when it is over if it is not used before; the lock is held.
func (x *session) ends() time.Time {
	_, idle := x.account.Role.lasts()
	if t := x.used.Add(idle); t.Before(x.until) {
		return t
	}
	return x.until
}

// expire ends a session that is over, and waits for another.
func (s *sessions) expire(key hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.by[key]
	if x == nil {
		return
	}
	if left := time.Until(x.ends()); left > 0 {
		x.timer.Reset(left)
		return
	}
	s.drop(key)
}

// find gives a session that is good, and has it used.
func (s *sessions) find(token string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.by[sha256.Sum256([]byte(token))]
	if x == nil || !time.Now().Before(x.ends()) {
		return nil
	}
	s.use(x)
	return x
}

// saveUse is how far the last use on disk may be behind.
const saveUse = 10 * time.Minute

func (s *sessions) use(x *session) {
	now := time.Now()
	later := now.Truncate(saveUse).After(x.used.Truncate(saveUse))
	x.used = now
	if later {
		s.changed()
	}
}

// stays has a session used by a screen that is open.
func (s *sessions) stays(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.use(x)
}

func (s *sessions) close(key hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
}

// closeOf ends the sessions of an account: one by its public id, or all.
func (s *sessions) closeOf(account, id string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, x := range s.by {
		if x.account.Name == account && (id == "" || id == publicID(key)) {
			s.drop(key)
			n++
		}
	}
	return n
}

// drop ends a session; s.mu is held.
func (s *sessions) drop(key hash) {
	if x := s.by[key]; x != nil {
		x.timer.Stop()
		close(x.ended)
		delete(s.by, key)
		s.changed()
	}
}

// publicID names a session for whoever has it, and opens nothing.
func publicID(key hash) string {
	sum := sha256.Sum256(key[:])
	return hex.EncodeToString(sum[:8])
}

// viewer finds out who asks: a role of "" is nobody. A token stands alone: what
// comes with one is not asked for its origin, so no cookie may count beside it.
func (h *Handler) viewer(r *http.Request) (viewer, *session) {
	if token, ok := bearer(r); ok {
		return h.tokenViewer(token), nil
	}
	if c, err := r.Cookie(h.cookie()); err == nil {
		if s := h.sessions.find(c.Value); s != nil {
			return s.viewer, s
		}
	}
	if h.o.OpenRole != "" && knownHost(r.Host, h.settings.Load().public) {
		return viewer{person: h.o.OpenAs, role: h.o.OpenRole, technical: true, open: true}, nil
	}
	return viewer{}, nil
}

// knownHost keeps other sites from pointing their own name at an open demo:
// their pages would count as ours.
func knownHost(hostport, public string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return host == "localhost" || net.ParseIP(host) != nil || originHost(public) == hostport
}

func (h *Handler) cookie() string {
	if h.settings.Load().Secure {
		return "__Host-telecare"
	}
	return "telecare"
}

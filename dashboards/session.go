package dashboards

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	sessionFor  = 12 * time.Hour
	maxSessions = 10_000
)

// session is one sign-in.
type session struct {
	viewer  viewer
	account Account
	until   time.Time
	ended   chan struct{} // closed when it ends
	timer   *time.Timer
}

// sessions are the sign-ins there are. They are kept in memory only: after a
// restart people sign in again.
type sessions struct {
	mu       sync.Mutex
	accounts []Account                      // that may have sessions
	by       map[[sha256.Size]byte]*session // by the hash of the cookie
}

func newSessions(accounts []Account) *sessions {
	return &sessions{accounts: accounts, by: map[[sha256.Size]byte]*session{}}
}

// open starts a session and returns its cookie's value.
func (s *sessions) open(v viewer, a Account) string {
	token := rand.Text() + rand.Text()
	key := sha256.Sum256([]byte(token))
	x := &session{viewer: v, account: a, until: time.Now().Add(sessionFor), ended: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !holds(s.accounts, a) { // taken away while its password was checked
		return token
	}
	if len(s.by) >= maxSessions {
		for k := range s.by { // any: nobody has as many
			s.drop(k)
			break
		}
	}
	s.by[key] = x
	x.timer = time.AfterFunc(sessionFor, func() { s.close(key) })
	return token
}

func (s *sessions) find(token string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[sha256.Sum256([]byte(token))]
}

func (s *sessions) close(key [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
}

// drop ends a session; s.mu is held.
func (s *sessions) drop(key [sha256.Size]byte) {
	if x := s.by[key]; x != nil {
		x.timer.Stop()
		close(x.ended)
		delete(s.by, key)
	}
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
		return viewer{person: h.o.OpenAs, role: h.o.OpenRole, technical: true}, nil
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

type signingIn struct {
	Name     string `json:"name" maxLength:"200" doc:"The account's name in telecare.yaml." example:"centre"`
	Password string `json:"password" maxLength:"200" doc:"Its password." example:"a good password"`
}

type signedInAs struct {
	SetCookie []http.Cookie `header:"Set-Cookie" doc:"The sign-in, for 12 hours; and that this browser is known, so that nobody's wrong passwords keep it waiting."`
	Body      youView
}

func (h *Handler) sessionOperations(api huma.API) {
	op := func(id, method, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/session", Summary: summary, Description: more, Tags: []string{"session"}}
	}
	add(h, api, signedIn, op("who-am-i", http.MethodGet, "Say who you are, and what you may do", ""),
		func(_ context.Context, v viewer, _ *none) (*list[youView], error) {
			_, ward := h.hub.alarm("")
			return &list[youView]{*h.you(v, ward)}, nil
		})
	add(h, api, everybody, op("sign-in", http.MethodPost, "Sign in", "Ten wrong tries of a name from an address, and it must wait for a minute. Whoever tries many names, or one name from many addresses, must wait too; but not in a browser in which the account was signed in before."),
		func(ctx context.Context, _ viewer, in *struct{ Body signingIn }) (*signedInAs, error) {
			return h.signIn(ctx, in.Body)
		}, http.StatusUnauthorized, http.StatusTooManyRequests)
	add(h, api, everybody, op("sign-out", http.MethodDelete, "Sign out", "Its screens end with it."),
		func(ctx context.Context, _ viewer, _ *none) (*struct {
			SetCookie http.Cookie `header:"Set-Cookie" doc:"Takes the cookie away."`
		}, error) {
			if c, err := request(ctx).Cookie(h.cookie()); err == nil {
				h.sessions.close(sha256.Sum256([]byte(c.Value)))
			}
			return &struct {
				SetCookie http.Cookie `header:"Set-Cookie" doc:"Takes the cookie away."`
			}{h.cookieOf("", -1)}, nil
		})
}

func (h *Handler) cookieOf(value string, age int) http.Cookie {
	return http.Cookie{
		Name: h.cookie(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: h.settings.Load().Secure, SameSite: http.SameSiteStrictMode,
	}
}

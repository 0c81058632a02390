package dashboards

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
)

// Settings are what may change while the page is open.
type Settings struct {
	Accounts []Account
	Tokens   []Token   // for programs
	Provider *Provider // where people sign in beside here; nil: nowhere
	// PublicURL is the page's address from outside, such as
	// "https://care.example"; links begin with it.
	PublicURL string
	// Secure marks the session cookie for https only.
	Secure bool
	// Proxied says that all requests come through a proxy, whose word for where
	// they come from counts (X-Forwarded-For).
	Proxied bool
}

// settings are Settings in force, with what follows from them. They are never
// changed, only replaced.
type settings struct {
	Settings
	public string // scheme://host of PublicURL
	origin *http.CrossOriginProtection
}

// Change puts other settings in force for every request from now on. Who is
// signed in stays so, and so does what they look at, unless their account is
// gone or has changed.
func (h *Handler) Change(s Settings) {
	h.own.mu.Lock()
	defer h.own.mu.Unlock()
	if h.own.lost != nil { // it may have been mended
		h.own.load(h.o.Log)
	}
	h.enforce(s)
}

// enforce puts them in force with what people have set up themselves, whose lock
// is held.
func (h *Handler) enforce(s Settings) {
	s.Accounts = h.own.with(s.Accounts)
	now := &settings{Settings: s, origin: http.NewCrossOriginProtection()}
	if u, err := url.Parse(s.PublicURL); err == nil && u.Host != "" {
		now.public = u.Scheme + "://" + u.Host
		if err := now.origin.AddTrustedOrigin(now.public); err != nil {
			h.o.Log.Error("public url is not an origin; pages behind a proxy cannot answer", "error", err)
		}
	}
	h.settings.Store(now)
	h.sessions.keepOnly(s.Accounts, s.Provider.print())
}

// keepOnly ends the sessions of all other accounts.
func (s *sessions) keepOnly(accounts []Account, external string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts, s.external = accounts, external
	for key, x := range s.by {
		if !s.holds(x.account) {
			s.drop(key)
		}
	}
}

func (s *sessions) holds(a Account) bool {
	if a.External != "" {
		return a.External == s.external
	}
	for _, b := range s.accounts {
		if a.Name == b.Name && a.Person == b.Person && a.Role == b.Role && slices.Equal(a.Of, b.Of) && sameSecond(a.Second, b.Second) && bytes.Equal(a.PasswordHash, b.PasswordHash) {
			return true
		}
	}
	return false
}

// sameSecond reports whether the device is the same: codes on paper may be made
// anew.
func sameSecond(a, b *Second) bool {
	return a == nil && b == nil || a != nil && b != nil && bytes.Equal(a.Secret, b.Secret)
}

package dashboards

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"telecare/alerting"
	say "telecare/alerting/words"
)

// Provider is where people sign in instead of here (OpenID Connect): the code
// flow with PKCE, state and nonce. Local accounts go on beside it, also when it
// is away: nothing is asked of it before somebody wants to sign in there.
type Provider struct {
	Issuer, ClientID, ClientSecret string
	Name                           string // what people call it
	RoleClaim                      string // a text or a list of texts, such as groups
	Roles                          []RoleOf
	// People says who somebody is who answers alarms: by their verified mail
	// address or their subject.
	People map[string]alerting.Person
	// OutHere leaves whoever signs out here signed in there.
	OutHere bool
}

// RoleOf is the role of whoever has a value in the claim. The first that fits
// counts.
type RoleOf struct {
	Is   string
	Role Role
}

// print tells whether a provider is as it was: another one, or other roles, end
// the sign-ins by it.
func (p *Provider) print() string {
	if p == nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", p.Issuer, p.ClientID, p.RoleClaim, p.Roles, p.People)) // maps are printed in order
	return hex.EncodeToString(sum[:])
}

const (
	signInPath   = "/sign-in"
	callbackPath = signInPath + "/callback"
	leaveFor     = 10 * time.Minute // to sign in elsewhere
	maxLeaving   = 1000
	maxLeaveFrom = 20 // from one address
	askLimit     = 10 * time.Second
)

// gone is somebody who has gone to the provider.
type gone struct {
	browser  [sha256.Size]byte // of the cookie that must come back with them
	nonce    string
	verifier string
	by       *Provider
	from     string // the address
	until    time.Time
}

// away is who is away to sign in, and what is known of the provider.
type away struct {
	mu    sync.Mutex
	gone  map[string]gone // by state
	found map[string]*oidc.Provider
}

// provider asks a provider what it can do, once it is wanted.
func (e *away) provider(ctx context.Context, issuer string) (*oidc.Provider, error) {
	e.mu.Lock()
	p := e.found[issuer]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	// The keys are fetched by this client later, too, so the context must last.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), askingClient()), issuer)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.found == nil {
		e.found = map[string]*oidc.Provider{}
	}
	e.found[issuer] = p
	return p, nil
}

func askingClient() *http.Client { return &http.Client{Timeout: askLimit} }

func (e *away) leave(state string, l gone, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gone == nil {
		e.gone = map[string]gone{}
	}
	oldest, same := "", 0
	for k, x := range e.gone {
		switch {
		case !now.Before(x.until) || len(e.gone) >= maxLeaving:
			delete(e.gone, k)
		case x.from == l.from:
			if same++; oldest == "" || x.until.Before(e.gone[oldest].until) {
				oldest = k
			}
		}
	}
	if same >= maxLeaveFrom { // whoever leaves over and over keeps nobody else from coming back
		delete(e.gone, oldest)
	}
	e.gone[state] = l
}

// back gives who left with a state: once, and by the same browser alone.
func (e *away) back(state, browser string, now time.Time) (gone, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l, ok := e.gone[state]
	sum := sha256.Sum256([]byte(browser))
	if !ok || subtle.ConstantTimeCompare(sum[:], l.browser[:]) != 1 {
		return gone{}, false
	}
	delete(e.gone, state)
	return l, now.Before(l.until)
}

func (h *Handler) client(p *Provider, at *oidc.Provider) *oauth2.Config {
	c := &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: at.Endpoint(),
		RedirectURL: strings.TrimSuffix(h.settings.Load().PublicURL, "/") + callbackPath, Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
	// Some tell of groups only when they are asked for by a scope of that name,
	// and some refuse scopes that they do not know: they are asked for where the
	// provider lists it.
	var can struct {
		Scopes []string `json:"scopes_supported"`
	}
	if at.Claims(&can) == nil && slices.Contains(can.Scopes, p.RoleClaim) {
		c.Scopes = append(c.Scopes, p.RoleClaim)
	}
	return c
}

func (h *Handler) stateCookie(value string, age int) *http.Cookie {
	c := h.cookieOf(value, age)
	c.Name += "-away"
	c.SameSite = http.SameSiteLaxMode // it must come back from another site
	return &c
}

// leavePage sends somebody to the provider.
func (h *Handler) leavePage(w http.ResponseWriter, r *http.Request) {
	p := h.settings.Load().Provider
	if p == nil {
		h.noPage(w, r)
		return
	}
	at, err := h.away.provider(r.Context(), p.Issuer)
	if err != nil {
		h.o.Log.Error("the sign-in provider cannot be asked; local accounts go on", "error", err)
		h.notSignedIn(w, r, http.StatusServiceUnavailable)
		return
	}
	state, browser, now := newNonce(), newNonce()+newNonce(), time.Now()
	l := gone{browser: sha256.Sum256([]byte(browser)), nonce: newNonce(), verifier: oauth2.GenerateVerifier(), by: p, from: h.address(r), until: now.Add(leaveFor)}
	h.away.leave(state, l, now)
	http.SetCookie(w, h.stateCookie(browser, int(leaveFor/time.Second)))
	w.Header().Set("Location", h.client(p, at).AuthCodeURL(state, oidc.Nonce(l.nonce), oauth2.S256ChallengeOption(l.verifier)))
	w.WriteHeader(http.StatusSeeOther)
}

// backPage takes somebody who comes back.
func (h *Handler) backPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	cookie, err := r.Cookie(h.stateCookie("", 0).Name)
	if err != nil {
		h.notSignedIn(w, r, http.StatusForbidden)
		return
	}
	l, ok := h.away.back(q.Get("state"), cookie.Value, time.Now())
	if !ok || l.by.print() != h.settings.Load().Provider.print() || q.Get("code") == "" {
		h.notSignedIn(w, r, http.StatusForbidden)
		return
	}
	http.SetCookie(w, h.stateCookie("", -1))
	account, err := h.signedInBy(r.Context(), l, q.Get("code"))
	if err != nil {
		h.o.Log.Warn("a sign-in by the provider is refused", "error", err)
		h.notSignedIn(w, r, http.StatusForbidden)
		return
	}
	c := h.enter(r, account)
	http.SetCookie(w, &c)
	w.Header().Set("Location", "/")
	w.WriteHeader(http.StatusSeeOther)
}

// signedInBy turns a code into an account, if the provider says who that is and
// telecare.yaml has a role for them.
func (h *Handler) signedInBy(ctx context.Context, l gone, code string) (Account, error) {
	at, err := h.away.provider(ctx, l.by.Issuer)
	if err != nil {
		return Account{}, err
	}
	ctx = oidc.ClientContext(ctx, askingClient())
	token, err := h.client(l.by, at).Exchange(ctx, code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		if no := new(oauth2.RetrieveError); errors.As(err, &no) { // its body can have anything in it
			return Account{}, fmt.Errorf("the provider takes the code with status %d", no.Response.StatusCode)
		}
		return Account{}, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := at.Verifier(&oidc.Config{ClientID: l.by.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Account{}, err
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(l.nonce)) != 1 {
		return Account{}, errors.New("the token is not for this sign-in")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return Account{}, err
	}
	account, no := l.by.account(id.Subject, claims)
	if no == nil || at.UserInfoEndpoint() == "" {
		return account, no
	}
	// Beside a code a provider need not put more into the token than the subject,
	// and says the rest when it is asked. [OpenID Connect Core 1.0, 5.4]
	info, err := at.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return Account{}, fmt.Errorf("%w; and the provider says no more of them: %w", no, err)
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return Account{}, err
	}
	if info.Subject != id.Subject { // "MUST NOT be used" [5.3.2]
		return Account{}, errors.New("what the provider says is about somebody else")
	}
	maps.Copy(more, claims) // what is signed counts
	return l.by.account(id.Subject, more)
}

// account is whom claims tell of.
func (p *Provider) account(subject string, claims map[string]any) (Account, error) {
	var has []string
	switch c := claims[p.RoleClaim].(type) {
	case string:
		has = []string{c}
	case []any:
		for _, x := range c {
			if s, ok := x.(string); ok {
				has = append(has, s)
			}
		}
	}
	a := Account{Name: "provider:" + subject, External: p.print()}
	for _, r := range p.Roles {
		if slices.Contains(has, r.Is) {
			a.Role = r.Role
			break
		}
	}
	a.Person = p.People[subject]
	if mail, _ := claims["email"].(string); a.Person == "" && mail != "" && claims["email_verified"] == true {
		a.Person = p.People[mail]
	}
	switch {
	case subject == "" || a.Role == "":
		return a, errors.New("none of the roles is for them")
	case a.Person == "" && (a.Role == RoleNurse || a.Role == RoleCentre):
		return a, fmt.Errorf("they are nobody who answers alarms, as a %s must be", a.Role)
	}
	return a, nil
}

// notSignedIn says that it did not work, and that there are local accounts.
func (h *Handler) notSignedIn(w http.ResponseWriter, r *http.Request, status int) {
	l := h.lang(r, "")
	p := say.In(l).Pages
	lost(w, l, status, p.NotSignedIn, p.NotSignedInDo)
}

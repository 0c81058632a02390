package dashboards

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
)

// fakeProvider is an OpenID provider, from the specification: discovery, keys, and a
// token endpoint that takes a code once, from its client, with the verifier of
// its challenge. [OpenID Connect Core 1.0, 3.1; RFC 7636]
type fakeProvider struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu     sync.Mutex
	codes  map[string]url.Values // what was asked for, by code
	change func(head, claims map[string]any)
	sign   *rsa.PrivateKey // nil: nobody signs
	down   bool
	info   map[string]any // what it says only when it is asked; nil: it cannot be
	end    any            // where people sign out; nil: nowhere
}

func newFakeProvider(t *testing.T) *fakeProvider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &fakeProvider{key: key, sign: key, codes: map[string]url.Values{}}
	say := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		asked := map[string]any{}
		if p.info != nil {
			asked["userinfo_endpoint"], asked["scopes_supported"] = p.URL+"/info", []string{"openid", "groups"}
		}
		if p.end != nil {
			asked["end_session_endpoint"] = p.end
		}
		maps.Copy(asked, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
		say(w, asked)
	})
	mux.HandleFunc("/info", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer x" {
			http.Error(w, "whose?", http.StatusUnauthorized)
			return
		}
		say(w, p.info)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": b64.EncodeToString(key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		id, secret, _ := r.BasicAuth()
		if id == "" {
			id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
		}
		asked := p.codes[r.FormValue("code")]
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if asked == nil || id != "telecare" || secret != "shared" || r.FormValue("redirect_uri") != asked.Get("redirect_uri") || asked.Get("code_challenge") != b64.EncodeToString(sum[:]) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, "no")
			return
		}
		delete(p.codes, r.FormValue("code"))
		head := map[string]any{"alg": "RS256", "kid": "k"}
		claims := map[string]any{
			"iss": p.URL, "sub": "subject-1", "aud": "telecare", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": asked.Get("nonce"),
			"email": "marta@example.org", "email_verified": true, "groups": []string{"everybody", "nurses"},
		}
		if p.change != nil {
			p.change(head, claims)
		}
		enc := func(v any) string { b, _ := json.Marshal(v); return b64.EncodeToString(b) }
		text := enc(head) + "." + enc(claims)
		var sig []byte
		if p.sign != nil {
			sum := sha256.Sum256([]byte(text))
			sig, _ = rsa.SignPKCS1v15(rand.Reader, p.sign, crypto.SHA256, sum[:])
		}
		say(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text + "." + base64.RawURLEncoding.EncodeToString(sig)})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// allow is somebody who signs in there: it gives the address to come back to.
func (p *fakeProvider) allow(t *testing.T, to string) string {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, p.URL+"/auth?") {
		t.Fatalf("sent to %q", to)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 || !strings.Contains(q.Get("scope"), "openid") {
		t.Errorf("asked for %v", q)
	}
	code := newNonce()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	return "/sign-in/callback?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

func (p *fakeProvider) set(f func()) { p.mu.Lock(); defer p.mu.Unlock(); f() }

// stays does not follow redirects.
func (h *house) stays(t *testing.T) *caller {
	jar, _ := cookiejar.New(nil)
	return &caller{t: t, h: h, Client: http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (c *caller) leaves() string {
	c.t.Helper()
	status, _, head := c.do("GET", "/sign-in", "")
	if status != 303 {
		c.t.Fatalf("to the provider: %d", status)
	}
	return head.Get("Location")
}

func withProvider(p *fakeProvider) func(*Options) {
	return func(o *Options) {
		o.Provider = &Provider{
			Issuer: p.URL, ClientID: "telecare", ClientSecret: "shared", Name: "Lipowa", RoleClaim: "groups",
			Roles: []RoleOf{{"nurses", RoleNurse}, {"plans", RoleManager}}, People: map[string]alerting.Person{"marta@example.org": "p-1", "subject-2": "p-2"},
		}
	}
}

func TestSignInElsewhere(t *testing.T) {
	p, kept := newFakeProvider(t), &drawer{}
	with := func(o *Options) { withProvider(p)(o); o.Sessions = kept }
	h := newHouse(t, newWard(same), with)
	c := h.stays(t)
	if text := c.want(200, "GET", "/api/v1/sign-in", ""); !strings.Contains(text, "Lipowa") {
		t.Errorf("the page is told %s", text)
	}
	back := p.allow(t, c.leaves())
	status, _, head := c.do("GET", back, "")
	if status != 303 || head.Get("Location") != "/" || !strings.Contains(fmt.Sprint(head["Set-Cookie"]), "SameSite=Strict") {
		t.Fatalf("back: %d %v", status, head)
	}
	if text := c.want(200, "GET", "/api/v1/session", ""); !strings.Contains(text, "Marta W.") || !strings.Contains(text, `"role":"nurse"`) {
		t.Errorf("signed in as %s", text)
	}
	// The same again, by the same code and state, is nothing.
	c.want(403, "GET", back, "")
	// Over a restart it goes on; when the roles are others, or there is no provider, it ends.
	h.Close()
	again := newHouse(t, newWard(same), with)
	u, _ := url.Parse(h.url)
	to, _ := url.Parse(again.url)
	jar, _ := cookiejar.New(nil)
	jar.SetCookies(to, c.Jar.Cookies(u))
	later := &caller{t: t, h: again, Client: http.Client{Jar: jar}}
	later.want(200, "GET", "/api/v1/session", "")
	s := again.settings.Load().Settings
	s.Provider = nil
	again.Change(s)
	later.want(401, "GET", "/api/v1/session", "")
	again.stays(t).want(404, "GET", "/sign-in", "")
}

// Whoever signs out here is sent to sign out there, if they came from there and
// it has a page for that; the sign-in here has ended before.
func TestSignOutElsewhere(t *testing.T) {
	for _, x := range []struct {
		name string
		end  any
		here bool
		want string
	}{
		{"as it is", "/end", false, "/end?client_id=telecare&post_logout_redirect_uri="},
		{"with a question", "/end?realm=care", false, "/end?client_id=telecare&post_logout_redirect_uri="},
		{"it has none", nil, false, ""},
		{"only here", "/end", true, ""},
		{"no address", 7, false, ""},
		{"no page", "javascript:alert(1)", false, ""},
		{"of nowhere", "http:///end", false, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := newFakeProvider(t)
			if path, ok := x.end.(string); ok && strings.HasPrefix(path, "/") {
				x.end = p.URL + path
			}
			p.set(func() { p.end = x.end })
			h := newHouse(t, newWard(same), func(o *Options) { withProvider(p)(o); o.Provider.OutHere = x.here })
			c := h.stays(t)
			c.want(303, "GET", p.allow(t, c.leaves()), "")
			status, _, head := c.do("DELETE", "/api/v1/session", "")
			at, err := url.Parse(head.Get("Location"))
			if err != nil || status != 204 || (at.String() != "") != (x.want != "") || x.want != "" && (!strings.HasPrefix(at.String(), p.URL+"/end?") ||
				at.Query().Get("post_logout_redirect_uri") != h.url+"/" || at.Query().Get("client_id") != "telecare" || strings.Contains(fmt.Sprint(x.end), "realm") != at.Query().Has("realm")) {
				t.Errorf("signed out with %d, sent to %q", status, at)
			}
			if strings.Contains(at.String(), "marta") || at.Query().Has("id_token_hint") {
				t.Errorf("somebody is named in %q", at)
			}
			c.want(401, "GET", "/api/v1/session", "")
			local := h.caller(t, "marta")
			if _, _, head := local.do("DELETE", "/api/v1/session", ""); head.Get("Location") != "" {
				t.Errorf("a local account is sent to %q", head.Get("Location"))
			}
		})
	}
	// A provider that is away keeps nobody signed in.
	p := newFakeProvider(t)
	p.set(func() { p.end = p.URL + "/end" })
	kept := &drawer{}
	with := func(o *Options) { withProvider(p)(o); o.Sessions = kept }
	h := newHouse(t, newWard(same), with)
	c := h.stays(t)
	c.want(303, "GET", p.allow(t, c.leaves()), "")
	h.Close()
	p.set(func() { p.down = true })
	again := newHouse(t, newWard(same), with)
	u, _ := url.Parse(h.url)
	to, _ := url.Parse(again.url)
	jar, _ := cookiejar.New(nil)
	jar.SetCookies(to, c.Jar.Cookies(u))
	later := &caller{t: t, h: again, Client: http.Client{Jar: jar}}
	if status, _, head := later.do("DELETE", "/api/v1/session", ""); status != 204 || head.Get("Location") != "" {
		t.Errorf("while it is away: %d %q", status, head.Get("Location"))
	}
	later.want(401, "GET", "/api/v1/session", "")
}

// What a provider, or somebody between, may say that is not true.
func TestAttackSignInElsewhere(t *testing.T) {
	p := newFakeProvider(t)
	h := newHouse(t, newWard(same), withProvider(p))
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	type m = map[string]any
	for name, x := range map[string]struct {
		change func(head, claims m)
		sign   *rsa.PrivateKey
	}{
		"another nonce":          {func(_, c m) { c["nonce"] = "other" }, p.key},
		"no nonce":               {func(_, c m) { delete(c, "nonce") }, p.key},
		"another audience":       {func(_, c m) { c["aud"] = "somebody" }, p.key},
		"another issuer":         {func(_, c m) { c["iss"] = "https://evil.example" }, p.key},
		"expired":                {func(_, c m) { c["exp"] = time.Now().Add(-time.Hour).Unix() }, p.key},
		"no expiry":              {func(_, c m) { delete(c, "exp") }, p.key},
		"nobody signs":           {func(head, _ m) { head["alg"] = "none" }, nil},
		"none, and a signature":  {func(head, _ m) { head["alg"] = "none" }, p.key},
		"an empty signature":     {nil, nil},
		"another key":            {nil, other},
		"a secret for a key":     {func(head, _ m) { head["alg"] = "HS256" }, p.key},
		"no role":                {func(_, c m) { c["groups"] = []string{"everybody"} }, p.key},
		"a role of another kind": {func(_, c m) { c["groups"] = m{"nurses": true} }, p.key},
		"a mail not verified":    {func(_, c m) { c["email_verified"] = false }, p.key},
		"nobody's mail":          {func(_, c m) { c["email"] = "eve@example.org" }, p.key},
		"no subject":             {func(_, c m) { c["sub"] = "" }, p.key},
	} {
		p.set(func() { p.change, p.sign = x.change, x.sign })
		c := h.stays(t)
		c.want(403, "GET", p.allow(t, c.leaves()), "")
		if status, _, _ := c.do("GET", "/api/v1/session", ""); status != 401 {
			t.Errorf("%s: signed in", name)
		}
	}
	p.set(func() { p.change, p.sign = nil, p.key })
	// Another browser brings the state and the code: whose sign-in it is was
	// decided when they left.
	attacker, victim := h.stays(t), h.stays(t)
	theirs := p.allow(t, attacker.leaves())
	victim.want(403, "GET", theirs, "")
	victim.leaves()
	victim.want(403, "GET", theirs, "")
	victim.want(401, "GET", "/api/v1/session", "")
	// The code of one sign-in in another of the same browser: the verifier differs.
	mine := p.allow(t, victim.leaves())
	a, _ := url.Parse(theirs)
	b, _ := url.Parse(mine)
	q := b.Query()
	q.Set("code", a.Query().Get("code"))
	victim.want(403, "GET", "/sign-in/callback?"+q.Encode(), "")
	for _, path := range []string{"/sign-in/callback", "/sign-in/callback?state=x&code=y", "/sign-in/callback?error=access_denied&state=x", "/sign-in/callback?state=&code="} {
		h.stays(t).want(403, "GET", path, "")
	}
	// A manager needs no person; a subject says who somebody is.
	p.set(func() {
		p.change = func(_, c map[string]any) { c["groups"], c["sub"], c["email"] = "plans", "subject-2", "" }
	})
	c := h.stays(t)
	c.want(303, "GET", p.allow(t, c.leaves()), "")
	if text := c.want(200, "GET", "/api/v1/session", ""); !strings.Contains(text, `"role":"manager"`) || !strings.Contains(text, "Jan Z.") {
		t.Errorf("signed in as %s", text)
	}
}

// A provider that is away keeps nobody from a local account, and nothing from
// starting.
func TestProviderAway(t *testing.T) {
	p := newFakeProvider(t)
	p.set(func() { p.down = true })
	h := newHouse(t, newWard(same), withProvider(p))
	h.stays(t).want(503, "GET", "/sign-in", "")
	h.caller(t, "marta").want(200, "GET", "/api/v1/session", "")
	p.set(func() { p.down = false })
	c := h.stays(t)
	c.want(303, "GET", p.allow(t, c.leaves()), "")
}

// A provider that puts no more into the token than it must is asked for the rest,
// by the scope that it lists for it; what it says of somebody else is nothing.
func TestSignInAsksForMore(t *testing.T) {
	p := newFakeProvider(t)
	bare := func(_, c map[string]any) {
		delete(c, "groups")
		delete(c, "email")
		delete(c, "email_verified")
	}
	p.set(func() { p.change, p.info = bare, map[string]any{} })
	h := newHouse(t, newWard(same), withProvider(p))
	try := func(info map[string]any) (status int, scopes string, c *caller) {
		t.Helper()
		p.set(func() { p.info = info })
		c = h.stays(t)
		to := c.leaves()
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		status, _, _ = c.do("GET", p.allow(t, to), "")
		return status, u.Query().Get("scope"), c
	}
	all := map[string]any{"sub": "subject-1", "groups": []string{"nurses"}, "email": "marta@example.org", "email_verified": true}
	status, scopes, c := try(all)
	if text := c.want(200, "GET", "/api/v1/session", ""); status != 303 || !strings.Contains(text, "Marta W.") || !strings.Contains(scopes, "groups") {
		t.Errorf("%d, asked for %q: %s", status, scopes, text)
	}
	for name, change := range map[string]func(map[string]any){
		"of somebody else":    func(m map[string]any) { m["sub"] = "subject-2" },
		"of nobody":           func(m map[string]any) { delete(m, "sub") },
		"a mail not verified": func(m map[string]any) { m["email_verified"] = false },
		"no group":            func(m map[string]any) { m["groups"] = []string{} },
	} {
		x := maps.Clone(all)
		change(x)
		if status, _, c := try(x); status != 403 {
			t.Errorf("%s: %d", name, status)
		} else {
			c.want(401, "GET", "/api/v1/session", "")
		}
	}
	// What is signed counts, also where the rest says otherwise.
	p.set(func() {
		p.change = func(_, c map[string]any) { delete(c, "email"); c["groups"] = []string{"strangers"} }
	})
	if status, _, _ := try(all); status != 403 {
		t.Errorf("a group that the token does not have: %d", status)
	}
}

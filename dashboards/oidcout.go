package dashboards

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// outLimit is how long a sign-out waits for a provider that was not asked since
// the start. It has happened here by then.
const outLimit = 3 * time.Second

// outThere is where the browser of whoever has just signed out goes to sign out
// of the provider, too: by the page that it names for that; "" where there is
// none. [OpenID Connect RP-Initiated Logout 1.0, 2]
//
// It says who we are and not who they are: a hint by their token would put a
// name into an address, which browsers and proxies keep, and the token on our
// disk. For want of it a provider may ask them whether they mean it.
func (h *Handler) outThere(r *http.Request, account Account) string {
	s := h.settings.Load()
	p := s.Provider
	if p == nil || p.OutHere || account.External == "" || account.External != p.print() {
		return ""
	}
	found := make(chan string, 1)
	go func() {
		at, err := h.away.provider(context.WithoutCancel(r.Context()), p.Issuer)
		if err != nil {
			h.o.Log.Warn("whoever has signed out here may be signed in there still: the sign-in provider cannot be asked", "error", err)
			found <- ""
			return
		}
		var can struct {
			End string `json:"end_session_endpoint"`
		}
		if at.Claims(&can) != nil { // it is text, or not for us
			can.End = ""
		}
		found <- can.End
	}()
	select {
	case end := <-found:
		return outAddress(end, p, s.PublicURL)
	case <-time.After(outLimit):
		return ""
	}
}

// outAddress is an address of a provider with what it wants to know.
func outAddress(end string, p *Provider, public string) string {
	u, err := url.Parse(end)
	issuer, err2 := url.Parse(p.Issuer)
	if end == "" || err != nil || err2 != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != issuer.Scheme {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("post_logout_redirect_uri", strings.TrimSuffix(public, "/")+"/")
	u.RawQuery = q.Encode()
	return u.String()
}

package dashboards

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

type signingIn struct {
	Name     string `json:"name" maxLength:"200" doc:"The account's name in telecare.yaml." example:"centre"`
	Password string `json:"password" maxLength:"200" doc:"Its password." example:"a good password"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Six digits of the device that shows codes, or one from paper, for accounts that have one." example:"287082"`
}

type signedInAs struct {
	SetCookie []http.Cookie `header:"Set-Cookie" doc:"The sign-in, for 12 hours; and that this browser is known, so that nobody's wrong passwords keep it waiting."`
	Body      youView
}

type signedOutNow struct {
	SetCookie http.Cookie `header:"Set-Cookie" doc:"Takes the cookie away."`
	Location  string      `header:"Location" doc:"Where the browser goes to sign out of the provider, too; absent for who has not signed in by it, or where it has no page for that."`
}

func (h *Handler) sessionOperations(api huma.API) {
	op := func(id, method, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/session", Summary: summary, Description: more, Tags: []string{"session"}}
	}
	add(h, api, signedIn, op("who-am-i", http.MethodGet, "Say who you are, and what you may do", ""),
		func(_ context.Context, v viewer, _ *none) (*list[youView], error) {
			ward := h.hub.names()
			return &list[youView]{*h.you(v, ward)}, nil
		})
	add(h, api, everybody, op("sign-in", http.MethodPost, "Sign in", "Ten wrong tries of a name from an address, and it must wait for a minute. Whoever tries many names, or one name from many addresses, must wait too; but not in a browser in which the account was signed in before."),
		func(ctx context.Context, _ viewer, in *struct{ Body signingIn }) (*signedInAs, error) {
			return h.signIn(ctx, in.Body)
		}, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	h.ownSessionOperations(api)
	h.codeOperations(api)
	add(h, api, everybody, huma.Operation{
		OperationID: "sign-in-ways", Method: http.MethodGet, Path: "/sign-in", Summary: "Say where people can sign in beside here", Tags: []string{"session"},
	}, func(_ context.Context, _ viewer, _ *none) (*list[waysView], error) {
		out := waysView{}
		if p := h.settings.Load().Provider; p != nil {
			out.Provider, out.Path = p.Name, signInPath
		}
		return &list[waysView]{out}, nil
	})
	add(h, api, everybody, op("sign-out", http.MethodDelete, "Sign out", "Its screens end with it."),
		func(ctx context.Context, _ viewer, _ *none) (*signedOutNow, error) {
			r := request(ctx)
			_, s := h.viewer(r)
			h.leave(r)
			out := &signedOutNow{SetCookie: h.cookieOf("", -1)}
			if s != nil {
				out.Location = h.outThere(r, s.account)
			}
			return out, nil
		})
}

func (h *Handler) cookieOf(value string, age int) http.Cookie {
	return http.Cookie{
		Name: h.cookie(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: h.settings.Load().Secure, SameSite: http.SameSiteStrictMode,
	}
}

type waysView struct {
	Provider string `json:"provider,omitempty" doc:"What people call it; absent when there is none."`
	Path     string `json:"path,omitempty" doc:"Where a browser goes for it."`
}

type sessionList struct {
	Account  string        `json:"account,omitempty" doc:"The name that is typed to sign in; absent for a token, and for who has signed in elsewhere."`
	Code     bool          `json:"code,omitempty" doc:"A code is asked for beside the password."`
	CodeOwn  bool          `json:"code_own,omitempty" doc:"It was set up on the page; telecare.yaml has none."`
	Sessions []sessionView `json:"sessions" doc:"The sign-ins of your account, the newest first."`
}

type sessionView struct {
	ID    string    `json:"id" doc:"Opaque id."`
	Since time.Time `json:"since" doc:"When you signed in."`
	Used  time.Time `json:"used" doc:"When it was used last."`
	Until time.Time `json:"until" doc:"When it ends if it goes on being used."`
	Agent string    `json:"agent,omitempty" doc:"The browser, as it calls itself."`
	Here  bool      `json:"here,omitempty" doc:"It is this one."`
}

// ownSessionOperations let people see where they are signed in, and end it.
func (h *Handler) ownSessionOperations(api huma.API) {
	op := func(id, method, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{"session"}}
	}
	add(h, api, signedIn, op("list-sessions", http.MethodGet, "/sessions", "List where your account is signed in", "Empty for a token, which signs in nowhere."),
		func(ctx context.Context, _ viewer, _ *none) (*list[sessionList], error) {
			out := sessionList{Sessions: []sessionView{}}
			if _, s := h.viewer(request(ctx)); s != nil {
				out.Sessions = h.sessions.list(s.account.Name, s)
				if a, ok := h.account(s.account.Name); ok && s.account.External == "" {
					out.Account, out.Code, out.CodeOwn = a.Name, a.Second != nil, a.Second != nil && a.Second.own
				}
			}
			return &list[sessionList]{out}, nil
		})
	end := func(ctx context.Context, id string) (*none, error) {
		_, s := h.viewer(request(ctx))
		if s == nil || h.sessions.closeOf(s.account.Name, id) == 0 {
			return nil, problem(http.StatusNotFound, "no_such_session")
		}
		return nil, nil
	}
	add(h, api, signedIn, op("end-sessions", http.MethodDelete, "/sessions", "Sign your account out everywhere", "Here too; screens end with it."),
		func(ctx context.Context, _ viewer, _ *none) (*none, error) { return end(ctx, "") }, http.StatusNotFound)
	add(h, api, signedIn, op("end-session", http.MethodDelete, "/sessions/{id}", "Sign your account out in one place", ""),
		func(ctx context.Context, _ viewer, in *struct {
			ID string `path:"id" minLength:"1" maxLength:"64" doc:"The sign-in's id." example:"0123456789abcdef"`
		}) (*none, error) {
			return end(ctx, in.ID)
		}, http.StatusNotFound)
}

// list gives the sessions of an account, the newest first; asks is whose request
// it is.
func (s *sessions) list(account string, asks *session) []sessionView {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []sessionView{}
	for key, x := range s.by {
		if x.account.Name == account {
			out = append(out, x.shown(key, asks))
		}
	}
	newestFirst(out)
	return out
}

// shown renders a session for whoever asks; the lock is held.
func (x *session) shown(key hash, asks *session) sessionView {
	return sessionView{publicID(key), x.since, x.used, x.until, x.agent, x == asks}
}

func newestFirst(all []sessionView) {
	slices.SortFunc(all, func(a, b sessionView) int { return b.Since.Compare(a.Since) })
}

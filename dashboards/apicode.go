package dashboards

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

type begunView struct {
	Secret  string    `json:"secret" doc:"To be typed into the device, in base32."`
	URI     string    `json:"uri" doc:"The same as a link that a device opens: otpauth://totp/…"`
	Picture []string  `json:"picture" doc:"The link as a QR code: its rows, # for what is dark. It wants four modules of white around it."`
	Until   time.Time `json:"until" doc:"By then a code must show that the device works."`
}

type papersView struct {
	Recovery []string `json:"recovery" doc:"Codes on paper for the day on which the device is lost, each good once. They are told this once."`
}

type passwordOnly struct {
	Password string `json:"password" maxLength:"200" doc:"The account's." example:"a good password"`
}

type codeOnly struct {
	Code string `json:"code" maxLength:"40" doc:"Six digits that the device shows." example:"287082"`
}

type passwordAndCode struct {
	Password string `json:"password" maxLength:"200" doc:"The account's." example:"a good password"`
	Code     string `json:"code" maxLength:"40" doc:"Six digits of the device, or a code from paper." example:"287082"`
}

// codeOperations let people have a device that shows codes asked for beside their
// password. What is set up belongs to the sign-in that began it, until a code of
// the device has shown that it works; before that nothing is kept.
func (h *Handler) codeOperations(api huma.API) {
	op := func(id, method, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{"session"}}
	}
	add(h, api, signedIn, op("begin-code", http.MethodPost, "/session/code", "Begin to have a code asked for beside your password",
		"For accounts of telecare.yaml that have none. Nothing is kept before confirm-code. Wrong passwords count as at the sign-in."),
		func(ctx context.Context, _ viewer, in *struct{ Body passwordOnly }) (*list[begunView], error) {
			s, a, err := h.local(ctx)
			if err != nil {
				return nil, err
			}
			if a.Second != nil {
				return nil, problem(http.StatusConflict, "has_code")
			}
			if _, err := h.proven(ctx, signingIn{Name: a.Name, Password: in.Body.Password}); err != nil {
				return nil, err
			}
			second := NewSecond()
			second.own = true
			uri := second.URI(issuer(h.hub.names()), a.Name)
			rows, err := picture(uri)
			if err != nil {
				rows = []string{} // the link is too long for one: it can be typed
			}
			return &list[begunView]{begunView{SecretText(second.Secret), uri, rows, h.sessions.begin(s, second, time.Now())}}, nil
		}, http.StatusConflict, http.StatusServiceUnavailable)
	add(h, api, signedIn, op("confirm-code", http.MethodPut, "/session/code", "Have it asked for from now on",
		"By a code of the device that was begun in this sign-in. It is good once, as every code is. All other sign-ins of the account end."),
		func(ctx context.Context, v viewer, in *struct{ Body codeOnly }) (*list[papersView], error) {
			s, a, err := h.local(ctx)
			if err != nil {
				return nil, err
			}
			begun, now := h.sessions.begun(s, time.Now()), time.Now()
			switch {
			case a.Second != nil:
				return nil, problem(http.StatusConflict, "has_code")
			case begun == nil:
				return nil, problem(http.StatusConflict, "no_code_begun")
			}
			tried, wait := h.door.begin(a.Name, h.address(request(ctx)), h.browser(request(ctx), a.Name), now)
			if tried == nil {
				return nil, tooManyFor(wait)
			}
			if !h.codes.take(a.Name, begun, in.Body.Code, now) {
				return nil, problem(http.StatusUnauthorized, "wrong_code")
			}
			right(tried)
			second := *begun // what was begun is read by others of this sign-in
			papers := second.Papers()
			if err := h.codeChanged(v, a, &second, s); err != nil {
				return nil, err
			}
			return &list[papersView]{papersView{papers}}, nil
		}, http.StatusConflict, http.StatusServiceUnavailable)
	add(h, api, signedIn, op("remove-code", http.MethodPost, "/session/code/remove", "Have it asked for no more",
		"For one that was set up on the page; an administrator must have one. All other sign-ins of the account end."),
		func(ctx context.Context, v viewer, in *struct{ Body passwordAndCode }) (*none, error) {
			s, a, err := h.local(ctx)
			if err != nil {
				return nil, err
			}
			if err := removable(a); err != nil {
				return nil, err
			}
			if _, err := h.proven(ctx, signingIn{Name: a.Name, Password: in.Body.Password, Code: in.Body.Code}); err != nil {
				return nil, err
			}
			return nil, h.codeChanged(v, a, nil, s)
		}, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable)
	add(h, api, AccessWrite, huma.Operation{
		OperationID: "remove-code-of", Method: http.MethodPost, Path: "/access/code/remove", Tags: []string{"site"},
		Summary:     "Have no code asked of somebody any more",
		Description: "For a device that was lost with the codes on paper: one that was set up on the page, and not an administrator's. All sign-ins of the account end. The book of looks says who did it.",
	}, func(_ context.Context, v viewer, in *struct{ Body accountName }) (*none, error) {
		a, ok := h.account(in.Body.Account)
		if !ok {
			return nil, problem(http.StatusNotFound, "no_code")
		}
		if err := removable(a); err != nil {
			return nil, err
		}
		return nil, h.codeChanged(v, a, nil, nil)
	}, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable)
}

// local finds the sign-in and the account, of telecare.yaml, of whoever asks.
func (h *Handler) local(ctx context.Context) (*session, Account, error) {
	_, s := h.viewer(request(ctx))
	if s == nil || s.account.External != "" {
		return nil, Account{}, problem(http.StatusConflict, "no_account")
	}
	a, ok := h.account(s.account.Name)
	if !ok { // taken out just now
		return nil, Account{}, unauthorized()
	}
	return s, a, nil
}

// removable says why what an account has beside its password cannot be taken
// away here.
func removable(a Account) error {
	switch {
	case a.Second == nil:
		return problem(http.StatusNotFound, "no_code")
	case !a.Second.own:
		return problem(http.StatusConflict, "code_in_file")
	case a.Role == RoleAdministrator:
		return problem(http.StatusConflict, "code_demanded")
	}
	return nil
}

// codeChanged puts it in force and into the book, without the secret.
func (h *Handler) codeChanged(v viewer, a Account, is *Second, asks *session) error {
	err := h.setSecond(a.Name, a.Second, is, asks)
	switch {
	case errors.Is(err, errMeanwhile):
		return problem(http.StatusConflict, "changed_meanwhile")
	case err != nil:
		h.o.Log.Error("a code beside a password was not kept, and does not count", "error", err)
		return problem(http.StatusServiceUnavailable, "not_kept")
	}
	what := setUpCode
	if is == nil {
		what = tookCode
	}
	h.note(v, Look{What: what, Account: a.Name})
	return nil
}

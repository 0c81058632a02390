package dashboards

import (
	"context"
	"crypto/sha256"
	"hash/maphash"
	"net/http"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func (h *Handler) signIn(ctx context.Context, in signingIn) (*signedInAs, error) {
	account, err := h.proven(ctx, in)
	if err != nil {
		return nil, err
	}
	known := h.cookieOf(h.known(in.Name, newNonce()), int(knownFor/time.Second))
	known.Name = h.knownCookie()
	return &signedInAs{[]http.Cookie{h.enter(request(ctx), account), known}, *h.you(account.viewer(), h.hub.names())}, nil
}

// proven finds the account of whoever knows its password and, where it has a
// device that shows codes, has that. Each try counts until it was right.
func (h *Handler) proven(ctx context.Context, in signingIn) (Account, error) {
	r := request(ctx)
	browser := h.browser(r, in.Name)
	begun, wait := h.door.begin(in.Name, h.address(r), browser, time.Now())
	if begun == nil {
		return Account{}, tooManyFor(wait)
	}
	account, err := h.checked(ctx, in, browser != "")
	if err != nil {
		return Account{}, err
	}
	if account.Second == nil && h.own.unread() {
		return Account{}, problem(http.StatusServiceUnavailable, "codes_lost")
	}
	if account.Second != nil {
		// A code that is missing or wrong counts as a wrong password: there are
		// only a million.
		if in.Code == "" {
			return Account{}, problem(http.StatusUnauthorized, "code_needed")
		}
		if !h.codes.take(account.Name, account.Second, in.Code, time.Now()) {
			return Account{}, problem(http.StatusUnauthorized, "wrong_code")
		}
	}
	right(begun)
	return account, nil
}

// enter signs a browser in. What it had before ends with it: neither is it
// adopted, nor does it go on for whoever has set it.
func (h *Handler) enter(r *http.Request, a Account) http.Cookie {
	h.leave(r)
	all, _ := a.Role.lasts()
	return h.cookieOf(h.sessions.open(a.viewer(), a, r.UserAgent()), int(all/time.Second))
}

// leave ends the sign-in of a browser.
func (h *Handler) leave(r *http.Request) {
	if c, err := r.Cookie(h.cookie()); err == nil {
		h.sessions.close(sha256.Sum256([]byte(c.Value)))
	}
}

// viewer is whoever has signed in.
func (a Account) viewer() viewer {
	return viewer{person: a.Person, role: a.Role, technical: a.Role == RoleTechnician, of: a.Of}
}

// checked finds the account whose password was given. A name that nobody has is
// compared with somebody's password, in vain: it takes as long as a wrong one
// of theirs.
func (h *Handler) checked(ctx context.Context, in signingIn, known bool) (Account, error) {
	var account Account
	var hash []byte
	all := h.settings.Load().Accounts
	if len(all) > 0 {
		hash = all[maphash.String(h.door.name.seed, in.Name)%uint64(len(all))].PasswordHash
	}
	for _, a := range all {
		if a.Name == in.Name {
			account, hash = a, a.PasswordHash
		}
	}
	lane := h.door.hashing
	if known {
		lane = h.door.knownHashing
	}
	select {
	case lane <- struct{}{}:
	case <-ctx.Done():
		return Account{}, ctx.Err()
	}
	err := bcrypt.CompareHashAndPassword(hash, []byte(in.Password))
	<-lane
	if err != nil || account.Role == "" {
		return Account{}, problem(http.StatusUnauthorized, "wrong_password")
	}
	return account, nil
}

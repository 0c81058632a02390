package dashboards

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

type accessList struct {
	Accounts []accountView `json:"accounts" doc:"Who may sign in, as telecare.yaml has it."`
	Tokens   []tokenView   `json:"tokens" doc:"Which programs may come, as telecare.yaml has it; and the one for commands on this machine."`
	SignIns  []signInsView `json:"sign_ins" doc:"Who is signed in, and where."`
}

type accountView struct {
	Name     string                `json:"name" doc:"What is typed to sign in."`
	Role     Role                  `json:"role" doc:"Decides what they are shown and may do."`
	Scopes   []Scope               `json:"scopes" doc:"What they may do."`
	PersonID alerting.Person       `json:"person_id,omitempty" doc:"In whose name they answer, as an opaque id."`
	Person   string                `json:"person,omitempty" doc:"Their name."`
	Of       []alerting.ResidentID `json:"of,omitempty" doc:"Of a family: whose."`
	Code     bool                  `json:"code" doc:"They give a code beside the password."`
	CodeOwn  bool                  `json:"code_own,omitempty" doc:"They have set it up on the page themselves; telecare.yaml has none."`
	SignedIn int                   `json:"signed_in" doc:"In how many places they are signed in."`
}

type tokenView struct {
	Name     string          `json:"name" doc:"Its name."`
	Scopes   []Scope         `json:"scopes" doc:"What it may do."`
	PersonID alerting.Person `json:"person_id,omitempty" doc:"In whose name it answers, as an opaque id."`
	Person   string          `json:"person,omitempty" doc:"Their name."`
}

type signInsView struct {
	Account   string          `json:"account" doc:"The account, by which they are ended: what is typed to sign in, or who the provider says it is."`
	Elsewhere bool            `json:"elsewhere,omitempty" doc:"A provider has let them in; telecare.yaml has no such account."`
	Role      Role            `json:"role" doc:"Decides what they are shown and may do."`
	PersonID  alerting.Person `json:"person_id,omitempty" doc:"In whose name they answer, as an opaque id."`
	Person    string          `json:"person,omitempty" doc:"Their name."`
	Sessions  []sessionView   `json:"sessions" doc:"Where, the newest first."`
}

type accountName struct {
	Account string `json:"account" minLength:"1" maxLength:"400" doc:"The account, as list-access has it." example:"nobody"`
}

type endedView struct {
	Ended int `json:"ended" doc:"How many sign-ins there were."`
}

func (h *Handler) accessOperations(api huma.API) {
	add(h, api, AccessRead, huma.Operation{
		OperationID: "list-access", Method: http.MethodGet, Path: "/access", Tags: []string{"site"},
		Summary:     "List who may sign in and who is, and which programs have tokens",
		Description: "They are changed in telecare.yaml. No password, hash or secret is told.",
	}, func(ctx context.Context, v viewer, _ *none) (*list[accessList], error) {
		w := h.hub.names()
		now := h.settings.Load()
		_, asks := h.viewer(request(ctx))
		out := accessList{[]accountView{}, []tokenView{}, h.sessions.all(asks)}
		name := func(p alerting.Person) string {
			if p == "" {
				return ""
			}
			return v.name(w, p)
		}
		in := map[string]int{}
		for i, x := range out.SignIns {
			in[x.Account], out.SignIns[i].Person = len(x.Sessions), name(x.PersonID)
		}
		for _, a := range now.Accounts {
			out.Accounts = append(out.Accounts, accountView{a.Name, a.Role, append([]Scope{}, a.viewer().scopes()...), a.Person, name(a.Person), a.Of, a.Second != nil, a.Second != nil && a.Second.own, in[a.Name]})
		}
		for _, t := range now.Tokens {
			out.Tokens = append(out.Tokens, tokenView{t.Name, t.Scopes, t.Person, name(t.Person)})
		}
		return &list[accessList]{out}, nil
	})
	add(h, api, AccessWrite, huma.Operation{
		OperationID: "end-sign-ins", Method: http.MethodPost, Path: "/access/sign-out", Tags: []string{"site"},
		Summary:     "Sign somebody out everywhere",
		Description: "All sign-ins of one account end, and its screens with them. It can sign in again: what may not is taken out of telecare.yaml. The book of looks says who did it.",
	}, func(_ context.Context, v viewer, in *struct{ Body accountName }) (*list[endedView], error) {
		n := h.sessions.closeOf(in.Body.Account, "")
		if n == 0 {
			return nil, problem(http.StatusNotFound, "not_signed_in")
		}
		h.note(v, Look{What: endedThem, Account: in.Body.Account})
		return &list[endedView]{endedView{n}}, nil
	}, http.StatusNotFound)
}

// all lists who has sessions, and where; asks is whose request it is.
func (s *sessions) all(asks *session) []signInsView {
	by := map[string]*signInsView{}
	s.mu.Lock()
	for key, x := range s.by {
		a := x.account
		if by[a.Name] == nil {
			by[a.Name] = &signInsView{Account: a.Name, Elsewhere: a.External != "", Role: a.Role, PersonID: a.Person}
		}
		by[a.Name].Sessions = append(by[a.Name].Sessions, x.shown(key, asks))
	}
	s.mu.Unlock()
	out := []signInsView{}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		newestFirst(by[name].Sessions)
		out = append(out, *by[name])
	}
	return out
}

package dashboards

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

type accessList struct {
	Accounts []accountView `json:"accounts" doc:"Who may sign in, as telecare.yaml has it."`
	Tokens   []tokenView   `json:"tokens" doc:"Which programs may come, as telecare.yaml has it; and the one for commands on this machine."`
}

type accountView struct {
	Name     string                `json:"name" doc:"What is typed to sign in."`
	Role     Role                  `json:"role" doc:"Decides what they are shown and may do."`
	Scopes   []Scope               `json:"scopes" doc:"What they may do."`
	PersonID alerting.Person       `json:"person_id,omitempty" doc:"In whose name they answer, as an opaque id."`
	Person   string                `json:"person,omitempty" doc:"Their name."`
	Of       []alerting.ResidentID `json:"of,omitempty" doc:"Of a family: whose."`
	Code     bool                  `json:"code" doc:"They give a code beside the password."`
	SignedIn int                   `json:"signed_in" doc:"In how many places they are signed in."`
}

type tokenView struct {
	Name     string          `json:"name" doc:"Its name."`
	Scopes   []Scope         `json:"scopes" doc:"What it may do."`
	PersonID alerting.Person `json:"person_id,omitempty" doc:"In whose name it answers, as an opaque id."`
	Person   string          `json:"person,omitempty" doc:"Their name."`
}

func (h *Handler) accessOperations(api huma.API) {
	add(h, api, AccessRead, huma.Operation{
		OperationID: "list-access", Method: http.MethodGet, Path: "/access", Tags: []string{"site"},
		Summary:     "List who may sign in, and which programs have tokens",
		Description: "They are changed in telecare.yaml. No password, hash or secret is told.",
	}, func(_ context.Context, v viewer, _ *none) (*list[accessList], error) {
		w := h.hub.names()
		now := h.settings.Load()
		out := accessList{[]accountView{}, []tokenView{}}
		name := func(p alerting.Person) string {
			if p == "" {
				return ""
			}
			return v.name(w, p)
		}
		for _, a := range now.Accounts {
			out.Accounts = append(out.Accounts, accountView{a.Name, a.Role, append([]Scope{}, a.viewer().scopes()...), a.Person, name(a.Person), a.Of, a.Second != nil, h.sessions.of(a.Name)})
		}
		for _, t := range now.Tokens {
			out.Tokens = append(out.Tokens, tokenView{t.Name, t.Scopes, t.Person, name(t.Person)})
		}
		return &list[accessList]{out}, nil
	})
}

// of counts the sessions of an account.
func (s *sessions) of(account string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.by {
		if x.account.Name == account {
			n++
		}
	}
	return n
}

package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

// newToken makes a token: 130 random bits, behind a word by which programs that
// look for forgotten secrets can know it.
func newToken() (token string, hash [sha256.Size]byte) {
	token = "telecare_" + rand.Text()
	return token, sha256.Sum256([]byte(token))
}

type tokenCommand struct {
	Name   string   `required:"" help:"What uses it, such as reports."`
	Scope  []string `required:"" help:"What it may do: alarms:read, alarms:write, devices:read, frames:read, people:read, codes:read, stays:read, stays:write, rosters:write, tests:write, faults:write, registry:read, registry:write, looks:read, access:read, access:write, people:erase. Several times, or with commas."`
	Person string   `help:"Key of the responder in whose name it answers alarms; needed with alarms:write, faults:write and codes:read."`
}

func (c *tokenCommand) Run(s streams) error {
	token, hash := newToken()
	entry := fmt.Sprintf("{name: %s, hash: %q, scopes: [%s]", c.Name, hex.EncodeToString(hash[:]), strings.Join(quoted(c.Scope), ", "))
	if c.Person != "" {
		entry += ", person: " + c.Person
	}
	entry += "}"
	// What is printed must be what telecare.yaml takes.
	const head = "site: x\npage:\n  tokens:\n    - "
	if _, err := config.Parse("token", []byte(head+entry+"\n")); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, `The token, which is not shown again:

  %s

Put this under page: in telecare.yaml; the token itself is nowhere kept:

  tokens:
    - %s
`, token, entry)
	return err
}

func quoted(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%q", s))
	}
	return out
}

// localToken is where the gateway leaves a token for commands on its machine:
// for whoever may read the data folder, who may do all of this anyway.
func (f folder) localToken() string { return filepath.Join(string(f), "local.token") }

// leaveToken makes a token for this run of the gateway.
func (f folder) leaveToken() (hash [sha256.Size]byte, err error) {
	token, hash := newToken()
	tmp := f.localToken() + ".new"
	if err := os.WriteFile(tmp, []byte(token+"\n"), 0o600); err != nil {
		return hash, fmt.Errorf("leave a token for commands: %w", err)
	}
	return hash, os.Rename(tmp, f.localToken())
}

// localProgram is whoever comes with that token. It answers as the centre does.
func localProgram(hash [sha256.Size]byte, cfg config.Page, site *registry.Site) dashboards.Token {
	t := dashboards.Token{Name: "local", Hash: hash, Scopes: dashboards.Scopes(), Person: site.Plan.LastResort}
	for _, a := range cfg.Accounts {
		if p, ok := personOf(site, a.Person); ok && a.Role == config.Centre {
			t.Person = p
			break
		}
	}
	return t
}

// programs are those of telecare.yaml; beside an error those that it is not
// about.
func programs(cfg config.Page, site *registry.Site) ([]dashboards.Token, error) {
	var out []dashboards.Token
	var errs []error
	for _, t := range cfg.Tokens {
		p, ok := personOf(site, t.Person)
		if !ok && t.Person != "" {
			errs = append(errs, fmt.Errorf("token %q of the page is for responder %q, who is not in the registry", t.Name, t.Person))
			continue
		}
		one := dashboards.Token{Name: t.Name, Hash: t.Hash, Person: p}
		for _, s := range t.Scopes {
			one.Scopes = append(one.Scopes, dashboards.Scope(s))
		}
		out = append(out, one)
	}
	return out, errors.Join(errs...)
}

func personOf(site *registry.Site, key string) (alerting.Person, bool) {
	i := slices.IndexFunc(site.Responders, func(r registry.Responder) bool { return r.Key == key })
	if i < 0 {
		return "", false
	}
	return site.Responders[i].ID, true
}

func residentOf(site *registry.Site, key string) (alerting.ResidentID, bool) {
	i := slices.IndexFunc(site.Residents, func(r registry.Resident) bool { return r.Key == key })
	if i < 0 {
		return "", false
	}
	return site.Residents[i].ID, true
}

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/dashboards"
	"telecare/gateway/config"
	"telecare/gateway/gatewaytest"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAPIScripts plays what somebody types beside a gateway that runs.
func TestAPIScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/api",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE"))
			page := gatewaytest.FreePort(t)
			e.Setenv("PAGE", page)
			b, err := os.ReadFile(filepath.Join(e.WorkDir, "telecare.yaml"))
			if err != nil {
				return err
			}
			more := fmt.Sprintf("page:\n  listen: %s\n  accounts:\n    - {name: centre, password_hash: %q, person: centre, role: centre}\n  tokens:\n", page, passwordHash)
			return os.WriteFile(filepath.Join(e.WorkDir, "telecare.yaml"), append(b, more...), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// ready waits until the gateway is.
			"ready": func(ts *testscript.TestScript, _ bool, _ []string) {
				for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
					if r, err := http.Get("http://" + ts.Getenv("PAGE") + "/readyz"); err == nil {
						r.Body.Close()
						if r.StatusCode == http.StatusOK {
							return
						}
					}
					<-time.After(20 * time.Millisecond)
				}
				ts.Fatalf("the gateway is not ready")
			},
			// entry NAME takes what telecare token has just printed: the token
			// into a variable, its entry into telecare.yaml.
			"entry": func(ts *testscript.TestScript, _ bool, args []string) {
				out := ts.ReadFile("stdout")
				f, err := os.OpenFile(ts.MkAbs("telecare.yaml"), os.O_APPEND|os.O_WRONLY, 0)
				ts.Check(err)
				defer f.Close()
				for line := range strings.Lines(out) {
					if t := strings.TrimSpace(line); strings.HasPrefix(t, "telecare_") {
						ts.Setenv(args[0], t)
					} else if strings.HasPrefix(t, "- {") {
						_, err := f.WriteString("    " + t + "\n")
						ts.Check(err)
					}
				}
			},
		},
	})
}

// What telecare.yaml calls a scope is what the page calls one.
func TestScopesAreTheSame(t *testing.T) {
	var a, b []string
	for _, s := range config.Scopes() {
		a = append(a, string(s))
	}
	for _, s := range dashboards.Scopes() {
		b = append(b, string(s))
	}
	if !slices.Equal(a, b) {
		t.Errorf("telecare.yaml takes %q, the page %q", a, b)
	}
}

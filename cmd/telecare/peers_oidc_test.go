package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestPeersOIDC signs people in at a provider that others wrote, in a browser and
// by its own pages, and on another site than the gateway's: role by group, whoever
// has none refused, and a sign-out that ends it.
func TestPeersOIDC(t *testing.T) {
	accept(t)
	page := gatewaytest.FreePort(t)
	issuer := newProvider(t, "http://"+page+"/sign-in/callback")
	h := newHomeAt(t, t.TempDir(), page, fmt.Sprintf(`  sign_in:
    issuer: %s
    client_id: telecare
    client_secret: between-the-two
    name: Lipowa
    roles: [{is: nurses, role: nurse}, {is: office, role: manager}]
    people: [{is: marta@example.org, person: marta}]
channels:
  - {name: marta-phone, type: webhook, url: "http://127.0.0.1:9/", secret: 0123456789abcdef0123456789abcdef}
  - {name: jan-phone, type: webhook, url: "http://127.0.0.1:9/", secret: 0123456789abcdef0123456789abcdef}
`, issuer), registryOf)
	h.start()
	base := "http://" + h.page
	// in signs somebody in there, as far as its pages lead.
	in := func(name string) *gatewaytest.Tab {
		t.Helper()
		tab := gatewaytest.Browser(t, 1280, 800)
		tab.Open(base)
		tab.One("link", "Sign in with Lipowa")
		gatewaytest.Eval[string](tab, `document.querySelector('a[href="/sign-in"]').click(); ""`)
		tab.Await(`location.hostname === "localhost" && document.querySelector('input[name="login"]')`)
		gatewaytest.Eval[string](tab, fmt.Sprintf(`document.querySelector('input[name="login"]').value = %q; document.querySelector('input[name="password"]').value = "whatever"; document.forms[0].requestSubmit(); ""`, name))
		tab.Await(`location.hostname === "localhost" && !document.querySelector('input[name="login"]') && document.querySelector("button[type=submit]")`)
		gatewaytest.Eval[string](tab, `document.forms[0].requestSubmit(); ""`)
		tab.Await(`location.hostname === "127.0.0.1" && document.readyState === "complete"`)
		return tab
	}
	session := func(tab *gatewaytest.Tab) string {
		t.Helper()
		gatewaytest.Eval[string](tab, `window.said = null; fetch("/api/v1/session").then(async r => { window.said = r.status + " " + await r.text(); }); ""`)
		tab.Await(`window.said`)
		return gatewaytest.Eval[string](tab, `window.said`)
	}
	for name, want := range map[string]string{"nurses.marta": `"role":"nurse"`, "office.olga": `"role":"manager"`} {
		tab := in(name)
		tab.Menu()
		tab.One("button", "Sign out")
		if said := session(tab); !strings.HasPrefix(said, "200 ") || !strings.Contains(said, want) {
			t.Errorf("%s is signed in as %s", name, said)
		}
		tab.Press("Sign out")
		tab.Await(`location.hostname === "localhost" && document.querySelector('button[name="logout"]')`) // it asks, for want of a hint
		gatewaytest.Eval[string](tab, `document.querySelector('button[name="logout"]').click(); ""`)
		tab.Await(`location.hostname === "127.0.0.1" && location.pathname === "/"`)
		tab.One("link", "Sign in with Lipowa")
		if said := session(tab); !strings.HasPrefix(said, "401 ") {
			t.Errorf("%s has signed out, and is %s", name, said)
		}
		gatewaytest.Eval[string](tab, `document.querySelector('a[href="/sign-in"]').click(); ""`)
		tab.Await(`location.hostname === "localhost" && document.querySelector('input[name="login"]')`) // there, too
	}
	for _, name := range []string{"family.ewa", "nurses.jan", "nurses.marta.unverified"} {
		tab := in(name)
		tab.Await(`document.body.innerText.includes("This did not sign you in.")`)
		if said := session(tab); !strings.HasPrefix(said, "401 ") {
			t.Errorf("%s is %s", name, said)
		}
	}
	log, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, not := range []string{"example.org", "nurses.", "between-the-two"} {
		if strings.Contains(string(log), not) {
			t.Errorf("%q is in the log", not)
		}
	}
	h.stop()
}

// newProvider starts a provider on a port of localhost.
func newProvider(t *testing.T, callback string) (issuer string) {
	t.Helper()
	modules, err := filepath.Abs("../../.ci/bin/oidc/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(modules); err != nil {
		t.Skip("oidc-provider is not installed: .ci/peers-accept installs it")
	}
	_, port, err := net.SplitHostPort(gatewaytest.FreePort(t))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool(t, "node"), "testdata/oidc/provider.cjs", port, callback)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		in.Close() // it ends with its input
		<-ended
	})
	ready := make(chan bool, 1)
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "ready" {
				ready <- true
			}
		}
		_ = cmd.Wait() // it was told to end
	}()
	select {
	case <-ready:
	case <-ended:
		t.Fatal("the provider has ended")
	case <-time.After(30 * time.Second):
		t.Fatal("the provider does not begin")
	}
	return "http://localhost:" + port
}

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/config"
	"telecare/gateway/gatewaytest"
)

// TestStartWithoutStores: neither the journal nor the registry can be opened at
// the start. People are called by what the last run left; nobody is answered and
// the gateway says that it is not ready. When both are back all goes on by
// itself, and nothing is lost of before or since.
func TestStartWithoutStores(t *testing.T) {
	h, phone, own := pressedHome(t)
	data := filepath.Join(h.dir, "data")
	away := t.TempDir()
	stores := []string{"journal.db", "registry.db"}
	for _, name := range stores { // a folder of that name: whoever we are, it cannot be opened
		if err := os.Rename(filepath.Join(data, name), filepath.Join(away, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(data, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	h.begin(path)
	h.eventually("the page answers", 20*time.Second, func() bool {
		r, err := http.Get("http://" + h.page + "/healthz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return true
	})
	p := newPresser(t, "tcp://"+own)
	p.publish("own1", "telecare/lipowa/own1/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 2 && r.Reason == "call" })
	if h.ready() {
		t.Error("it says that it is ready without a journal")
	}
	if p.unanswered() != 1 {
		t.Error("a press was answered that is on no disk")
	}
	fault := func() bool { return h.metrics()[`telecare_faults_open{code="registry_down"}`] == 1 }
	h.eventually("a fault of the registry", 30*time.Second, fault)
	for _, name := range stores {
		if err := os.Remove(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(away, name), filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
	h.eventually("ready by itself", 30*time.Second, h.ready)
	h.eventually("the fault of the registry is over", 30*time.Second, func() bool { return !fault() })
	h.eventually("the press is answered", 30*time.Second, func() bool { return p.unanswered() == 0 })
	p.close()
	for _, name := range []string{"own0", "own1"} {
		if a := h.alarms()[name]; len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("%s: %+v, want one alarm with one press", name, a)
		}
	}
	h.write("registry.yaml", strings.Replace(manyDevices(2, 0), "zone:", "language: pl\nzone:", 1))
	if out := h.command("apply", "-f", "registry.yaml"); !strings.Contains(out, "in force in the gateway that runs") {
		t.Errorf("apply: %s", out)
	}
	h.stop()
}

// TestStartWithoutARegistry: the file is gone. Whom to call is known from the
// last run, and what is applied then takes its place.
func TestStartWithoutARegistry(t *testing.T) {
	h, phone, own := pressedHome(t)
	if err := os.Remove(filepath.Join(h.dir, "data", "registry.db")); err != nil {
		t.Fatal(err)
	}
	h.start()
	p := newPresser(t, "tcp://"+own)
	p.publish("own1", "telecare/lipowa/own1/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 2 && r.Reason == "call" })
	h.eventually("the press is answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
	fault := func() bool { return h.metrics()[`telecare_faults_open{code="registry_down"}`] == 1 }
	h.eventually("a fault", 30*time.Second, fault)
	h.command("apply", "-f", "registry.yaml") // revision 1, as the one that is gone
	h.eventually("the fault is over", 10*time.Second, func() bool { return !fault() })
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 3 && r.Reason == "call" })
	p.close()
	log, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil || strings.Count(string(log), "the one of the last start is in force") != 1 || strings.Count(string(log), "a changed registry is in force") != 1 {
		t.Errorf("want one word of each, %v:\n%s", err, log)
	}
	h.stop()
}

// pressedHome is a home of two buttons whose gateway was pressed once, answered
// and stopped.
func pressedHome(t *testing.T) (h *home, phone *gatewaytest.Phone, own string) {
	t.Helper()
	phone, own = gatewaytest.NewPhone(t, []byte(phoneSecret)), gatewaytest.FreePort(t)
	h = newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
`, own, phone.URL, phoneSecret), manyDevices(2, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 1 && r.Reason == "call" })
	h.eventually("the press is answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
	p.close()
	h.stop()
	return h, phone, own
}

// TestDoctorFindsAGatewayAdrift: one that could not take its data folder, as on a
// read-only disk, is not called a stranger, and nobody is told to stop it.
func TestDoctorFindsAGatewayAdrift(t *testing.T) {
	cfg := &config.Config{Page: config.Page{Listen: "127.0.0.1:8080"}}
	name := filepath.Base(os.Args[0])
	who := fmt.Sprintf("%s (process 7)", name[:min(len(name), 15)])
	for holder, want := range map[string]string{
		who:                 who + " has the page's port and not the data folder",
		"nginx (process 7)": "does not run: nobody is called",
		"":                  "does not run: nobody is called",
	} {
		d := &doctor{cfg: cfg, data: folder(t.TempDir()), ports: map[string]string{"8080": holder}}
		if f := d.running(); f.Says != want {
			t.Errorf("%q: %v", holder, f)
		}
	}
}

package modem

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"telecare/alerting/notify/modem/modemtest"
)

// TestPeersGammu has gammu and our driver use the same modem for the same: what
// the network gets is the same, part by part, and what comes in reads the same.
// That gammu takes the simulated modem for one is what makes it a peer: it
// refused two that said too little.
func TestPeersGammu(t *testing.T) {
	if os.Getenv("TELECARE_ACCEPT") != "1" {
		t.Skip("a long proof: `make accept` runs it, or TELECARE_ACCEPT=1")
	}
	program, err := exec.LookPath("gammu")
	if err != nil {
		t.Skip("gammu is not installed: .ci/peers-accept installs it")
	}
	for _, c := range []struct {
		text string
		all  bool
	}{
		{"ALARM: Upadek, Pokoj 7, lazienka, 02:59 https://care.example/a/4k7m2q8n", false},
		{strings.Repeat("Ala ma kota {1}. ", 20), false},
		{"Zażółć gęślą jaźń", true},
		{strings.Repeat("Upadek, pokój 7, łazienka. ", 9), true},
	} {
		sim, err := modemtest.New(filepath.Join(t.TempDir(), "modem"))
		if err != nil {
			t.Skipf("no pseudo-terminal: %v", err)
		}
		rc := filepath.Join(t.TempDir(), "gammurc")
		if err := os.WriteFile(rc, []byte(fmt.Sprintf("[gammu]\ndevice = %s\nconnection = at115200\n", sim.Port())), 0o600); err != nil {
			t.Fatal(err)
		}
		gammu := func(args ...string) string {
			t.Helper()
			cmd := exec.Command(program, append([]string{"-c", rc}, args...)...)
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("gammu %q: %v\n%s\nasked: %q", args, err, out, tail(sim.Asked()))
			}
			return string(out)
		}
		if out := gammu("identify"); !strings.Contains(out, "490154203237518") {
			t.Fatalf("gammu does not know the modem:\n%s", out)
		}
		args := []string{"sendsms", "TEXT", anna, "-len", "1000", "-report", "-text", c.text}
		if c.all {
			args = append(args, "-unicode")
		}
		gammu(args...)
		theirs := sim.Sent()
		if err := sim.Receive(anna, "1, idę"); err != nil {
			t.Fatal(err)
		}
		if out := gammu("getallsms"); !strings.Contains(out, "1, idę") || !strings.Contains(out, anna) {
			t.Errorf("gammu reads\n%s", out)
		}

		r := newRig(t, func(r *rig, cfg *Config) {
			r.sim.Close()
			r.sim = sim
			cfg.Open = openFile(sim)
		})
		r.ready()
		if err := r.do(&job{ctx: t.Context(), what: "x", to: anna, text: c.text, ref: 7}); err != nil {
			t.Fatal(err)
		}
		ours := sim.Sent()[len(theirs):]
		r.eventually("we read the same message", func() bool { return len(r.heard()) == 1 && r.heard()[0] == anna+": 1, idę" })
		r.stop()
		if len(ours) != len(theirs) {
			t.Fatalf("%.20q: we send %d parts, gammu %d", c.text, len(ours), len(theirs))
		}
		for i := range ours {
			if ours[i].PDU = ""; theirs[i].PDU == "" {
				t.Error("gammu did not use PDU mode")
			}
			theirs[i].PDU = ""
			if ours[i] != theirs[i] {
				t.Errorf("%.20q part %d:\n ours %+v\ntheirs %+v", c.text, i+1, ours[i], theirs[i])
			}
		}
		t.Logf("%.20q: the same %d parts", c.text, len(ours))
	}
}

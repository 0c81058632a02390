package packaging

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"
)

// TestBoards runs the other boards' binaries under qemu's user emulation: they
// check, decode, and take a press through to a phone.
func TestBoards(t *testing.T) {
	accept(t)
	out := t.TempDir()
	build(t, "9.0", out, "arm64", "armhf")
	for arch, qemu := range map[string]string{"arm64": "qemu-aarch64-static", "armhf": "qemu-arm-static"} {
		t.Run(arch, func(t *testing.T) {
			b := &emulated{t: t, dir: t.TempDir(), qemu: tool(t, qemu), binary: filepath.Join(out, "telecare_9.0_linux_"+arch)}
			if said, err := exec.Command("dpkg-deb", "--field", filepath.Join(out, "telecare_9.0_"+arch+".deb"), "Architecture").Output(); err != nil || strings.TrimSpace(string(said)) != arch {
				t.Errorf("the package is for %q: %v", said, err)
			}
			if got := strings.TrimSpace(b.run("", "--version")); got != "9.0" {
				t.Errorf("it is version %q", got)
			}
			if got := b.run("[08300001] RC-86K PANIC LB:1\n", "decode", "--from", "jablotron"); !strings.Contains(got, `"panic"`) || !strings.Contains(got, `"battery_low"`) {
				t.Errorf("decode: %s", got)
			}
			b.press()
		})
	}
}

// emulated is a binary of another board, and a folder to run it in.
type emulated struct {
	t                 *testing.T
	dir, qemu, binary string
}

func (b *emulated) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.qemu, append([]string{b.binary}, args...)...)
	cmd.Dir = b.dir
	return cmd
}

func (b *emulated) run(in string, args ...string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := b.command(ctx, args...)
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("telecare %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// press runs a gateway as init describes it, with a broker of its own, and
// presses a pendant.
func (b *emulated) press() {
	t := b.t
	b.run("", "init")
	secret := "a secret of this test's, shared"
	phone := gatewaytest.NewPhone(t, []byte(secret))
	broker, page := gatewaytest.FreePort(t), gatewaytest.FreePort(t)
	file := filepath.Join(b.dir, "telecare.yaml")
	sample, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, accounts, _ := strings.Cut(string(sample), "  accounts:\n")
	accounts, _, _ = strings.Cut(accounts, "# Where devices are heard.")
	config := "site: home\npage:\n  listen: " + page + "\n  accounts:\n" + accounts +
		"sources:\n  - {name: own, type: broker, listen: \"" + broker + "\"}\n" +
		"channels:\n  - {name: phones, type: webhook, url: \"" + phone.URL + "\", secret: \"" + secret + "\"}\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := b.run("", "check", "-f", "registry.yaml"); !strings.Contains(said, "registry.yaml: good") {
		t.Errorf("check: %s", said)
	}
	b.run("", "apply", "-f", "registry.yaml")

	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var log bytes.Buffer
	gateway := b.command(ctx, "run")
	gateway.Stdout, gateway.Stderr = &log, &log
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = gateway.Process.Signal(syscall.SIGTERM)
		if err := gateway.Wait(); err != nil || t.Failed() {
			t.Errorf("the gateway ended: %v\n%s", err, log.String())
		}
	}()
	if !wait(time.Minute, func() bool {
		r, err := http.Get("http://" + page + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	}) {
		t.Error("it is not ready within a minute")
		return
	}
	z := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + broker})
	if err := z.Connect(ctx); err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = z.Close(ctx) }()
	if err := z.Press(ctx, "pendant"); err != nil {
		t.Error(err)
		return
	}
	ring := phone.Expect(t, time.Minute, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
	if ring.Place != "Bedroom" {
		t.Errorf("it rings for %q", ring.Place)
	}
	if said := b.run("", "journal", "verify"); !strings.Contains(said, "sound") && !strings.Contains(said, "good") {
		t.Logf("journal verify: %s", said)
	}
}

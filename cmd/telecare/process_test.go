package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	"github.com/rogpeppe/go-internal/testscript"
)

// built is where binary has built it; "" nowhere.
var built string

// binary builds the program once for all tests that kill it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "telecare-test-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "telecare")
	args := []string{"build", "-race", "-o", path, "."}
	if os.Getenv("TELECARE_ACCEPT") != "" {
		args = []string{"build", "-o", path, "."} // the long scenarios are of what is shipped
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// tests removes the binary when all have run.
type tests struct{ *testing.M }

func (m tests) Run() int {
	// The race detector has every program that a test starts wait a second at its
	// end, and there are hundreds.
	os.Setenv("LC_ALL", "C") // what tests look for is English
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	code := m.M.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	return code
}

// TestMain also makes the test binary a telecare for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"telecare": main})
}

// home is a gateway's folder with its configuration, and the process in it.
type home struct {
	t    *testing.T
	dir  string
	page string // its address

	process *exec.Cmd
	log     *os.File
	signed  map[string]*http.Client // by account and page
}

// passwordHash is that of "a good password". Making one takes a second under the
// race detector.
const passwordHash = "$2a$10$Hu7WLevLqx0FKyDMhgytoeRrgjo.fTsU.OGL6ED1Ckw/vD0SgqZzu"

// newHome writes the configuration: what is given, with a page and a data
// folder before it.
func newHome(t *testing.T, yaml, registry string) *home {
	t.Helper()
	return newHomeIn(t, t.TempDir(), yaml, registry)
}

// newHomeIn is newHome in a folder that is there already.
func newHomeIn(t *testing.T, dir, yaml, registry string) *home {
	t.Helper()
	return newHomeAt(t, dir, gatewaytest.FreePort(t), yaml, registry)
}

// newHomeAt is newHomeIn with its page at an address.
func newHomeAt(t *testing.T, dir, page, yaml, registry string) *home {
	t.Helper()
	h := &home{t: t, dir: dir, page: page}
	head := fmt.Sprintf(`site: lipowa
data: data
page:
  listen: %s
  accounts:
    - {name: centre, password_hash: %q, person: centre, role: centre}
    - {name: technician, password_hash: %q, role: technician}
`, h.page, passwordHash, passwordHash)
	h.write("telecare.yaml", head+yaml)
	h.write("registry.yaml", registry)
	if out := h.command("apply", "-f", "registry.yaml"); !strings.Contains(out, "revision 1") {
		t.Fatalf("apply: %s", out)
	}
	t.Cleanup(func() {
		if h.process != nil {
			h.kill()
		}
		b, _ := os.ReadFile(filepath.Join(h.dir, "log"))
		if bytes.Contains(b, []byte("WARNING: DATA RACE")) {
			t.Error("the gateway has a data race") // which one that is killed says nowhere else
		}
		if t.Failed() {
			if len(b) > 8000 {
				b = b[len(b)-8000:]
			}
			t.Logf("the gateway's log ends:\n%s", b)
		}
	})
	return h
}

func (h *home) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// try runs a subcommand in the folder, and returns what it says and how it
// ended.
func (h *home) try(args ...string) (string, error) {
	h.t.Helper()
	path, err := binary()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = h.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// command is try for what must end well.
func (h *home) command(args ...string) string {
	h.t.Helper()
	out, err := h.try(args...)
	if err != nil {
		h.t.Fatalf("telecare %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// status is try for what has more than one way to end.
func (h *home) status(args ...string) (out string, status int) {
	h.t.Helper()
	out, err := h.try(args...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out, exit.ExitCode()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return out, 0
}

// start runs the gateway and waits until it is ready.
func (h *home) start() {
	h.t.Helper()
	path, err := binary()
	if err != nil {
		h.t.Fatal(err)
	}
	h.startAs(path)
}

// startAs is start with another binary.
func (h *home) startAs(path string) {
	h.t.Helper()
	h.begin(path)
	h.eventually("the gateway is ready", 20*time.Second, func() bool {
		r, err := http.Get("http://" + h.page + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// begin runs the gateway, ready or not.
func (h *home) begin(path string) {
	h.t.Helper()
	var err error
	if h.log, err = os.OpenFile(filepath.Join(h.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.signed = map[string]*http.Client{} // a gateway forgets its sessions with its end
	h.process = exec.Command(path, "run")
	h.process.Dir, h.process.Stdout, h.process.Stderr = h.dir, h.log, h.log
	if err := h.process.Start(); err != nil {
		h.t.Fatal(err)
	}
}

// kill ends the process at once, as a power cut of the process would.
func (h *home) kill() {
	h.t.Helper()
	if err := h.process.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
	_ = h.process.Wait()
	h.process = nil
	h.log.Close()
}

// stop ends it in order.
func (h *home) stop() {
	h.t.Helper()
	if err := h.process.Process.Signal(os.Interrupt); err != nil {
		h.t.Fatal(err)
	}
	if err := h.process.Wait(); err != nil {
		h.t.Errorf("the gateway ended with %v", err)
	}
	h.process = nil
	h.log.Close()
}

// metrics reads /metrics: values by series.
func (h *home) metrics() map[string]float64 {
	h.t.Helper()
	r, err := http.Get("http://" + h.page + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]float64{}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		i := strings.LastIndexByte(lines.Text(), ' ')
		if i < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		if v, err := strconv.ParseFloat(lines.Text()[i+1:], 64); err == nil {
			out[lines.Text()[:i]] = v
		}
	}
	return out
}

// eventually waits for something that must come.
func (h *home) eventually(what string, within time.Duration, is func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for !is() {
		select {
		case <-ctx.Done():
			h.t.Fatalf("%s: not within %s", what, within)
		case <-time.After(50 * time.Millisecond): // rendering all metrics is work, too
		}
	}
}

package packaging

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// machine is a clean Debian that has been booted: its own systemd, processes
// and network, which is a loopback and nothing else.
type machine struct {
	t      *testing.T
	root   string
	leader string // its first process, as we see it

	mu   sync.Mutex
	said bytes.Buffer
	cwd  string
}

// boot starts one, which ends with the test.
func boot(t *testing.T) *machine {
	t.Helper()
	nspawn := tool(t, "systemd-nspawn")
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "debian"), cwd: "/root"}
	if err := os.Mkdir(m.root, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("tar", "-xf", debian(t), "-C", m.root).CombinedOutput(); err != nil {
		t.Fatalf("unpack Debian: %v\n%s", err, out)
	}
	console, err := os.Create(filepath.Join(filepath.Dir(m.root), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	// With a cgroup tree of version 2 and bpf(2) its systemd can hold a service
	// to its DeviceAllow; without them that passes in silence.
	cmd := exec.Command(nspawn, "--quiet", "--register=no", "--keep-unit", "--boot", "--directory="+m.root, "--machine=telecare-test",
		"--private-network", "--system-call-filter=bpf", "--capability=CAP_BPF,CAP_PERFMON")
	cmd.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	cmd.Stdout, cmd.Stderr = console, console
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			b, _ := os.ReadFile(console.Name())
			t.Logf("its console ends:\n%s", tail(string(b), 3000))
		}
	})
	m.eventually("it has a first process", time.Minute, func() bool {
		m.leader = first(cmd.Process.Pid)
		return m.leader != ""
	})
	state := ""
	if !wait(2*time.Minute, func() bool {
		state, _ = m.try("systemctl is-system-running || { systemctl list-jobs; systemctl --failed; }")
		return strings.HasPrefix(state, "running") || strings.HasPrefix(state, "degraded")
	}) {
		t.Fatalf("it has not started within two minutes:\n%s", state)
	}
	return m
}

// first finds the container's first process among the children of nspawn, which
// has others for a moment.
func first(nspawn int) string {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", nspawn))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(children)) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			if strings.HasPrefix(string(status), "Name:\tsystemd\n") && strings.Contains(string(status), "\nNSpid:\t"+pid+"\t1\n") {
				return pid
			}
		}
	}
	return ""
}

// in makes a command that runs inside.
func (m *machine) in(ctx context.Context, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "nsenter", "--target="+m.leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd",
		"env", "-i", "HOME=/root", "TERM=dumb", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-euo", "pipefail", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What it leaves behind goes, too.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// try runs a script inside and returns what it said.
func (m *machine) try(script string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	out, err := m.in(ctx, script).CombinedOutput()
	return string(out), err
}

// run runs a script that must not fail.
func (m *machine) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		log, _ := m.try("journalctl --no-pager -o cat -u telecare | tail -n 15")
		m.t.Fatalf("%s\n%v:\n%s\nthe service's log ends:\n%s", script, err, tail(out, 4000), log)
	}
	return out
}

// window runs a script beside the others, as in another window, until the test
// ends.
func (m *machine) window(script string) {
	m.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := m.in(ctx, script)
	cmd.Stdout, cmd.Stderr = m, m
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { cancel(); _ = cmd.Wait() })
}

// Write takes what windows say.
func (m *machine) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said.Write(b)
}

// heard is what was said since the mark.
func (m *machine) heard(mark int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.said.Bytes()[mark:])
}

// follow types a page's commands, and compares what is said with what the page
// says is said.
func (m *machine) follow(page string) {
	m.t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		m.t.Fatal(err)
	}
	mark, typed := 0, 0
	for _, block := range blocks(string(b)) {
		where := fmt.Sprintf("%s:%d", page, block.line)
		switch block.kind {
		case "sh":
			typed++
			out, err := m.try("cd " + m.cwd + "\n" + block.text + "\npwd >/run/typed-in")
			_, _ = m.Write([]byte(out))
			if err != nil {
				m.t.Fatalf("%s: %v\n%s\nsaid:\n%s", where, err, block.text, tail(out, 4000))
			}
			m.cwd = strings.TrimSpace(m.run("cat /run/typed-in"))
		case "sh window":
			typed++
			m.window("cd " + m.cwd + "\n" + block.text)
		case "text":
			missing := ""
			if !wait(30*time.Second, func() bool { missing = missingLine(block.text, m.heard(mark)); return missing == "" }) {
				log, _ := m.try("journalctl --no-pager -o cat -u telecare | tail -n 15")
				m.t.Fatalf("%s: %q was not said, but:\n%s\nthe service's log ends:\n%s", where, missing, tail(m.heard(mark), 4000), log)
			}
			m.mu.Lock()
			mark = m.said.Len()
			m.mu.Unlock()
		default:
			m.t.Fatalf("%s: a block of kind %q: a page has sh, sh window and text", where, block.kind)
		}
	}
	if typed < 5 {
		m.t.Fatalf("%s has %d blocks of commands", page, typed)
	}
}

// eventually waits for something that must come.
func (m *machine) eventually(what string, within time.Duration, is func() bool) {
	m.t.Helper()
	if !wait(within, is) {
		log, _ := m.try("journalctl --no-pager -o cat -u telecare | tail -n 15")
		m.t.Fatalf("%s: not within %s; the service's log ends:\n%s", what, within, log)
	}
}

func wait(within time.Duration, is func() bool) bool {
	for end := time.After(within); !is(); {
		select {
		case <-end:
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	return true
}

// debian is the packed Debian that .ci/peers-accept makes.
func debian(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../.ci/bin/bookworm.tar")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		missing(t, "no Debian to install into")
	}
	return path
}

// tool finds a program that .ci/peers-accept installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is not installed")
	}
	return path
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("TELECARE_PEERS") == "required" {
		t.Fatal(what + ": .ci/peers-accept installs it")
	}
	t.Skip(what + ": .ci/peers-accept installs it")
}

// accept skips what is too long for every change, and what only root can do.
func accept(t *testing.T) {
	t.Helper()
	if os.Getenv("TELECARE_ACCEPT") != "1" {
		t.Skip("a long proof: `make accept` runs it, or TELECARE_ACCEPT=1")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can boot a machine")
	}
}

// tail is the end of what is too long.
func tail(s string, most int) string {
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}

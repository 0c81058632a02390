package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// demoProcess is the demo as a newcomer starts it.
type demoProcess struct {
	url     string
	process *exec.Cmd
	tmp     string

	mu   sync.Mutex
	text bytes.Buffer
}

func (d *demoProcess) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(b)
}

func (d *demoProcess) said() string { d.mu.Lock(); defer d.mu.Unlock(); return d.text.String() }

var demoAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/\n`)

func startDemo(t *testing.T) *demoProcess {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &demoProcess{tmp: t.TempDir()}
	d.process = exec.Command(path, "demo")
	d.process.Env = append(os.Environ(), "TMPDIR="+d.tmp)
	d.process.Stdout, d.process.Stderr = d, d
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if d.process.ProcessState == nil {
			_ = d.process.Process.Kill()
			_ = d.process.Wait()
		}
		if t.Failed() {
			t.Logf("the demo said:\n%s", d.said())
		}
	})
	d.url = strings.TrimSpace(d.wait(t, "an address", func(s string) string { return demoAddress.FindString(s) }))
	return d
}

// says waits for words on the terminal.
func (d *demoProcess) says(t *testing.T, words string) {
	t.Helper()
	d.wait(t, words, func(s string) string {
		if strings.Contains(s, words) {
			return words
		}
		return ""
	})
}

func (d *demoProcess) wait(t *testing.T, what string, find func(string) string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if found := find(d.said()); found != "" {
			return found
		}
	}
	t.Fatalf("the demo does not say %s", what)
	return ""
}

// stop presses Ctrl-C and looks at what is left.
func (d *demoProcess) stop(t *testing.T) {
	t.Helper()
	if err := d.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := d.process.Wait(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
	left, err := filepath.Glob(filepath.Join(d.tmp, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the demo left behind %q (%v)", left, err)
	}
}

package gatewaytest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Broker is a running mosquitto. Its methods are for the test's goroutine.
type Broker struct {
	URL string // tcp://127.0.0.1:port; the port stays over Kill and Start

	t       testing.TB
	path    string
	config  string
	log     string
	address string
	process *exec.Cmd // nil while it is down
}

// Mosquitto starts a real mosquitto with its stock configuration and the two
// lines that a gateway needs: without a limit on messages in flight presses do
// not wait behind unanswered readings, and without one on the queue nothing is
// dropped in silence. Anybody may connect unless an extra line says otherwise.
func Mosquitto(t testing.TB, extra ...string) *Broker {
	t.Helper()
	path := program(t, "mosquitto", "/usr/sbin/mosquitto")
	dir := t.TempDir()
	b := &Broker{t: t, path: path, address: FreePort(t), config: filepath.Join(dir, "mosquitto.conf"), log: filepath.Join(dir, "mosquitto.log")}
	b.URL = "tcp://" + b.address
	host, port, err := net.SplitHostPort(b.address)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"listener " + port + " " + host,
		"max_inflight_messages 0",
		"max_queued_messages 0",
		"persistence_location " + dir + "/",
		"log_dest file " + b.log,
	}
	if os.Getuid() == 0 { // it would give up root, and with it the test's folder
		lines = append(lines, "user root")
	}
	if !strings.Contains(strings.Join(extra, "\n"), "allow_anonymous") {
		lines = append(lines, "allow_anonymous true")
	}
	lines = append(lines, extra...)
	if err := os.WriteFile(b.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b.process != nil {
			b.Kill()
		}
	})
	b.Start()
	return b
}

// Start starts it again on the same port, with the same folder, and waits until
// it accepts connections.
func (b *Broker) Start() {
	b.t.Helper()
	if b.process != nil {
		b.t.Fatal("mosquitto is running already")
	}
	b.process = exec.Command(b.path, "-c", b.config)
	if err := b.process.Start(); err != nil {
		b.process = nil
		b.t.Fatalf("start mosquitto: %v", err)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		c, err := net.DialTimeout("tcp", b.address, time.Second)
		if err == nil {
			c.Close()
			return
		}
		<-time.After(5 * time.Millisecond) // the next look at a real condition
	}
	said, _ := os.ReadFile(b.log)
	b.t.Fatalf("mosquitto does not accept connections at %s; it said:\n%s", b.address, said)
}

// Kill ends it as a power cut would.
func (b *Broker) Kill() {
	b.t.Helper()
	if b.process == nil {
		b.t.Fatal("mosquitto is not running")
	}
	p := b.process
	b.process = nil
	if err := p.Process.Kill(); err != nil {
		b.t.Errorf("kill mosquitto: %v", err)
	}
	_ = p.Wait() // "signal: killed" is what was asked for
}

// Stop freezes it: it holds its connections and says nothing.
func (b *Broker) Stop() { b.signal(freeze) }

// Cont lets it go on.
func (b *Broker) Cont() { b.signal(thaw) }

func (b *Broker) signal(send func(*os.Process) error) {
	b.t.Helper()
	if b.process == nil {
		b.t.Fatal("mosquitto is not running")
	}
	if err := send(b.process.Process); err != nil {
		b.t.Fatal(fmt.Errorf("signal mosquitto: %w", err))
	}
}

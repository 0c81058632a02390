// Package gatewaytest starts the real neighbours that a gateway has, for
// tests: a broker, an InfluxDB, a Prometheus with its Alertmanager, a browser,
// and a phone that rings. Each listens on a free loopback port, keeps its files
// in the test's own folder, and ends with the test.
//
// A neighbour that is not installed skips the test, saying what installs it;
// with TELECARE_PEERS=required, as in `make test`, it fails the test instead.
package gatewaytest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// program finds a neighbour's binary: in .ci/bin of the checkout, in PATH, or
// at one of the other places.
func program(t testing.TB, name string, others ...string) string {
	t.Helper()
	candidates := append([]string{filepath.Join(Checkout(t), ".ci", "bin", name), name}, others...)
	for _, c := range candidates {
		if p, err := exec.LookPath(c); err == nil {
			return p
		}
	}
	if os.Getenv("TELECARE_PEERS") == "required" {
		t.Fatalf("%s is not installed: `make peers` installs it", name)
	}
	t.Skipf("%s is not installed: `make peers` installs it, `make test` does so by itself", name)
	return ""
}

// Checkout is the folder with the project's go.mod.
func Checkout(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// FreePort returns a loopback address where nobody listens. It is none that the
// system gives to whoever asks for any port: between two tests, or while a gateway
// starts anew, nobody else comes to have it.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 10000+(firstPort+ports.Add(1))%20000)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// Each test binary takes ports one after the other from a place of its own.
var (
	firstPort = rand.Uint32N(20000)
	ports     atomic.Uint32
)

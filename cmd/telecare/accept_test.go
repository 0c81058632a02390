package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// What the long proofs share.

// accepting reports whether there is time for long proofs.
func accepting() bool { return os.Getenv("TELECARE_ACCEPT") == "1" }

// accept skips what is too long for every change.
func accept(t *testing.T) {
	t.Helper()
	if !accepting() {
		t.Skip("a long proof: `make accept` runs it, or TELECARE_ACCEPT=1")
	}
}

// beside runs a test beside others: most of its time it waits. Alone it is where
// it is long, and its figures count.
func beside(t *testing.T) {
	if !accepting() {
		t.Parallel()
	}
}

// tool finds what .ci/peers-accept installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, c := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
		if p, err := exec.LookPath(c); err == nil {
			return p
		}
	}
	t.Skipf("%s is not installed: .ci/peers-accept installs it", name)
	return ""
}

// seeded gives a source of randomness whose seed is in the log; TELECARE_SEED
// sets it.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("TELECARE_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("TELECARE_SEED: %v", err)
		}
	}
	t.Logf("TELECARE_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// shipped is the program as it is shipped.
var shipped = sync.OnceValues(func() (string, error) {
	race, err := binary()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(race), "shipped")
	return path, compile(path)
})

// compile builds the program as `make build` does.
func compile(to string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", to}, flags...)
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

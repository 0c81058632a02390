package influx

import (
	"os"
	"path/filepath"
	"testing"

	"telecare/gateway/gatewaytest"
)

// TestDamagedSpool: a page has gone bad, or all of the file. It is set aside, and
// readings are kept again; what waited is counted.
func TestDamagedSpool(t *testing.T) {
	t.Run("a page", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "spool.db")
		s := mustSpool(t, path, 1<<30)
		for i := range 200 {
			mustAppend(t, s, i*10, i*10+10)
		}
		stale := mustNext(t, s, 10, maxBytes)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		gatewaytest.SpoilPage(t, path, "SELECT lines FROM batches WHERE seq = 1")
		s = mustSpool(t, path, 1<<30)
		if l, err := s.next(t.Context(), maxPoints, maxBytes); err == nil {
			t.Fatalf("%d points were read of a damaged file", l.points)
		}
		mustAppend(t, s, 5000, 5003)
		if got := s.Stats(); got.Points != 3 || got.Dropped != 2000 {
			t.Errorf("%+v, want 3 points waiting and 2000 given up", got)
		}
		// What was on its way to InfluxDB has numbers that are others' now.
		if err := s.settle(t.Context(), stale, nil); err != nil {
			t.Error(err)
		}
		if l := mustNext(t, s, maxPoints, maxBytes); l.lines != encoded(5000, 5003) {
			t.Errorf("%+v", l)
		}
		isAside(t, path)
	})
	t.Run("the file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "spool.db")
		if err := os.WriteFile(path, make([]byte, 5000), 0o600); err != nil {
			t.Fatal(err)
		}
		s := mustSpool(t, path, 1<<30)
		mustAppend(t, s, 0, 3)
		if l := mustNext(t, s, maxPoints, maxBytes); l.points != 3 {
			t.Errorf("%+v", l)
		}
		isAside(t, path)
	})
}

func isAside(t *testing.T, path string) {
	t.Helper()
	if aside, err := filepath.Glob(path + ".damaged-*"); err != nil || len(aside) != 1 {
		t.Errorf("set aside: %q, %v", aside, err)
	}
}

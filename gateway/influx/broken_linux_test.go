package influx

import (
	"path/filepath"
	"testing"

	"telecare/gateway/gatewaytest"
)

// A full disk and an fsync that fails: nothing is answered, and the next append
// is as if nothing had been.
func TestSpoolAfterABrokenCommit(t *testing.T) {
	for _, device := range []string{"/dev/full", "/dev/null"} {
		path := filepath.Join(t.TempDir(), "spool.db")
		s := mustSpool(t, path, 1<<20)
		mustAppend(t, s, 0, 3)
		gatewaytest.BreakFile(t, path+"-wal", device)
		if err := s.Append(t.Context(), samples(3, 5), nil); err == nil {
			t.Fatal("a failed append was answered")
		}
		mustAppend(t, s, 3, 6)
		l := mustNext(t, s, maxPoints, maxBytes)
		if l.lines != encoded(0, 6) || s.Stats().Points != 6 || s.Stats().Bytes != int64(len(l.lines)) {
			t.Errorf("%+v\n%s", s.Stats(), l.lines)
		}
	}
}

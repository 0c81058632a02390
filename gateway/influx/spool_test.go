package influx

import (
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func mustSpool(t testing.TB, path string, quota int64) *Spool {
	t.Helper()
	s, err := OpenSpool(t.Context(), path, "ward-3", quota, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustAppend(t testing.TB, s *Spool, from, to int) {
	t.Helper()
	if err := s.Append(t.Context(), samples(from, to), nil); err != nil {
		t.Fatal(err)
	}
}

func mustNext(t testing.TB, s *Spool, points, bytes int) load {
	t.Helper()
	l, err := s.next(t.Context(), points, bytes)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func encoded(from, to int) string {
	lines, _ := encode("ward-3", samples(from, to), nil)
	return string(lines)
}

func TestSpoolKeepsOverARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := mustSpool(t, path, 1<<20)
	mustAppend(t, s, 0, 3)
	mustAppend(t, s, 3, 4)
	mustAppend(t, s, 4, 4) // nothing
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustSpool(t, path, 1<<20)
	want := encoded(0, 4)
	if got := s.Stats(); got != (Stats{Points: 4, Bytes: int64(len(want))}) {
		t.Errorf("%+v", got)
	}
	l := mustNext(t, s, maxPoints, maxBytes)
	if l.lines != want || l.points != 4 {
		t.Errorf("%+v\n%s", l, l.lines)
	}
	if err := s.settle(t.Context(), l, nil); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats(); got != (Stats{}) {
		t.Errorf("%+v", got)
	}
	if l := mustNext(t, s, maxPoints, maxBytes); l.points != 0 {
		t.Errorf("%+v", l)
	}
}

func TestNextKeepsTheLimits(t *testing.T) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<20)
	for i := range 6 {
		mustAppend(t, s, 10*i, 10*i+10)
	}
	for _, c := range []struct{ points, bytes, want int }{
		{1, 1, 10}, // always one batch
		{10, maxBytes, 10},
		{29, maxBytes, 20},
		{maxPoints, len(encoded(0, 30)), 30},
		{maxPoints, len(encoded(0, 30)) - 1, 20},
		{maxPoints, maxBytes, 60},
	} {
		if l := mustNext(t, s, c.points, c.bytes); l.points != c.want || l.lines != encoded(0, c.want) {
			t.Errorf("%d points, %d bytes: got %d points", c.points, c.bytes, l.points)
		}
	}
}

func TestQuotaDropsTheOldest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	size := int64(len(encoded(0, 10)))
	s := mustSpool(t, path, 5*size)
	for i := range 20 {
		mustAppend(t, s, 10*i, 10*i+10)
	}
	st := s.Stats()
	if st.Bytes > 5*size || st.Bytes < 4*size || st.Points+st.Dropped != 200 || s.Dropped() != st.Dropped {
		t.Errorf("%+v of %d bytes", st, 5*size)
	}
	l := mustNext(t, s, maxPoints, maxBytes)
	if l.lines != encoded(200-int(st.Points), 200) {
		t.Error("it is not the newest that were kept")
	}

	// A batch larger than the quota is kept alone.
	mustAppend(t, s, 200, 300)
	if st = s.Stats(); st.Points != 100 || st.Dropped != 200 {
		t.Errorf("%+v", st)
	}
	// What was loaded meanwhile is settled without being counted twice.
	if err := s.settle(t.Context(), l, nil); err != nil {
		t.Fatal(err)
	}
	if st = s.Stats(); st.Points != 100 {
		t.Errorf("%+v", st)
	}
}

// A quota that was lowered holds from the start on, however many batches are
// over it, and no transaction deletes more than it may.
func TestLowerQuota(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := mustSpool(t, path, 1<<30)
	line := encoded(0, 1)
	err := s.write(t.Context(), func(tx *sql.Tx, to *totals) error {
		for range 1800 {
			if _, err := tx.Exec("INSERT INTO batches (points, bytes, lines) VALUES (1, ?, ?)", len(line), []byte(line)); err != nil {
				return err
			}
			to.points++
			to.bytes += int64(len(line))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = mustSpool(t, path, int64(10*len(line)))
	if got := s.Stats(); got.Points != 10 || got.Dropped != 1790 {
		t.Errorf("%+v", got)
	}
}

func TestPoisonIsBounded(t *testing.T) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<20)
	for n := range 4 {
		var poison []Poison
		for i := range 400 {
			poison = append(poison, Poison{Line: fmt.Sprintf("p%d", 400*n+i), Message: "no"})
		}
		if err := s.settle(t.Context(), load{of: s.db}, poison); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Poisons(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != maxPoison || got[0] != (Poison{"p1599", "no"}) || got[999].Line != "p600" || s.Stats().Poisoned != 1600 {
		t.Errorf("%d, %v … %v, %+v", len(got), got[0], got[len(got)-1], s.Stats())
	}
}

func TestAppendFromManySides(t *testing.T) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				if err := s.Append(t.Context(), samples(1000*g+i, 1000*g+i+1), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	l := mustNext(t, s, maxPoints, maxBytes)
	if l.points != 200 || s.Stats().Points != 200 || s.Stats().Bytes != int64(len(l.lines)) {
		t.Errorf("%d points, %+v", l.points, s.Stats())
	}
}

func TestOpenSpoolRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	if _, err := OpenSpool(t.Context(), path, "", 1, nil); err == nil || !strings.Contains(err.Error(), "site") {
		t.Error(err)
	}
	if _, err := OpenSpool(t.Context(), path, "ward-3", 0, nil); err == nil || !strings.Contains(err.Error(), "quota") {
		t.Error(err)
	}
}

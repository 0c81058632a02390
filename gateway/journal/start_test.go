package journal

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"telecare/alerting"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/sqlite"
)

// TestStartReadsRoundDamage: a start is given all that can be read, in order,
// and then told that the journal begins anew; the old file is kept whole.
func TestStartReadsRoundDamage(t *testing.T) {
	refuse := errors.New("cannot be understood")
	for name, c := range map[string]struct {
		damage func(t *testing.T, path string)
		each   func(alerting.Record) error
		want   []alerting.Record // those that must be given
		fresh  bool
	}{
		"none":   {func(*testing.T, string) {}, nil, span(11, 700), false},
		"a hole": {func(t *testing.T, p string) { gatewaytest.Meddle(t, p, "DELETE FROM records WHERE seq = 20") }, nil, append(span(11, 19), span(21, 700)...), true},
		"a digest": {func(t *testing.T, p string) {
			gatewaytest.Meddle(t, p, "UPDATE records SET digest = x'' WHERE seq = 20")
		}, nil, append(span(11, 19), span(21, 700)...), true},
		"a page":    {func(t *testing.T, p string) { gatewaytest.SpoilPage(t, p, "SELECT hash FROM records WHERE seq = 600") }, nil, append(span(11, 500), span(690, 700)...), true},
		"its sense": {func(*testing.T, string) {}, func(r alerting.Record) error { return map[bool]error{true: refuse}[r.Seq == 30] }, append(span(11, 29), span(31, 700)...), true},
		"newer": {func(*testing.T, string) {}, func(r alerting.Record) error {
			return map[bool]error{true: sqlite.ErrNewer}[r.Seq == 30]
		}, span(11, 29), false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			j := mustOpen(t, path)
			mustAppend(t, j, span(1, 700)...)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			c.damage(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := NewStore(path, slog.New(slog.DiscardHandler))
			defer s.Close()
			var got []int64
			err = Start{s}.Records(t.Context(), 10, func(r alerting.Record) error {
				if c.each != nil {
					if err := c.each(r); err != nil {
						return err
					}
				}
				got = append(got, r.Seq)
				return nil
			})
			if errors.Is(err, ErrFresh) != c.fresh {
				t.Errorf("got %v, want fresh %v", err, c.fresh)
			}
			if !slices.IsSorted(got) || len(got) != len(slices.Compact(slices.Clone(got))) {
				t.Errorf("out of order, or twice: %d", got)
			}
			for _, r := range c.want {
				if !slices.Contains(got, r.Seq) {
					t.Fatalf("record %d is missing of %d", r.Seq, len(got))
				}
			}
			aside, err := filepath.Glob(path + ".damaged-*")
			if err != nil || len(aside) != map[bool]int{true: 1}[c.fresh] {
				t.Fatalf("set aside: %q, %v", aside, err)
			}
			if !c.fresh {
				return
			}
			if kept, err := os.ReadFile(aside[0]); err != nil || len(kept) < len(before) {
				t.Errorf("of %d bytes %d are kept, %v", len(before), len(kept), err)
			}
			if err := s.Append(t.Context(), span(1, 3)); err != nil {
				t.Errorf("the new one: %v", err)
			}
		})
	}
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/gateway/journal"
)

// journals are all that keep the machine's inputs, each to be opened again as
// after a crash.
func journals() map[string]func(*testing.T) (open func() journalAndHistory) {
	return map[string]func(*testing.T) func() journalAndHistory{
		"sqlite": func(t *testing.T) func() journalAndHistory {
			path := filepath.Join(t.TempDir(), "journal.db")
			var last *journal.Journal
			t.Cleanup(func() { last.Close() })
			return func() journalAndHistory {
				if last != nil {
					if err := last.Close(); err != nil {
						t.Fatal(err)
					}
				}
				var err error
				if last, err = journal.Open(t.Context(), path); err != nil {
					t.Fatal(err)
				}
				return last
			}
		},
		"simulated": func(*testing.T) func() journalAndHistory {
			d := &simDisk{}
			return func() journalAndHistory {
				d.cut(func(int) int { return 0 }) // what survives everything
				return d
			}
		},
	}
}

type journalAndHistory interface {
	Journal
	History
}

// TestJournalContract holds the real journal and the simulation's to the same.
func TestJournalContract(t *testing.T) {
	for name, make := range journals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct {
				name string
				test func(*testing.T, func() journalAndHistory)
			}{
				{"what Append returned nil for is there after a crash, in order and as it was", keepsRecords},
				{"the same records again are content with what is there", isIdempotent},
				{"a gap, another content and a number below one are refused whole", refusesOthers},
				{"Records stops at its reader's error", stops},
				{"snapshots come newest first, and only behind their records", keepsSnapshots},
			} {
				t.Run(c.name, func(t *testing.T) { c.test(t, make(t)) })
			}
		})
	}
}

func contractRecord(seq int64) alerting.Record {
	return alerting.Record{
		Seq: seq, At: time.Date(2026, 11, 22, 3, 0, 0, int(seq), time.UTC), Version: alerting.Version, Kind: "heard",
		Body: fmt.Appendf(nil, `{"device":"d-1","ref":"%d"}`, seq), Digest: [8]byte{7: byte(seq)}, Delivery: fmt.Sprintf("zigbee/%d/ff", seq),
	}
}

func contractRecords(from, to int64) (recs []alerting.Record) {
	for seq := from; seq <= to; seq++ {
		recs = append(recs, contractRecord(seq))
	}
	return recs
}

func mustTake(t *testing.T, j Journal, recs []alerting.Record) {
	t.Helper()
	if err := j.Append(t.Context(), recs); err != nil {
		t.Fatalf("append: %v", err)
	}
}

func expectRecords(t *testing.T, h History, after int64, want []alerting.Record) {
	t.Helper()
	var got []alerting.Record
	err := h.Records(t.Context(), after, func(r alerting.Record) error { got = append(got, r); return nil })
	if err != nil || !slices.EqualFunc(got, want, sameRecord) {
		t.Errorf("records after %d: %v, %v, want %v", after, got, err, want)
	}
}

func keepsRecords(t *testing.T, open func() journalAndHistory) {
	j := open()
	expectRecords(t, j, 0, nil)
	mustTake(t, j, contractRecords(1, 1))
	mustTake(t, j, contractRecords(2, 700))
	mustTake(t, j, nil)
	j = open()
	expectRecords(t, j, 0, contractRecords(1, 700))
	expectRecords(t, j, 699, contractRecords(700, 700))
	expectRecords(t, j, 700, nil)
	mustTake(t, j, contractRecords(701, 702))
	expectRecords(t, open(), 698, contractRecords(699, 702))
}

func isIdempotent(t *testing.T, open func() journalAndHistory) {
	j := open()
	mustTake(t, j, contractRecords(1, 5))
	mustTake(t, j, contractRecords(1, 5))
	mustTake(t, j, contractRecords(3, 8)) // some were there after all
	mustTake(t, j, contractRecords(2, 4))
	expectRecords(t, open(), 0, contractRecords(1, 8))
}

func refusesOthers(t *testing.T, open func() journalAndHistory) {
	j := open()
	mustTake(t, j, contractRecords(1, 3))
	other := contractRecord(3)
	other.Body = []byte(`{}`)
	for name, recs := range map[string][]alerting.Record{
		"a gap before them":       contractRecords(5, 6),
		"a gap among them":        {contractRecord(4), contractRecord(6)},
		"one twice":               {contractRecord(4), contractRecord(4)},
		"number 0":                {contractRecord(0)},
		"another content":         {other},
		"another content and new": {other, contractRecord(4)},
	} {
		if j.Append(t.Context(), recs) == nil {
			t.Errorf("%s was taken", name)
		}
	}
	mustTake(t, j, contractRecords(4, 4))
	expectRecords(t, open(), 0, contractRecords(1, 4))
}

func stops(t *testing.T, open func() journalAndHistory) {
	j := open()
	mustTake(t, j, contractRecords(1, 5))
	enough, n := errors.New("enough"), 0
	err := j.Records(t.Context(), 0, func(alerting.Record) error {
		if n++; n == 2 {
			return enough
		}
		return nil
	})
	if n != 2 || !errors.Is(err, enough) {
		t.Errorf("%d records were read, %v", n, err)
	}
}

func keepsSnapshots(t *testing.T, open func() journalAndHistory) {
	j := open()
	snapshot := func(seq int64) alerting.Snapshot {
		return alerting.Snapshot{Seq: seq, At: contractRecord(seq).At, Version: alerting.Version, State: fmt.Appendf(nil, `{"seq":%d}`, seq)}
	}
	expect := func(h History, want ...int64) {
		t.Helper()
		all, err := h.Snapshots(context.Background())
		if err != nil || len(all) != len(want) {
			t.Fatalf("snapshots: %v, %v, want %v", all, err, want)
		}
		for i, s := range all {
			if w := snapshot(want[i]); s.Seq != w.Seq || !s.At.Equal(w.At) || s.Version != w.Version || string(s.State) != string(w.State) {
				t.Errorf("snapshot %d: %+v, want %+v", i, s, w)
			}
		}
	}
	expect(j)
	mustTake(t, j, contractRecords(1, 10))
	if j.SaveSnapshot(t.Context(), snapshot(11)) == nil {
		t.Error("a snapshot ahead of its records was taken")
	}
	for _, seq := range []int64{2, 5, 7, 10} {
		if err := j.SaveSnapshot(t.Context(), snapshot(seq)); err != nil {
			t.Fatalf("snapshot %d: %v", seq, err)
		}
	}
	expect(j, 10, 7, 5)
	expect(open(), 10, 7, 5)
}

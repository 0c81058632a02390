package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
)

var night = time.Date(2026, 11, 22, 2, 10, 0, 123456789, time.UTC)

// record is the input number seq, as long as real ones are.
func record(seq int64) alerting.Record {
	return alerting.Record{
		Seq:      seq,
		At:       night.Add(time.Duration(seq) * time.Second),
		Version:  alerting.Version,
		Kind:     "heard",
		Body:     fmt.Appendf(nil, `{"device":"d-4k7m2q","kind":"panic","ref":"%08d","pad":%q}`, seq, strings.Repeat("x", 150)),
		Digest:   [8]byte{1, 2, 3, 4, 5, 6, 7, byte(seq)},
		Delivery: fmt.Sprintf("telecare-1/%d/9f86d081884c7d65", seq),
	}
}

func span(from, to int64) []alerting.Record {
	var recs []alerting.Record
	for seq := from; seq <= to; seq++ {
		recs = append(recs, record(seq))
	}
	return recs
}

func mustOpen(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func mustAppend(t testing.TB, j *Journal, recs ...alerting.Record) {
	t.Helper()
	if err := j.Append(t.Context(), recs); err != nil {
		t.Fatal(err)
	}
}

func all(t testing.TB, r *Reader, after int64) []alerting.Record {
	t.Helper()
	var got []alerting.Record
	err := r.Records(t.Context(), after, func(rec alerting.Record) error {
		got = append(got, rec)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func verify(t testing.TB, r *Reader) Report {
	t.Helper()
	rep, err := r.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := mustOpen(t, path)
	if seq, hash, err := j.Head(t.Context()); seq != 0 || !bytes.Equal(hash, make([]byte, 32)) || err != nil {
		t.Errorf("an empty journal has the head %d %x, %v", seq, hash, err)
	}
	want := span(1, 600) // more than a page
	want[0].Body = []byte{0xff, 0, '\n'}
	want[1].Body = nil // the same as empty
	want[2].Kind, want[2].Delivery = "", ""
	want[3].At = time.Unix(0, -1).UTC()
	mustAppend(t, j, want[0])
	mustAppend(t, j, want[1:300]...)
	mustAppend(t, j)
	mustAppend(t, j, want[300:]...)
	_, head, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	j = mustOpen(t, path)
	if diff := cmp.Diff(want, all(t, &j.Reader, 0)); diff != "" {
		t.Error(diff)
	}
	if got := all(t, &j.Reader, 599); len(got) != 1 || got[0].Seq != 600 {
		t.Errorf("after 599: %v", got)
	}
	if seq, hash, err := j.Head(t.Context()); seq != 600 || !bytes.Equal(hash, head) || err != nil {
		t.Errorf("head %d %x, %v", seq, hash, err)
	}
	if rep := verify(t, &j.Reader); !rep.OK() || rep.Records != 600 || rep.Head != 600 || !bytes.Equal(rep.Hash, head) {
		t.Errorf("%s", rep)
	}
}

func TestAppendRefuses(t *testing.T) {
	j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
	mustAppend(t, j, span(1, 3)...)
	absurd := record(4)
	absurd.At = time.Time{}
	for name, c := range map[string]struct {
		recs     []alerting.Record
		diverged bool
	}{
		"a gap behind the head":  {span(5, 6), true},
		"a gap inside":           {[]alerting.Record{record(4), record(6)}, false},
		"going back":             {[]alerting.Record{record(4), record(3)}, false},
		"number 0":               {[]alerting.Record{record(0)}, false},
		"a time that has no ns":  {[]alerting.Record{absurd}, false},
		"another record as 2":    {changed(2), true},
		"another 3 and a new 4":  {append(changed(3), record(4)), true},
		"a new record before it": {append(span(1, 2), changed(3)...), true},
	} {
		err := j.Append(t.Context(), c.recs)
		if err == nil || errors.Is(err, ErrDiverged) != c.diverged {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(span(1, 3), all(t, &j.Reader, 0)); diff != "" {
		t.Error(diff)
	}
}

func changed(seq int64) []alerting.Record {
	r := record(seq)
	r.Digest[0]++
	return []alerting.Record{r}
}

// Whatever part of a failed append has landed, the same records again, with
// later ones behind them, end up there once.
func TestAppendAgain(t *testing.T) {
	for landed := range int64(6) {
		j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
		mustAppend(t, j, span(1, landed)...)
		mustAppend(t, j, span(1, 5)...)
		mustAppend(t, j, span(1, 5)...)
		mustAppend(t, j, span(3, 8)...)
		if diff := cmp.Diff(span(1, 8), all(t, &j.Reader, 0)); diff != "" {
			t.Errorf("with %d landed: %s", landed, diff)
		}
		if rep := verify(t, &j.Reader); !rep.OK() || rep.Records != 8 {
			t.Error(rep)
		}
	}
}

func TestAppendWithAnEndedContext(t *testing.T) {
	j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Append(ctx, span(1, 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Each column of a record, and each way of taking one away or slipping one in,
// is noticed where it was done.
func TestVerifyFindsTampering(t *testing.T) {
	for sqltext, bad := range map[string]int64{
		"UPDATE records SET at = at + 1 WHERE seq = 7":                                                               7,
		"UPDATE records SET version = version + 1 WHERE seq = 7":                                                     7,
		"UPDATE records SET kind = 'tick' WHERE seq = 7":                                                             7,
		"UPDATE records SET body = x'7b7d' WHERE seq = 7":                                                            7,
		"UPDATE records SET digest = x'0000000000000000' WHERE seq = 7":                                              7,
		"UPDATE records SET digest = x'' WHERE seq = 7":                                                              7,
		"UPDATE records SET digest = CAST(digest || x'00' AS BLOB) WHERE seq = 7":                                    7,
		"UPDATE records SET delivery = '' WHERE seq = 7":                                                             7,
		"UPDATE records SET delivery = delivery || ' ' WHERE seq = 7":                                                7,
		"UPDATE records SET hash = zeroblob(32) WHERE seq = 7":                                                       7,
		"UPDATE records SET hash = x'' WHERE seq = 7":                                                                7,
		"UPDATE records SET hash = zeroblob(32) WHERE seq = 12":                                                      12, // the last
		"UPDATE records SET seq = -seq WHERE seq = 7":                                                                7,
		"UPDATE records SET seq = seq + 100 WHERE seq >= 7":                                                          7,
		"DELETE FROM records WHERE seq = 7":                                                                          7,
		"DELETE FROM records WHERE seq < 7":                                                                          1,
		"DELETE FROM records WHERE seq < 7; UPDATE records SET seq = -(seq - 6); UPDATE records SET seq = -seq":      1,
		"UPDATE records SET kind = kind || substr(CAST(body AS TEXT), 1, 1), body = substr(body, 2) WHERE seq = 7":   7, // moved over a border
		"INSERT INTO records SELECT 13, at, version, kind, body, digest, delivery, hash FROM records WHERE seq = 12": 13,
		"UPDATE records SET body = (SELECT body FROM records WHERE seq = 8) WHERE seq = 7":                           7,
	} {
		j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
		mustAppend(t, j, span(1, 12)...)
		tamper(t, j, sqltext)
		rep := verify(t, &j.Reader)
		if rep.OK() || rep.FirstBad != bad || rep.Records != bad-1 {
			t.Errorf("%s\n%s", sqltext, rep)
		}
		if !strings.Contains(rep.String(), fmt.Sprintf("record %d: BAD", bad)) {
			t.Errorf("%s", rep)
		}
	}
}

func tamper(t *testing.T, j *Journal, sqltext string) {
	t.Helper()
	err := j.db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(sqltext); return err })
	if err != nil {
		t.Fatalf("%s: %v", sqltext, err)
	}
}

// Replay must not go over a hole as if nothing had happened there.
func TestRecordsStopsAtAHole(t *testing.T) {
	j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
	mustAppend(t, j, span(1, 12)...)
	tamper(t, j, "DELETE FROM records WHERE seq = 7")
	var last int64
	err := j.Records(t.Context(), 0, func(r alerting.Record) error { last = r.Seq; return nil })
	if err == nil || last != 6 {
		t.Errorf("came to %d, %v", last, err)
	}
	tamper(t, j, "UPDATE records SET digest = x'00' WHERE seq = 9")
	if err := j.Records(t.Context(), 7, func(alerting.Record) error { return nil }); err == nil || !strings.Contains(err.Error(), "record 9 is damaged") {
		t.Error(err)
	}
	stop := errors.New("enough")
	if err := j.Records(t.Context(), 0, func(alerting.Record) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func snapshot(seq int64) alerting.Snapshot {
	return alerting.Snapshot{Seq: seq, At: night.Add(time.Duration(seq)), Version: alerting.Version, State: fmt.Appendf(nil, `{"alarms":%d}`, seq)}
}

func TestSnapshots(t *testing.T) {
	j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
	if got, err := j.Snapshots(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	mustAppend(t, j, span(1, 50)...)
	var want []alerting.Snapshot
	for _, seq := range []int64{0, 10, 20, 30, 40} {
		if err := j.SaveSnapshot(t.Context(), snapshot(seq)); err != nil {
			t.Fatal(err)
		}
		want = slices.Insert(want, 0, snapshot(seq))
		got, err := j.Snapshots(t.Context())
		if diff := cmp.Diff(want[:min(3, len(want))], got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	if err := j.SaveSnapshot(t.Context(), snapshot(40)); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := j.SaveSnapshot(t.Context(), snapshot(51)); !errors.Is(err, ErrDiverged) {
		t.Errorf("a snapshot ahead of the journal: %v", err)
	}
	if rep := verify(t, &j.Reader); !rep.OK() || len(rep.Snapshots) != 3 {
		t.Error(rep)
	}
}

func TestDamagedSnapshotsAreLeftOut(t *testing.T) {
	for _, sqltext := range []string{
		"UPDATE snapshots SET state = x'7b7d' WHERE seq = 20",
		"UPDATE snapshots SET at = at + 1 WHERE seq = 20",
		fmt.Sprintf("UPDATE snapshots SET version = %d WHERE seq = 20", alerting.Version+1),
		"UPDATE snapshots SET sum = x'' WHERE seq = 20",
		"UPDATE snapshots SET head = x'' WHERE seq = 20",
		"UPDATE records SET hash = zeroblob(32) WHERE seq = 20",
		"DELETE FROM records WHERE seq = 20",
	} {
		j := mustOpen(t, filepath.Join(t.TempDir(), "journal.db"))
		mustAppend(t, j, span(1, 30)...)
		for _, seq := range []int64{10, 20, 30} {
			if err := j.SaveSnapshot(t.Context(), snapshot(seq)); err != nil {
				t.Fatal(err)
			}
		}
		tamper(t, j, sqltext)
		got, err := j.Snapshots(t.Context())
		if err == nil || !strings.Contains(err.Error(), "snapshot 20 is damaged") {
			t.Errorf("%s: not said: %v", sqltext, err)
		}
		if diff := cmp.Diff([]alerting.Snapshot{snapshot(30), snapshot(10)}, got); diff != "" {
			t.Errorf("%s: %s", sqltext, diff)
		}
		if rep := verify(t, &j.Reader); rep.OK() || rep.Snapshots[1].Why == "" || rep.Snapshots[0].Why != "" {
			t.Errorf("%s: %s", sqltext, rep)
		}
	}
}

// `journal verify` and `replay` beside a running gateway.
func TestReaderBesideTheWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := mustOpen(t, path)
	mustAppend(t, j, record(1))
	r, err := OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var wg sync.WaitGroup
	wg.Go(func() {
		for seq := int64(2); seq <= 1500; seq += 3 {
			if err := j.Append(t.Context(), span(seq, seq+2)); err != nil {
				t.Error(err)
			}
			if seq%100 == 2 {
				if err := j.Checkpoint(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 5 {
		if rep := verify(t, r); !rep.OK() || rep.Records != rep.Head {
			t.Errorf("%s", rep)
		}
	}
	wg.Wait()
	if rep := verify(t, r); rep.Records != 1501 {
		t.Errorf("%s", rep)
	}
}

func TestOpenRefusesAnotherFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := mustOpen(t, path)
	tamper(t, j, "UPDATE meta SET format = 2")
	j.Close()
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "format 2, this program knows 1") {
		t.Error(err)
	}
	if _, err := OpenReader(t.Context(), path); err == nil || !strings.Contains(err.Error(), "format 2, this program knows 1") {
		t.Error(err)
	}
}

// The chain is a format that outlives this program: a change of these bytes is
// a new format. The expected hash was computed apart, in Python:
//
//	u=lambda n:n.to_bytes(8,'big'); p=lambda b:u(len(b))+b
//	sha256(p(bytes(32))+u(1)+u(1795313411123456789)+u(1)+p(b'tick')+p(b'{}')+p(b'12345678')+p(b's/1/h'))
func TestChainIsPinned(t *testing.T) {
	r := alerting.Record{Seq: 1, At: time.Unix(0, 1795313411123456789), Version: 1, Kind: "tick", Body: []byte("{}"), Digest: [8]byte([]byte("12345678")), Delivery: "s/1/h"}
	const want = "c5a64b4d8160e30e3ca2fc09c9dcdfff73f3369dd70c2979fae4d7e72153fd3a"
	if got := fmt.Sprintf("%x", chain(genesis, &r)); got != want {
		t.Errorf("got %s", got)
	}
}

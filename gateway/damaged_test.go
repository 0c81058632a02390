package gateway

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/journal"
)

// TestStartWithADamagedJournal: what a bad disk has left of a journal is in
// force, what comes behind the damage too. It is set aside, whole, and a new one
// begins, so that presses are answered again.
func TestStartWithADamagedJournal(t *testing.T) {
	spoil := func(where string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			gatewaytest.SpoilPage(t, path, "SELECT hash FROM records WHERE seq = "+where)
		}
	}
	meddle := func(how string) func(*testing.T, string) {
		return func(t *testing.T, path string) { gatewaytest.Meddle(t, path, how) }
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		lost   int // at least
	}{
		"a page in the middle":      {spoil("40"), 0},
		"the last page":             {spoil("(SELECT max(seq) FROM records)"), 1},
		"a record is missing":       {meddle("DELETE FROM records WHERE seq = 40"), 0},
		"a record is not one":       {meddle("UPDATE records SET digest = x'00' WHERE seq = 40"), 0},
		"what it says is not known": {meddle("UPDATE records SET body = x'7b7b' WHERE seq = 40"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "journal.db")
				n := newNight(t)
				store := journal.NewStore(path, slog.New(slog.DiscardHandler))
				n.startOn(journal.Start{Store: store})
				for range 40 {
					n.presses("pendant 7")
					time.Sleep(10 * time.Second)
				}
				n.says("radar", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}}})
				n.stop()
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
				gatewaytest.Meddle(t, path, "DELETE FROM snapshots")
				if err := os.Remove(filepath.Join(filepath.Dir(path), "snapshot.json")); err != nil {
					t.Fatal(err)
				}
				c.damage(t, path)

				n.board.fresh()
				store = journal.NewStore(path, slog.New(slog.DiscardHandler))
				n.startOn(journal.Start{Store: store})
				n.expect("ready", n.g.Ready(), nil)
				kinds := map[devices.Kind]int{}
				for _, a := range n.board.open() {
					kinds[a.Kind]++
				}
				n.expect("the alarm before the damage", kinds[devices.Panic], 1)
				if c.lost == 0 {
					n.expect("and the one behind it", kinds[devices.Fall], 1)
				}
				_, press := n.presses("pendant 7")
				n.expect("a press", press, "answered")
				n.stop()
				known := n.board.open()
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
				j := mustOpen(t, path)
				rep, err := j.Verify(context.Background())
				if err != nil || !rep.OK() {
					t.Errorf("the new journal: %v\n%s", err, rep)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) == 0 {
					t.Error("the old journal is gone")
				}
				n.board.fresh()
				store = journal.NewStore(path, slog.New(slog.DiscardHandler))
				n.startOn(journal.Start{Store: store})
				n.expect("open after the next start", len(n.board.open()), len(known))
				n.stop()
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestJournalTurnsOutDamaged: it could not even be opened at the start. What was
// decided since comes behind what can be read of it.
func TestJournalTurnsOutDamaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		n.stop()
		n.disk.snapshots = nil
		n.disk.unreadable(errDisk)
		n.start()
		n.expect("not ready", n.g.Ready() != nil, true)
		fall := n.says("radar", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}}})
		time.Sleep(10 * time.Second)
		n.disk.mu.Lock()
		n.disk.unread, n.disk.damaged = nil, true
		n.disk.mu.Unlock()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		n.expect("answered", fall, "answered")
		n.expect("ready", n.g.Ready(), nil)
		n.expect("it begins with what is known", n.disk.recs[0].Kind, "adopt")
		n.expect("both", len(n.board.open()), 2)
		n.stop()
		n.disk.snapshots = nil
		n.board.fresh()
		n.start()
		n.expect("both after the next start", len(n.board.open()), 2)
		for _, a := range n.board.open() {
			n.expect("state", a.State, alerting.Raised)
		}
		n.stop()
	})
}

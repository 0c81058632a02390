package gateway

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/journal"
	"telecare/gateway/sqlite"

	"github.com/google/go-cmp/cmp"
)

// Journals of every release stay in testdata/releases for ever: journal.db as
// that release's shell wrote it, its replay as script.txt, and the alarms that
// were open at its end as open.txt. Every later release must read them.

var update = flag.Bool("update", false, "write the journal of this release into testdata/releases; never over one that was released")

// thisRelease is raised, and its journal made with -update, whenever a release
// has changed the journal's schema, the machine's version or an input.
const thisRelease = "2"

// released lists the folders, with a copy of each journal that may be changed.
func released(t *testing.T, each func(t *testing.T, dir, path string)) {
	t.Helper()
	dirs, err := filepath.Glob("testdata/releases/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no journals in testdata: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { each(t, dir, mine(t, filepath.Join(dir, "journal.db"))) })
	}
}

// mine copies a journal to where it may be changed.
func mine(t *testing.T, from string) string {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustOpen(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// on makes a gateway on a journal; it does not run yet.
func (n *night) on(j journalAndHistory) *Gateway {
	return New(Options{
		Site: n.site, Journal: j, History: j, Fallback: n.fallback,
		Notifiers:  map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre},
		Publishers: []Publisher{n.board}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler),
	})
}

// startOn runs a gateway on a journal.
func (n *night) startOn(j journalAndHistory) {
	n.t.Helper()
	n.g = n.on(j)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.g.Run(ctx) }()
	n.stop = func() {
		n.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			n.t.Errorf("gateway ended: %v", err)
		}
	}
	synctest.Wait()
}

func lines(b []byte) []string { return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") }

// openAlarms is what open.txt holds.
func openAlarms(alarms []alerting.Alarm) string {
	var b strings.Builder
	for _, a := range alarms {
		if a.Open() {
			fmt.Fprintf(&b, "%s %d %s %s\n", a.ID, a.Number, a.Kind, a.State)
		}
	}
	return b.String()
}

// TestReleasesDecideTheSame replays each journal from its first record. A
// machine of the same version decides the same to the letter; a later one may
// decide otherwise, but an alarm that was open stays open.
func TestReleasesDecideTheSame(t *testing.T) {
	if *update {
		synctest.Test(t, writeRelease)
	}
	released(t, func(t *testing.T, dir, path string) {
		j := mustOpen(t, path)
		defer j.Close()
		var script bytes.Buffer
		done, err := Replay(t.Context(), j, 1, &script)
		if err != nil || done.Records < 50 {
			t.Fatalf("replay: %+v, %v", done, err)
		}
		kinds := map[string]bool{}
		err = j.Records(t.Context(), 0, func(r alerting.Record) error {
			kinds[r.Kind] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if versionOf(t, path) == alerting.Version {
			want, err := os.ReadFile(filepath.Join(dir, "script.txt"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lines(want), lines(script.Bytes())); diff != "" || done.Differ != 0 {
				t.Errorf("%d of %d records are decided otherwise by the same version: raise alerting.Version (-then +now):\n%s", done.Differ, done.Records, diff)
			}
		}
		if filepath.Base(dir) == thisRelease {
			for _, kind := range []string{"start", "tick", "apply", "heard", "cleared", "raise_by_hand", "take", "decline", "arrive",
				"need_help", "hand_over", "close", "reopen", "sent", "adopt", "fault", "sign", "away", "set_test", "pause", "break_begins", "break_ends"} {
				if !kinds[kind] {
					t.Errorf("no input %q is in the journal", kind)
				}
			}
		}
		rep, err := j.Verify(t.Context())
		if err != nil || !rep.OK() || len(rep.Snapshots) < 2 {
			t.Errorf("verify: %v\n%s", err, rep)
		}
	})
}

// TestReleasesRecover brings a gateway back from the newest snapshot, from the
// one before when that is damaged, and from the first record when all are: it
// knows the same each time, and what was open is open.
// versionOf is the machine's version that decided last in a journal.
func versionOf(t *testing.T, path string) (version int) {
	t.Helper()
	j := mustOpen(t, path)
	err := j.Records(t.Context(), 0, func(r alerting.Record) error {
		version = r.Version
		return nil
	})
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	return version
}

func TestReleasesRecover(t *testing.T) {
	released(t, func(t *testing.T, dir, path string) {
		want, err := os.ReadFile(filepath.Join(dir, "open.txt"))
		if err != nil {
			t.Fatal(err)
		}
		then := versionOf(t, path)
		var first []byte
		for _, damage := range []string{"", "UPDATE snapshots SET state = substr(state, 1, 50) WHERE seq = (SELECT max(seq) FROM snapshots)", "UPDATE snapshots SET state = x''"} {
			gatewaytest.Meddle(t, path, damage)
			j := mustOpen(t, path)
			g := newNight(t).on(j)
			if err := g.recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if g.detached.Load() || g.adopt {
				t.Fatalf("after %q the journal counts as unreadable", damage)
			}
			have := openAlarms(g.machine.Alarms())
			for _, a := range lines(want) {
				if !strings.Contains(have, a) {
					t.Errorf("after %q alarm %q is not open any more:\n%s", damage, a, have)
				}
			}
			state, err := g.machine.State()
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = state
			}
			// Another version may decide otherwise from an older snapshot on; it
			// loses nothing.
			if diff := cmp.Diff(string(first), string(state)); diff != "" && then == alerting.Version {
				t.Errorf("after %q something else is known:\n%s", damage, diff)
			}
		}
	})
}

// TestReleasesGoOn starts a gateway on each journal: what had no result is sent
// again, what was due comes, and the journal goes on soundly.
func TestReleasesGoOn(t *testing.T) {
	released(t, func(t *testing.T, dir, path string) {
		synctest.Test(t, func(t *testing.T) {
			j := mustOpen(t, path)
			head, _, err := j.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n := newNight(t)
			n.startOn(j)
			want, err := os.ReadFile(filepath.Join(dir, "open.txt"))
			if err != nil {
				t.Fatal(err)
			}
			n.expect("open alarms on the page", len(n.board.open()), len(lines(want)))
			called := len(n.marta.rang()) + len(n.centre.rang())
			time.Sleep(2 * time.Minute)
			if now := len(n.marta.rang()) + len(n.centre.rang()); now <= called {
				t.Error("nobody is called for the open alarms")
			}
			_, a := n.presses("pendant 7")
			n.expect("a press", a, "answered")
			n.stop()
			rep, err := j.Verify(context.Background())
			if err != nil || !rep.OK() || rep.Head <= head {
				t.Errorf("verify after %d: %v\n%s", head, err, rep)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestNewerJournalsAreRefused: an older program must not decide on what it does
// not understand, nor begin anew beside it.
func TestNewerJournalsAreRefused(t *testing.T) {
	older := func(t *testing.T) string {
		path := mine(t, filepath.Join("testdata", "releases", thisRelease, "journal.db"))
		gatewaytest.Meddle(t, path, "PRAGMA journal_mode = wal") // as it is where it is used
		return path
	}
	refused := func(t *testing.T, path, what string) {
		t.Helper()
		before, _ := os.ReadFile(path)
		j := journal.NewStore(path, slog.New(slog.DiscardHandler))
		err := newNight(t).on(journal.Start{Store: j}).Run(t.Context())
		if e := j.Close(); e != nil {
			t.Fatal(e)
		}
		if !isNewer(err) || !strings.Contains(err.Error(), "install") || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want a refusal that says %q and what to install", err, what)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Error("what was refused was changed")
		}
		beside, err2 := filepath.Glob(path + "?*")
		if err2 != nil || slices.ContainsFunc(beside, func(s string) bool { return strings.Contains(s, "damaged") }) {
			t.Errorf("what was refused was set aside: %q", beside)
		}
	}
	add := func(t *testing.T, path string, change func(*alerting.Record)) {
		t.Helper()
		j := mustOpen(t, path)
		defer j.Close()
		seq, _, err := j.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := alerting.Record{Seq: seq + 1, At: time.Now(), Version: alerting.Version, Kind: "tick", Body: []byte("{}")}
		change(&r)
		if err := j.Append(t.Context(), []alerting.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("record", func(t *testing.T) {
		path := older(t)
		add(t, path, func(r *alerting.Record) { r.Version++ })
		refused(t, path, fmt.Sprintf("version %d", alerting.Version+1))
		j, err := journal.OpenReader(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		if _, err := Replay(t.Context(), j, 1, new(bytes.Buffer)); !errors.Is(err, alerting.ErrNewer) {
			t.Errorf("replay: %v", err)
		}
	})
	t.Run("input", func(t *testing.T) {
		path := older(t)
		add(t, path, func(r *alerting.Record) { r.Kind = "teleport" })
		refused(t, path, `"teleport"`)
	})
	t.Run("snapshot", func(t *testing.T) {
		path := older(t)
		j := mustOpen(t, path)
		seq, _, err := j.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := j.SaveSnapshot(t.Context(), alerting.Snapshot{Seq: seq, At: time.Now(), Version: alerting.Version + 1, State: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		refused(t, path, fmt.Sprintf("version %d", alerting.Version+1))
	})
	t.Run("schema", func(t *testing.T) {
		path := older(t)
		gatewaytest.Meddle(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		refused(t, path, "schema 99")
	})
	t.Run("chain", func(t *testing.T) {
		path := older(t)
		gatewaytest.Meddle(t, path, "UPDATE meta SET format = 2")
		refused(t, path, "format 2")
	})
}

// writeRelease makes this release's journal: a night in which everything
// happens, over two restarts, that breaks off with alarms in every state.
func writeRelease(t *testing.T) {
	dir := filepath.Join("testdata", "releases", thisRelease)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	act := func(n *night, in alerting.Input) {
		t.Helper()
		if err := n.g.Act(ctx, in); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	// A journal that was lost: what was known before is adopted.
	n := newNight(t)
	if err := n.site.Plan.Zone.UnmarshalText([]byte("Europe/Warsaw")); err != nil {
		t.Fatal(err)
	}
	n.start()
	n.presses("pendant 7")
	n.stop()
	lost := n.disk.snapshots[0]
	n.fallback = func() (alerting.Snapshot, bool, error) { return lost, true, nil }

	work := filepath.Join(t.TempDir(), "journal.db")
	j := mustOpen(t, work)
	n.startOn(j)
	newest := func() alerting.AlarmID {
		t.Helper()
		var a alerting.Alarm
		for _, x := range n.board.open() {
			if x.Number > a.Number {
				a = x
			}
		}
		return a.ID
	}
	time.Sleep(100 * time.Second) // two steps
	act(n, alerting.Take{Alarm: newest(), By: "marta"})
	act(n, alerting.NeedHelp{Alarm: newest(), By: "marta"})
	time.Sleep(3 * time.Minute)
	act(n, alerting.Arrive{Alarm: newest(), By: "marta"})
	id := newest()
	act(n, alerting.Close{Alarm: id, By: "marta", Outcome: alerting.Helped})
	time.Sleep(time.Minute)
	act(n, alerting.Reopen{Alarm: id, By: "marta"})
	if err := n.g.Act(ctx, alerting.Take{Alarm: "a-none", By: "centre"}); err == nil {
		t.Fatal("an alarm that there is not was taken")
	}

	radar := devices.Frame{Session: "zigbee", Packet: 900, Raw: []byte("1"), Message: devices.Message{Events: []devices.Event{
		{Kind: devices.Fall, Level: true, Ref: "17"}, {Kind: devices.BatteryLow, Level: true}}}}
	n.says("radar", radar)
	time.Sleep(20 * time.Second)
	n.says("radar", devices.Frame{Message: devices.Message{Cleared: []devices.Kind{devices.Fall, devices.BatteryLow}}})
	act(n, alerting.Take{Alarm: newest(), By: "marta"})
	act(n, alerting.Decline{Alarm: newest(), By: "marta"})
	n.site.Plan.Devices["d-4"] = alerting.Device{Place: "p-3"}
	n.site.Devices["zigbee2mqtt/pendant 3"] = Device{ID: "d-4", Role: devices.Medical, Window: 25 * time.Hour}
	n.site.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"night": {Shifts: []alerting.Shift{
		{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 0, To: 24 * 60, Who: []alerting.Person{"marta", "centre"}}}}}
	n.site.Plan.Policies["room"] = alerting.Policy{Arrive: 15 * time.Minute, Finish: time.Hour, Steps: []alerting.PolicyStep{
		{Call: []alerting.Target{{Roster: "night"}}, Wait: 20 * time.Second}, {Call: []alerting.Target{{Person: "centre"}}, Wait: time.Minute}}}
	n.site.Plan.Devices["d-4"] = alerting.Device{Place: "p-3", Policy: "room"}
	n.g.Apply(n.site)
	n.g.Condition(alerting.LinkLost, "zigbee", true)
	time.Sleep(15 * time.Second)
	n.stop()
	time.Sleep(time.Hour)

	// Next life: a phone that fails, presses that are late, pressed twice,
	// delivered twice, raised by hand.
	n.startOn(j)
	n.marta.mu.Lock()
	n.marta.err = errDisk
	n.marta.mu.Unlock()
	f, _ := n.presses("pendant 3")
	time.Sleep(7 * time.Second)
	n.presses("pendant 3")
	f.Dup = true
	n.says("pendant 3", f)
	n.says("pendant 7", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Button, Ref: "a", Late: true}}}})
	act(n, alerting.RaiseByHand{Kind: devices.Fall, Place: "p-3", By: "centre"})
	act(n, alerting.Take{Alarm: newest(), By: "centre"})
	time.Sleep(2 * time.Minute)
	n.stop()
	time.Sleep(time.Minute)

	// The last life breaks off, with records behind the newest snapshot.
	n.startOn(j)
	n.marta.mu.Lock()
	n.marta.err = nil
	n.marta.mu.Unlock()
	time.Sleep(20 * time.Second)
	act(n, alerting.RaiseByHand{Kind: devices.Smoke, Place: "p-7", By: "centre"})
	act(n, alerting.Arrive{Alarm: newest(), By: "marta"})
	act(n, alerting.RaiseByHand{Kind: devices.Medical, Place: "p-7", By: "centre"})
	act(n, alerting.Take{Alarm: newest(), By: "centre"})
	act(n, alerting.HandOver{Alarm: newest(), By: "centre", To: "marta"})
	hour := time.Now().Add(time.Hour)
	act(n, alerting.BreakBegins{By: "marta", Until: hour})
	act(n, alerting.BreakEnds{By: "marta"})
	act(n, alerting.Away{Place: "p-3", Until: hour, By: "centre"})
	act(n, alerting.Pause{Place: "p-7", Until: time.Now().Add(5 * time.Minute), By: "marta"})
	act(n, alerting.SetTest{Device: "d-2", Until: hour, By: "centre"})
	act(n, alerting.Sign{Device: "d-1", What: alerting.Motions()[0]})
	act(n, alerting.RaiseByHand{Kind: devices.Fall, Place: "p-7", By: "marta", Drill: true})
	n.says("radar", radar)
	time.Sleep(10 * time.Second)
	path := filepath.Join(dir, "journal.db")
	if err := sqlite.Copy(ctx, work, path, sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	n.stop()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := journal.OpenReader(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var script bytes.Buffer
	if _, err := Replay(ctx, r, 1, &script); err != nil {
		t.Fatal(err)
	}
	p := &replayer{machine: alerting.New(), seen: deliveries{}}
	if err := r.Records(ctx, 0, func(rec alerting.Record) error { _, err := p.replay(rec); return err }); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"script.txt": script.String(), "open.txt": openAlarms(p.machine.Alarms())} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
}

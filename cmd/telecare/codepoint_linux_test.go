package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/journal"

	"golang.org/x/sys/unix"
)

// tracer holds system calls of a running process up.
type tracer struct {
	t   *testing.T
	pid int
	log string
	cmd *exec.Cmd
}

// trace injects into the process's system calls from now on: strace(1).
func trace(t *testing.T, strace string, pid int, inject ...string) *tracer {
	t.Helper()
	var calls []string
	tr := &tracer{t: t, pid: pid, log: filepath.Join(t.TempDir(), "strace")}
	args := []string{"-f", "-o", tr.log, "-p", strconv.Itoa(pid)}
	for _, i := range inject {
		name, _, _ := strings.Cut(i, ":")
		calls = append(calls, name)
		args = append(args, "-e", "inject="+i)
	}
	args = append(args, "-e", "trace="+strings.Join(calls, ","))
	tr.cmd = exec.Command(strace, args...)
	t.Cleanup(tr.end)
	said, err := tr.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "attached") {
			go io.Copy(io.Discard, said)
			return tr
		}
		t.Log(lines.Text())
	}
	_ = tr.cmd.Wait()
	t.Skip("strace cannot attach here: ptrace is not allowed")
	return nil
}

// end ends the tracer of a process that has been killed: it would sit out what
// it holds up, and the dead could not be told from the living meanwhile.
func (tr *tracer) end() {
	if tr.cmd.Process != nil {
		_ = tr.cmd.Process.Kill()
		_ = tr.cmd.Wait()
	}
}

// killed reports whether the injected signal has ended the process. Threads that
// are held up at that moment stay as they are until end.
func (tr *tracer) killed() bool {
	b, err := os.ReadFile(tr.log)
	return err == nil && strings.Contains(string(b), "killed by SIGKILL")
}

// holds reports whether a thread stands at one of the system calls.
func (tr *tracer) holds(calls ...int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", tr.pid))
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, task := range tasks {
		call, _ := os.ReadFile(task + "/syscall") // its number first [proc_pid_syscall(5)]
		stat, _ := os.ReadFile(task + "/stat")
		_, state, _ := strings.Cut(string(stat), ") ")
		for _, c := range calls {
			if strings.HasPrefix(string(call), strconv.Itoa(c)+" ") && strings.HasPrefix(state, "t") {
				return true
			}
		}
	}
	return false
}

// TestKilledAtEachPoint ends the gateway with SIGKILL at each point of a
// press's way, ten times each, five through our own broker and five through
// mosquitto. At every point: whatever was answered is an alarm, and somebody is
// called for it; nothing is doubled; what was not answered comes again and is
// the same one alarm.
func TestKilledAtEachPoint(t *testing.T) {
	accept(t)
	strace := tool(t, "strace")
	program, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	// Held up for longer than any cycle, so that the order is ours.
	const held = ":delay_enter=60000000"
	points := []point{
		{name: "between receive and call", inject: []string{"pwrite64" + held, "connect:signal=KILL"}, dies: true, answered: false, called: false, kept: false},
		{name: "between call and commit, nothing written", inject: []string{"pwrite64" + held}, called: true},
		{name: "between call and commit, written and not synced", inject: []string{"fsync" + held, "fdatasync" + held}, called: true, kept: true},
		{name: "between commit and answer", inject: []string{"fsync:delay_exit=60000000", "fdatasync:delay_exit=60000000"}, called: true, kept: true},
		{name: "between answer and call", inject: []string{"connect" + held}, answered: true, kept: true},
	}
	for _, p := range points {
		t.Run(p.name, func(t *testing.T) { p.run(t, strace, program) })
	}
}

// point is a place on a press's way at which the gateway is killed, and what
// is true there.
type point struct {
	name     string
	inject   []string
	dies     bool // by the injection itself
	answered bool
	called   bool
	kept     bool // a start after it finds the press in the journal
}

const killsAtAPoint = 10

func (pt point) run(t *testing.T, strace, program string) {
	broker := gatewaytest.Mosquitto(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
`, broker.URL, own, phone.URL), strings.Replace(manyDevices(killsAtAPoint, killsAtAPoint), "wait: 8s", "wait: 1h", 1))
	behind := newPresser(t, broker.URL)
	defer behind.close()
	twice := 0
	for k := range killsAtAPoint {
		heard := 0
		if k > 0 {
			heard = h.heard()
		}
		h.startAs(program)
		h.eventually("mosquitto", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })
		direct := newPresser(t, "tcp://"+own)
		source, name := "own", fmt.Sprintf("own%d", k)
		if k%2 == 1 {
			source, name = "house", fmt.Sprintf("house%d", k)
		}
		answers := fmt.Sprintf("telecare_answers_total{source=%q}", source)
		before, rings := h.metrics()[answers], len(phone.Calls())
		phone.Refuse() // the press's call dials anew, whatever was called at the start
		phone.Work()
		tracer := trace(t, strace, h.process.Process.Pid, pt.inject...)
		press := func(through *presser) {
			if source == "own" {
				through.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button","ref":"`+name+`"}]}`)
			} else {
				through.publish(name, "zigbee2mqtt/"+name, `{"action":"single"}`)
			}
		}
		if press(direct); source == "house" {
			press(behind)
		}
		// The moment.
		switch {
		case pt.dies:
			h.eventually("the end of the gateway", 10*time.Second, tracer.killed)
		case pt.called:
			phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == k+1 })
			if pt.kept {
				h.eventually("the disk is held up", 10*time.Second, func() bool { return tracer.holds(unix.SYS_FSYNC, unix.SYS_FDATASYNC) })
				<-time.After(20 * time.Millisecond) // where the exit is held: to be past the entry
			}
		case pt.answered:
			h.eventually("the answer", 10*time.Second, func() bool { return h.metrics()[answers] == before+1 })
		}
		if !pt.dies {
			if got := h.metrics()[answers] - before; (got > 0) != pt.answered {
				t.Errorf("kill %d: %v answers at the moment of the kill", k+1, got)
			}
		}
		_ = h.process.Process.Kill() // it may be dead already
		tracer.end()
		_ = h.process.Wait()
		h.process = nil
		h.log.Close()
		if _, left := direct.close(); source == "own" && (left == 0) != pt.answered {
			t.Errorf("kill %d: answered %v, want %v", k+1, left == 0, pt.answered)
		}
		about := func(r gatewaytest.Ring) bool { return r.Number == k+1 }
		if called := slices.ContainsFunc(phone.Calls()[rings:], about); called != pt.called {
			t.Errorf("kill %d: called %v, want %v", k+1, called, pt.called)
		}
		if kept := h.heard() > heard; kept != pt.kept {
			t.Errorf("kill %d: in the journal %v, want %v", k+1, kept, pt.kept)
		}

		// Afterwards. What was answered must come by itself; a device that got
		// no answer says it again, and mosquitto does for those behind it.
		h.startAs(program)
		if source == "own" && !pt.answered {
			again := newPresser(t, "tcp://"+own)
			press(again)
			h.eventually("the answer at last", 10*time.Second, func() bool { return again.unanswered() == 0 })
			again.close()
		}
		var a []shownAlarm
		h.eventually("the alarm", 10*time.Second, func() bool { a = h.alarms()[name]; return len(a) > 0 })
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Alarm == a[0].ID && r.Reason == "call" })
		if len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("kill %d: one press is %v", k+1, a)
		}
		for _, r := range phone.Calls()[rings:] {
			if about(r) && r.Alarm != a[0].ID {
				twice++
				t.Logf("kill %d: called for alarm %s, which became %s", k+1, r.Alarm, a[0].ID)
				if source == "own" {
					t.Errorf("kill %d: a press with an identity of its own became another alarm", k+1)
				}
			}
		}
		h.stop()
	}
	t.Logf("%d kills %s: each press is one alarm, each was called; %d calls for an alarm that was forgotten and raised again under another id", killsAtAPoint, pt.name, twice)
	h.soundAndSame()
}

// heard counts the presses in the journal of a gateway that does not run.
func (h *home) heard() (n int) {
	h.t.Helper()
	j, err := journal.OpenReader(context.Background(), filepath.Join(h.dir, "data", "journal.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer j.Close()
	err = j.Records(context.Background(), 0, func(r alerting.Record) error {
		if r.Kind == "heard" {
			n++
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// soundAndSame checks the journal of a gateway that has ended.
func (h *home) soundAndSame() {
	h.t.Helper()
	if out := h.command("journal", "verify"); !strings.Contains(out, "sound, head") {
		h.t.Errorf("journal verify says:\n%s", out)
	}
	if out := h.command("replay"); !strings.Contains(out, "all decided as they were") {
		h.t.Error("the replay decides otherwise")
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	"golang.org/x/sys/unix"
)

// TestPowerCut cuts the power twenty times in the middle of presses and
// readings: no press that was answered is lost, nothing is doubled, and the
// journal is sound.
func TestPowerCut(t *testing.T) {
	accept(t)
	program, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	lost, answered, points, readings := powerCuts(t, program)
	if len(lost) > 0 || answered < 500 {
		t.Errorf("%d of %d answered presses are lost: %q", len(lost), answered, lost)
	}
	if points < readings {
		t.Errorf("%d of %d answered readings are left", points, readings)
	}
}

// TestPowerCutShowsAMissingSync is the proof of the proof: the same program with
// synchronous=NORMAL, which does not sync at each commit, loses presses that it
// has answered. The shipped program has no such switch; its source is changed
// for this build.
func TestPowerCutShowsAMissingSync(t *testing.T) {
	accept(t)
	lost, answered, points, readings := powerCuts(t, unsynced(t))
	if len(lost) == 0 {
		t.Errorf("of %d presses answered without a sync none was lost: these power cuts prove nothing", answered)
	}
	t.Logf("without a sync at each commit %d of %d answered presses are lost, %d of %d answered readings are left", len(lost), answered, points, readings)
}

// unsynced builds the program with another pragma in gateway/sqlite.
func unsynced(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("../../gateway/sqlite/connect.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	for from, to := range map[string]string{`"synchronous(FULL)"`: `"synchronous(NORMAL)"`, "synchronous != 2:": "synchronous != 1:"} {
		if strings.Count(s, from) != 1 {
			t.Fatalf("%s has not one %q", source, from)
		}
		s = strings.Replace(s, from, to, 1)
	}
	dir := t.TempDir()
	changed, overlay, program := filepath.Join(dir, "connect.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "telecare")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {source: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string][]byte{changed: []byte(s), overlay: list} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := compile(program, "-overlay", overlay); err != nil {
		t.Fatal(err)
	}
	return program
}

// powerCuts returns which answered presses are lost, how many were answered,
// and how many readings wait in the spool of how many that were answered.
func powerCuts(t *testing.T, program string) (lost []string, answered, points, readings int) {
	const cuts, burst = 20, 150
	random := seeded(t)
	dir := t.TempDir()
	disk := &cutDisk{t: t, image: filepath.Join(dir, "disk.img"), mounted: ownDisk(t, dir, 512)}
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHomeIn(t, dir, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
influx: {url: "http://%s", token: "a:b", bucket: "telecare/events"}
`, own, phone.URL, gatewaytest.FreePort(t)), strings.Replace(manyDevices(cuts*burst, 0), "wait: 8s", "wait: 1h", 1))
	var names []string
	for k := range cuts {
		h.startAs(program)
		p := newPresser(t, "tcp://"+own)
		for i := range burst {
			name := fmt.Sprintf("own%d", k*burst+i)
			p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button","ref":"`+name+`"}]}`)
			if i%5 == 0 {
				p.publish("", "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
			}
		}
		left, stop := p.unanswered(), time.Now().Add(10*time.Second)
		for left -= random.IntN(burst); p.unanswered() > left && time.Now().Before(stop); {
			runtime.Gosched()
		}
		h.freeze()
		disk.cut()
		// What had left the gateway by then has been answered.
		for _, s := range p.sent {
			if s.name == "" && s.token.WaitTimeout(time.Millisecond) && s.token.Error() == nil {
				readings++
			}
		}
		done, unanswered := p.close()
		names = append(names, done...)
		h.kill()
		disk.restore()
		t.Logf("cut %d: %d presses answered, %d in flight", k+1, len(done), unanswered)
	}
	h.startAs(program)
	alarms := h.alarms()
	for _, name := range names {
		if len(alarms[name]) == 0 {
			lost = append(lost, name)
		}
	}
	for name, a := range alarms {
		if len(a) > 1 || a[0].Presses != 1 {
			t.Errorf("%s pressed once and has %v", name, a)
		}
	}
	// The gauge comes every two seconds.
	for stop := time.Now().Add(5 * time.Second); points < readings && time.Now().Before(stop); {
		<-time.After(100 * time.Millisecond)
		points = int(h.metrics()["telecare_spool_points"])
	}
	h.stop()
	h.soundAndSame()
	t.Logf("%d power cuts, %d presses answered, %d lost; %d readings answered, %d in the spool", cuts, len(names), len(lost), readings, points)
	return lost, len(names), points, readings
}

// freeze stops every thread of the gateway, so that nothing is answered while
// the power goes.
func (h *home) freeze() {
	h.t.Helper()
	pid := h.process.Process.Pid
	if err := h.process.Process.Signal(syscall.SIGSTOP); err != nil {
		h.t.Fatal(err)
	}
	h.eventually("the gateway stands still", 10*time.Second, func() bool {
		stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		if err != nil || len(stats) == 0 {
			h.t.Fatalf("threads of %d: %v", pid, err)
		}
		for _, path := range stats {
			b, err := os.ReadFile(path)
			// The state follows the name in brackets. [proc_pid_stat(5)]
			if _, state, _ := strings.Cut(string(b), ") "); err == nil && !strings.HasPrefix(state, "T") {
				return false
			}
		}
		return true
	})
}

// cutDisk is a file system of its own whose power can be cut.
type cutDisk struct {
	t       *testing.T
	image   string
	mounted string
}

// cut drops what the kernel has not yet written, the file system's own journal
// included: _IOR('X', 125, __u32) with NOLOGFLUSH. [fs/ext4/ext4.h]
func (d *cutDisk) cut() {
	d.t.Helper()
	const shutdown, noLogFlush = 0x8004587d, 2
	f, err := os.Open(d.mounted)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), shutdown, noLogFlush); err != nil {
		d.t.Skipf("this kernel's ext4 cannot be cut off: %v", err)
	}
	// The proof that it is: nothing can be written any more.
	if f, err := os.Create(filepath.Join(d.mounted, "after")); err == nil {
		f.Close()
		d.t.Fatal("a file was made after the power cut")
	}
}

// restore brings the power back.
func (d *cutDisk) restore() {
	d.t.Helper()
	for _, args := range [][]string{{"umount", d.mounted}, {"mount", "-o", "loop", d.image, d.mounted}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			d.t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
}

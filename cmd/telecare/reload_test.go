package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	"github.com/google/go-cmp/cmp"
)

// reload asks the gateway that runs, as `telecare reload` does.
func (h *home) reload() (out string, err error) {
	h.t.Helper()
	var said bytes.Buffer
	asked, err := folder(filepath.Join(h.dir, "data")).ask(h.t.Context(), streams{out: &said, err: &said}, "reload")
	if !asked && err == nil {
		h.t.Fatal("no gateway runs")
	}
	return said.String(), err
}

// rewire writes telecare.yaml anew, behind the head that newHome has written.
func (h *home) rewire(yaml string) {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, "telecare.yaml"))
	if err != nil {
		h.t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\nsources:")
	h.write("telecare.yaml", head+"\n"+strings.TrimPrefix(yaml, "\n"))
}

// TestReloadUnderLoad reloads again and again while people press and sensors
// talk. One broker, one source and one channel stay; a source behind mosquitto,
// a channel's address and the log's level change each time. Every press is one
// alarm with one press and one call a channel, and who is connected to what
// stays is never let go.
func TestReloadUnderLoad(t *testing.T) {
	beside(t)
	const most = 800 // presses
	build, readings, idle := binary, 3, 50
	if accepting() {
		build, readings, idle = shipped, 10, 200
	}
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	broker := gatewaytest.Mosquitto(t)
	steady := gatewaytest.NewPhone(t, []byte(phoneSecret))
	moving := []*gatewaytest.Phone{gatewaytest.NewPhone(t, []byte(phoneSecret)), gatewaytest.NewPhone(t, []byte(phoneSecret))}
	own := gatewaytest.FreePort(t)
	yaml := func(n int) string {
		return fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q, topics: [%q, "zigbee2mqtt/#"]}
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
  - {name: moving, type: webhook, url: %q, secret: %s}
log: %s
`, broker.URL, fmt.Sprintf("other/%d", n), own, steady.URL, phoneSecret, moving[n%2].URL, phoneSecret, []string{"info", "warn"}[n%2])
	}
	registry := strings.Replace(manyDevices(most, most), "channels: [phone]}", "channels: [phone, moving]}", 1)
	registry = strings.Replace(registry, "wait: 8s}", "wait: 1h}", 1)
	h := newHome(t, yaml(0), registry)
	h.startAs(program)
	up := func() bool { m := h.metrics(); return m[`telecare_link_up{source="house"}`] == 1 }
	h.eventually("mosquitto", 10*time.Second, up)

	direct, behind := newPresser(t, "tcp://"+own), newPresser(t, broker.URL)
	pressed := map[string]time.Time{}
	var presses atomic.Int64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; len(pressed) < 2*most-2; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for range readings {
				direct.publish("", "telecare/lipowa/own0/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
			}
			if n%5 == 0 { // every 50 ms, by turns
				name := fmt.Sprintf("own%d", n/5)
				if n%10 == 0 {
					pressed[name] = time.Now()
					direct.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
				} else {
					name = fmt.Sprintf("house%d", n/5)
					pressed[name] = time.Now()
					behind.publish(name, "zigbee2mqtt/"+name, `{"action":"emergency"}`)
				}
				presses.Add(1)
			}
		}
	}()
	var took []time.Duration
	for n := 1; n <= 50; n++ {
		h.rewire(yaml(n))
		h.eventually("presses go on", 20*time.Second, func() bool { return presses.Load() >= int64(2*n) })
		began := time.Now()
		out, err := h.reload()
		took = append(took, time.Since(began))
		if err != nil || !strings.Contains(out, `source "house": changed`) || !strings.Contains(out, "channel moving: changed") || strings.Contains(out, "own") || strings.Contains(out, "phone") {
			t.Fatalf("reload %d: %v: %s", n, err, out)
		}
	}
	close(stop)
	<-ended
	h.eventually("everything is answered", 20*time.Second, func() bool { return direct.unanswered() == 0 && behind.unanswered() == 0 })
	if !direct.client.IsConnectionOpen() {
		t.Error("the connection to a broker that has not changed was let go")
	}
	var alarms map[string][]shownAlarm
	h.eventually("every press is an alarm", 20*time.Second, func() bool {
		alarms = h.alarms()
		return len(alarms) >= len(pressed)
	})
	of := map[string]string{} // alarm to device
	for name := range pressed {
		if a := alarms[name]; len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("%s was pressed once and is %v", name, a)
			continue
		}
		of[alarms[name][0].ID] = name
	}
	called := func(phones ...*gatewaytest.Phone) (times map[string][]time.Time) {
		times = map[string][]time.Time{}
		seen := map[string]bool{}
		for _, p := range phones {
			for _, r := range p.Rang() {
				if r.Reason == "call" && !seen[r.ID] {
					seen[r.ID] = true
					times[of[r.Alarm]] = append(times[of[r.Alarm]], r.At)
				}
			}
		}
		return times
	}
	for channel, phones := range map[string][]*gatewaytest.Phone{"phone": {steady}, "moving": moving} {
		h.eventually("all calls by "+channel, 20*time.Second, func() bool { return len(called(phones...)) >= len(pressed) })
		for name, at := range called(phones...) {
			if len(at) != 1 {
				t.Errorf("%s is called %d times by %s", name, len(at), channel)
			}
		}
	}
	var late []time.Duration
	for name, at := range called(steady) {
		if strings.HasPrefix(name, "own") {
			late = append(late, at[0].Sub(pressed[name]))
		}
	}
	slices.Sort(late)
	slices.Sort(took)
	m := h.metrics()
	t.Logf("%d presses over 50 reloads; a reload takes %s (median; at most %s); press to phone where nothing changes %s (median; 99 %%: %s; at most %s); %v redeliveries",
		len(pressed), took[25], took[49], late[len(late)/2], late[len(late)*99/100], late[len(late)-1], m[`telecare_redeliveries_total{source="house"}`])
	if late[len(late)-1] > 5*time.Second {
		t.Errorf("a press that no reload touches was called after %s", late[len(late)-1])
	}
	if n := m[`telecare_config_reloads_total{result="ok"}`]; n != 50 {
		t.Errorf("%v reloads are counted, want 50", n)
	}
	direct.close()
	behind.close()

	// Nothing is left behind.
	h.eventually("at rest", 20*time.Second, func() bool { return h.metrics()["go_goroutines"] <= m["go_goroutines"] })
	before := h.metrics()
	for n := 51; n <= 50+idle; n++ {
		h.rewire(yaml(n))
		if out, err := h.reload(); err != nil {
			t.Fatalf("reload %d: %v: %s", n, err, out)
		}
	}
	h.eventually("no more goroutines and files than before", 20*time.Second, func() bool {
		m = h.metrics()
		return up() && m["go_goroutines"] <= before["go_goroutines"]+3 && m["process_open_fds"] <= before["process_open_fds"]+3
	})
	t.Logf("%d more reloads: goroutines %v, then %v; open files %v, then %v", idle,
		before["go_goroutines"], m["go_goroutines"], before["process_open_fds"], m["process_open_fds"])
	h.stop()
	noRoom := h.command("journal", "verify")
	if !strings.Contains(noRoom, "sound, head") {
		t.Errorf("journal verify says:\n%s", noRoom)
	}
}

// TestReloadRefused gives the gateway files that cannot be put in force. It says
// so everywhere, and goes on as it was.
func TestReloadRefused(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own, taken := gatewaytest.FreePort(t), gatewaytest.FreePort(t)
	good := fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
`, own, phone.URL, phoneSecret)
	h := newHome(t, good, manyDevices(10, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	head, err := os.ReadFile(filepath.Join(h.dir, "telecare.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := net.Listen("tcp", taken)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for i, c := range []struct{ name, from, to, want string }{
		{"misspelt", "sources:", "sauces:", "sauces"},
		{"not yaml", "sources:", "sources: [", "telecare.yaml:"},
		{"another site", "site: lipowa", "site: lipa", "start the gateway anew"},
		{"another folder", "data: data", "data: elsewhere", "start the gateway anew"},
		{"a channel that is used", "name: phone,", "name: mobile,", "telecare apply"},
		{"nobody's account", "person: centre", "person: nobody", "not in the registry"},
		{"a port that is taken", own, taken, "address already in use"},
	} {
		text := strings.ReplaceAll(string(head), c.from, c.to)
		if text == string(head) {
			t.Fatalf("%s: nothing to change", c.name)
		}
		h.write("telecare.yaml", text)
		out, err := h.reload()
		if err == nil || !strings.Contains(out, c.want) || !strings.Contains(out, "nothing has changed") {
			t.Errorf("%s: %v: %s; want %q", c.name, err, out, c.want)
		}
		if n := h.metrics()[`telecare_config_reloads_total{result="refused"}`]; n != float64(i+1) {
			t.Errorf("%s: %v refusals are counted, want %d", c.name, n, i+1)
		}
		name := fmt.Sprint("own", i)
		p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == i+1 })
	}
	fault := func() bool { return h.metrics()[`telecare_faults_open{code="config_refused"}`] == 1 }
	h.eventually("a fault", 10*time.Second, fault)
	if ok := h.metrics()["telecare_config_reload_successful"]; ok != 0 {
		t.Errorf("the last reload was refused, and is %v", ok)
	}
	h.eventually("everything is answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
	log, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil || !strings.Contains(string(log), "telecare.yaml is refused") {
		t.Errorf("the log does not say it: %v", err)
	}
	// The command says it with the places, and fails, though the file cannot be
	// read.
	h.write("telecare.yaml", strings.Replace(string(head), "sources:", "sauces:", 1))
	if out, err := h.try("reload"); err == nil || !strings.Contains(out, "telecare.yaml:") || !strings.Contains(out, "sauces") {
		t.Errorf("telecare reload: %v: %s", err, out)
	}
	// Two signals in a row are at least one reload after the second.
	h.write("telecare.yaml", string(head)+"log: warn\n")
	for range 2 {
		if err := h.process.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	h.eventually("in force", 10*time.Second, func() bool { return h.metrics()["telecare_config_reload_successful"] == 1 })
	h.eventually("the fault is over", 10*time.Second, func() bool { return !fault() })
	if out := h.command("reload"); !strings.Contains(out, "nothing has changed") {
		t.Errorf("telecare reload says %s", out)
	}
	h.stop()
	if out, err := h.try("reload"); err == nil || !strings.Contains(out, "no gateway runs") {
		t.Errorf("telecare reload without a gateway: %v: %s", err, out)
	}
}

// TestReloadComesAndGoes has sources and channels come, change, swap their ports
// and go; what they left in faults and gauges goes with them.
func TestReloadComesAndGoes(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	one, two := gatewaytest.FreePort(t), gatewaytest.FreePort(t)
	channel := fmt.Sprintf("channels: [{name: phone, type: webhook, url: %q, secret: %s}]\n", phone.URL, phoneSecret)
	yaml := func(sources string) string { return "\nsources:\n" + sources + channel }
	h := newHome(t, yaml(fmt.Sprintf("  - {name: one, type: broker, listen: %q}\n  - {name: two, type: broker, listen: %q}\n  - {name: radio, type: serial, port: /dev/no-such-line, format: jablotron}\n", one, two)), manyDevices(10, 0))
	h.start()
	presses := 0
	press := func(addr string) {
		t.Helper()
		p := newPresser(t, "tcp://"+addr)
		name := fmt.Sprint("own", presses)
		presses++
		p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
		h.eventually("answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
		p.close()
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == presses })
	}
	links := func() map[string]float64 {
		out := map[string]float64{}
		for series, v := range h.metrics() {
			if source, ok := strings.CutPrefix(series, "telecare_link_up"); ok {
				out[source] = v
			}
		}
		return out
	}
	expect := func(what string, want map[string]float64) {
		t.Helper()
		h.eventually(what, 10*time.Second, func() bool { return cmp.Equal(links(), want) })
	}
	expect("links", map[string]float64{`{source="one"}`: 1, `{source="two"}`: 1, `{source="radio"}`: 0})
	h.eventually("the line that is not there is a fault", 20*time.Second, func() bool { return h.metrics()[`telecare_faults_open{code="link_lost"}`] == 1 })
	press(one)

	h.rewire(yaml(fmt.Sprintf("  - {name: one, type: broker, listen: %q}\n  - {name: two, type: broker, listen: %q}\n", two, one)))
	if out, err := h.reload(); err != nil || !strings.Contains(out, `source "radio": gone`) || !strings.Contains(out, `source "one": changed`) {
		t.Fatalf("%v: %s", err, out)
	}
	expect("ports swapped", map[string]float64{`{source="one"}`: 1, `{source="two"}`: 1})
	h.eventually("its fault is over", 10*time.Second, func() bool { return h.metrics()[`telecare_faults_open{code="link_lost"}`] == 0 })
	press(one)
	press(two)
	// The same port on every address needs the old listener to go first.
	_, port, _ := strings.Cut(one, ":")
	h.rewire(yaml(fmt.Sprintf("  - {name: one, type: broker, listen: %q}\n", "127.0.0.2:"+port)))
	if out, err := h.reload(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expect("moved", map[string]float64{`{source="one"}`: 1})
	press("127.0.0.2:" + port)
	h.stop()
}

// TestApplyAtOnce changes the registry of a gateway that runs.
func TestApplyAtOnce(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, own, phone.URL, phoneSecret), manyDevices(1, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	h.write("registry.yaml", manyDevices(2, 0))
	if out := h.command("apply", "-f", "registry.yaml"); !strings.Contains(out, "revision 2") || !strings.Contains(out, "in force in the gateway that runs") {
		t.Errorf("apply says %s", out)
	}
	p.publish("own1", "telecare/lipowa/own1/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 1 })
	h.write("registry.yaml", strings.Replace(manyDevices(3, 0), "last_resort: centre", "last_resort: nobody", 1))
	if out, err := h.try("apply", "-f", "registry.yaml"); err == nil || !strings.Contains(out, "last_resort") {
		t.Errorf("a bad registry: %v: %s", err, out)
	}
	p.publish("own2", "telecare/lipowa/own2/event", `{"events":[{"kind":"button"}]}`)
	h.eventually("answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
	if n := h.metrics()[`telecare_devices{life="unsupervised"}`] + h.metrics()[`telecare_devices{life="unknown"}`] + h.metrics()[`telecare_devices{life="heard"}`]; n != 2 {
		t.Errorf("%v devices are registered, want 2", n)
	}
	h.stop()
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestBackupUnderLoad backs a running gateway up in the middle of presses and
// readings, kills it, restores elsewhere and starts there: every press that
// was answered before the backup began is an alarm, what waited for InfluxDB
// still waits, and the escalation goes on where it stood.
func TestBackupUnderLoad(t *testing.T) {
	beside(t)
	const presses = 400
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	wiring := fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
influx: {url: "http://%s", token: "a:b", bucket: "telecare/events"}
`, own, phone.URL, gatewaytest.FreePort(t))
	registry := manyDevices(presses, 0)
	h := newHome(t, wiring, registry)
	h.start()
	p := newPresser(t, "tcp://"+own)
	press := func(i int) {
		name := fmt.Sprintf("own%d", i)
		p.publish("", "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
		p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button","ref":"`+name+`"}]}`)
	}
	press(0)
	first := phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Step == 1 && r.Number == 1 })
	for i := 1; i < presses/2; i++ {
		press(i)
	}
	h.eventually("the first half is answered", 20*time.Second, func() bool { return p.unanswered() == 0 })

	// The others come while the backup is made, between many readings, at most
	// a hundred messages under way.
	backedUp, loaded := make(chan struct{}), make(chan int)
	go func() {
		n := presses / 2
		for i := 0; ; i++ {
			for p.unanswered() >= 100 {
				<-time.After(time.Millisecond)
			}
			select {
			case <-backedUp:
				loaded <- n
				return
			default:
			}
			if i%20 == 0 && n < presses {
				press(n)
				n++
				continue
			}
			p.publish("", fmt.Sprintf("telecare/lipowa/own%d/reading", i%presses), `{"readings":[{"quantity":"battery","value":81,"unit":"%"}]}`)
		}
	}()
	before := h.metrics()["telecare_answers_total{source=\"own\"}"]
	began := time.Now()
	said := h.command("backup", "monday")
	took := time.Since(began)
	during := h.metrics()["telecare_answers_total{source=\"own\"}"] - before
	close(backedUp)
	pressed := <-loaded
	if during < 100 {
		t.Errorf("only %v messages were answered during the backup: it stands in the way", during)
	}
	h.eventually("the second half is answered, too", 20*time.Second, func() bool { return p.unanswered() == 0 })
	p.close()
	h.kill()
	if !strings.Contains(said, "the journal is sound") {
		t.Errorf("backup says %q", said)
	}

	there := newHome(t, wiring, registry)
	if err := os.RemoveAll(filepath.Join(there.dir, "data")); err != nil {
		t.Fatal(err)
	}
	there.command("restore", filepath.Join(h.dir, "monday"))
	there.start()
	started := time.Now()
	alarms := there.alarms()
	for i := range presses / 2 {
		if a := alarms[fmt.Sprintf("own%d", i)]; len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("own%d has %v, want one alarm with one press", i, a)
		}
	}
	m := map[string]float64{}
	there.eventually("the readings wait for InfluxDB", 10*time.Second, func() bool {
		m = there.metrics()
		return m["telecare_spool_points"] >= presses/2
	})
	t.Logf("backup took %s under load, %v messages answered meanwhile; %d of %d alarms and %v points came along",
		took, during, len(alarms), pressed, m["telecare_spool_points"])
	second := phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Step == 2 && r.Number == 1 })
	if waited := second.At.Sub(first.At); waited < 7500*time.Millisecond || waited > 10500*time.Millisecond && second.At.After(started.Add(3*time.Second)) {
		t.Errorf("step 2 came %s after step 1, want 8 s over backup and restore, or at the start when that is later", waited)
	}
	there.stop()
	if out := there.command("journal", "verify"); !strings.Contains(out, "sound, head") {
		t.Errorf("journal verify says:\n%s", out)
	}
	if out := there.command("export"); out != h.command("export") {
		t.Error("the registry is another one")
	}
	for _, name := range []string{"link.key", "SHA256SUMS"} {
		if _, err := os.Stat(filepath.Join(h.dir, "monday", name)); err != nil {
			t.Error(err)
		}
	}
	key, _ := os.ReadFile(filepath.Join(h.dir, "data", "link.key"))
	restored, _ := os.ReadFile(filepath.Join(there.dir, "data", "link.key"))
	if len(key) != 32 || string(key) != string(restored) {
		t.Error("links that people have got do not open the alarms here")
	}
}

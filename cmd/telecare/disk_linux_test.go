package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// ownDisk mounts an ext4 of its own at dir/data.
func ownDisk(t *testing.T, dir string, megabytes int) string {
	t.Helper()
	image, data := filepath.Join(dir, "disk.img"), filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range [][]string{
		{"truncate", "-s", fmt.Sprintf("%dM", megabytes), image}, {"mkfs.ext4", "-q", image}, {"mount", "-o", "loop", image, data},
	} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no disk of its own: %s: %v %s", strings.Join(cmd, " "), err, out)
		}
	}
	t.Cleanup(func() {
		_ = exec.Command("fsfreeze", "-u", data).Run()
		_ = exec.Command("umount", "-l", data).Run()
	})
	return data
}

func (h *home) ready() bool {
	c := http.Client{Timeout: 2 * time.Second}
	r, err := c.Get("http://" + h.page + "/readyz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// TestDiskStandsStill freezes the disk for a minute while a thousand readings a
// second come through a mosquitto with its stock configuration, twenty messages
// in flight. A press is called within two seconds, and so is the next one.
func TestDiskStandsStill(t *testing.T) {
	accept(t)
	broker := gatewaytest.Mosquitto(t, "max_inflight_messages 20", "max_queued_messages 1000")
	influx := gatewaytest.Influxd(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	dir := t.TempDir()
	disk := ownDisk(t, dir, 256)
	h := newHomeIn(t, dir, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q}
`, broker.URL, phone.URL, phoneSecret, influx.URL, influx.Token, influx.Bucket), manyDevices(0, 200))
	h.start()
	h.eventually("mosquitto", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })

	flood, stop := newPresser(t, broker.URL), make(chan struct{})
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for i := range 10 {
				flood.publish("", fmt.Sprintf("zigbee2mqtt/house%d", 100+(n*10+i)%100), `{"battery":81,"linkquality":99}`)
			}
		}
	}()
	buttons := newPresser(t, broker.URL)
	defer buttons.close()
	h.eventually("readings flow", 10*time.Second, func() bool { return h.metrics()[`telecare_readings_total{source="house"}`] > 2000 })
	if out, err := exec.Command("fsfreeze", "-f", disk).CombinedOutput(); err != nil {
		t.Skipf("freeze: %v %s", err, out)
	}
	defer func() { _ = exec.Command("fsfreeze", "-u", disk).Run() }() // before the gateway is ended
	began := time.Now()
	for n, at := range []time.Duration{3 * time.Second, 20 * time.Second, 40 * time.Second, 55 * time.Second} {
		<-time.After(time.Until(began.Add(at)))
		pressed := time.Now()
		name := fmt.Sprintf("house%d", n)
		buttons.publish(name, "zigbee2mqtt/"+name, `{"action":"single"}`)
		ring := phone.Expect(t, 30*time.Second, func(r gatewaytest.Ring) bool { return r.Number == n+1 && r.Reason == "call" })
		took := ring.At.Sub(pressed)
		t.Logf("%s into the stall: press to phone %s", at, took)
		if took > 2*time.Second {
			t.Errorf("press %d, %s into the stall, took %s to the phone", n+1, at, took)
		}
	}
	if h.ready() {
		t.Error("it says that it is ready while the disk stands still")
	}
	<-time.After(time.Until(began.Add(60 * time.Second)))
	if out, err := exec.Command("fsfreeze", "-u", disk).CombinedOutput(); err != nil {
		t.Fatalf("thaw: %v %s", err, out)
	}
	thawed := time.Now()
	h.eventually("ready again", 20*time.Second, h.ready)
	t.Logf("ready %s after the thaw; %v readings were shed", time.Since(thawed), h.metrics()[`telecare_readings_shed_total{why="store"}`])
	close(stop)
	<-flooded
	flood.close()
	h.kill() // what was answered is on disk
	h.start()
	alarms := h.alarms()
	for n := range 4 {
		if a := alarms[fmt.Sprintf("house%d", n)]; len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("house%d: %+v, want one alarm with one press", n, a)
		}
	}
	h.stop()
}

// TestDiskIsFull fills the disk: presses are called throughout and unanswered,
// and when there is room again everything goes on by itself.
func TestDiskIsFull(t *testing.T) {
	accept(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	influx := gatewaytest.Influxd(t)
	own := gatewaytest.FreePort(t)
	dir := t.TempDir()
	disk := ownDisk(t, dir, 64)
	h := newHomeIn(t, dir, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q}
`, own, phone.URL, phoneSecret, influx.URL, influx.Token, influx.Bucket), manyDevices(4000, 0))
	h.start()
	filler := filepath.Join(disk, "filler")
	fill := func() { // until there is not a block left
		f, err := os.OpenFile(filler, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return
		}
		defer f.Close()
		for _, size := range []int{1 << 20, 4096, 512} {
			for {
				if _, err := f.Write(make([]byte, size)); err != nil {
					break
				}
			}
		}
		_ = f.Sync()
	}
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	influx.Stop() // so that the spool cannot empty itself
	defer influx.Cont()
	n, unanswered := 0, 0
	for round := range 60 {
		fill()
		for range 30 {
			name := fmt.Sprintf("own%d", n)
			n++
			p.publish("", "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
			p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
		}
		last := n
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == last && r.Reason == "call" })
		if unanswered = p.unanswered(); unanswered > 0 && round > 5 {
			break
		}
	}
	if unanswered == 0 {
		t.Fatalf("%d presses and the disk never was full", n)
	}
	t.Logf("the disk is full after %d presses; %d messages are unanswered", n, unanswered)
	full := 2 * time.Minute
	if text := os.Getenv("TELECARE_FULL"); text != "" { // 1h, for whoever has the time
		var err error
		if full, err = time.ParseDuration(text); err != nil {
			t.Fatalf("TELECARE_FULL: %v", err)
		}
	}
	var worst time.Duration
	for end := time.Now().Add(full); time.Now().Before(end); {
		<-time.After(10 * time.Second)
		fill()
		name := fmt.Sprintf("own%d", n)
		n++
		pressed := time.Now()
		p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
		ring := phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == n && r.Reason == "call" })
		took := ring.At.Sub(pressed)
		if worst = max(worst, took); took > 2*time.Second {
			t.Errorf("a press on a full disk took %s to the phone", took)
		}
	}
	t.Logf("%s with a full disk: %d presses in all, the slowest %s to the phone; peak %d MiB", full, n, worst, h.peak())
	if h.ready() {
		t.Error("it says that it is ready with a full disk")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	h.eventually("ready again by itself", 20*time.Second, h.ready)
	h.eventually("everything is answered", 20*time.Second, func() bool { return p.unanswered() == 0 })
	h.kill()
	h.start()
	alarms := h.alarms()
	for i := range n {
		if a := alarms[fmt.Sprintf("own%d", i)]; len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("own%d: %+v, want one alarm with one press", i, a)
		}
	}
	influx.Cont()
	h.stop()
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// What a busy house has on its walls and desks: screens while a thousand devices
// change every second, and a press now and then.
const (
	screensOpen  = 200
	screenAlarms = 200
)

// watching measures presses until every screen has shown them.
func (f *figures) watching(r *rig, p *running) {
	r.t.Helper()
	defer p.stop()
	name := fmt.Sprintf("%s: %d screens, 1,000 changes/s", p.name, screensOpen)
	fl, stop, ended := newFlood(r.t, r.broker.URL), make(chan struct{}), make(chan error, 1)
	go func() { ended <- fl.publish(1<<30, 1000, stop) }()
	cookie := p.signIn(r.t)
	w := &walls{shown: map[string][]time.Duration{}, began: map[string]time.Time{}}
	var screens sync.WaitGroup
	for range screensOpen {
		conn := p.screen(r.t, cookie, 0)
		defer conn.Close()
		screens.Go(func() { w.look(conn) })
	}
	stuck := p.screen(r.t, cookie, 4096) // nobody reads it
	defer stuck.Close()
	time.Sleep(5 * time.Second) // until all have their snapshot
	before, frames, began := p.memory(r.t, "VmRSS:"), w.frames.Load(), time.Now()
	c := r.connected(r.broker.URL)
	for i := range screenAlarms {
		time.Sleep(10 * between())
		device := fmt.Sprintf("idle%d", i)
		w.press(device)
		if t := c.Publish("zigbee2mqtt/"+device, 1, false, `{"action":"single","battery":70,"linkquality":100}`); !t.WaitTimeout(10 * time.Second) {
			r.t.Fatal("mosquitto does not answer a press")
		}
	}
	all := w.wait(r.t)
	f.latency(name+", press at mosquitto → alarm on a screen", all)
	f.add(name+", frames a second on a screen", "1/s", float64(w.frames.Load()-frames)/time.Since(began).Seconds()/screensOpen)
	f.add(name+", memory with all of them, before the presses", "MiB", before)
	f.add(name+", memory with all of them, after the presses", "MiB", p.memory(r.t, "VmRSS:"))
	f.add(name+", screens left of them, with one that nobody read", "", p.home.metrics()["telecare_screens"])
	close(stop)
	if err := <-ended; err != nil {
		r.t.Fatal(err)
	}
	p.stop()
	screens.Wait()
	r.influx.Empty()
}

// walls are all screens: when each alarm was on each.
type walls struct {
	frames atomic.Int64
	left   atomic.Pointer[error] // why the first that left did

	mu    sync.Mutex
	began map[string]time.Time       // a press, by its place
	shown map[string][]time.Duration // how long it took to each screen
}

func (w *walls) press(place string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began[place] = time.Now()
}

// look reads a screen until it is closed.
func (w *walls) look(conn *websocket.Conn) {
	seen := map[string]bool{}
	const alarm = `{"type":"alarm"`
	head := make([]byte, len(alarm))
	for {
		_, r, err := conn.NextReader()
		if err != nil {
			w.left.CompareAndSwap(nil, &err)
			return
		}
		at := time.Now()
		w.frames.Add(1)
		if _, err := io.ReadFull(r, head); err != nil || string(head) != alarm {
			continue // the rest is skipped: two hundred screens are not to be this machine's work
		}
		var m struct{ Alarm struct{ Place string } }
		if json.NewDecoder(io.MultiReader(bytes.NewReader(head), r)).Decode(&m) != nil || seen[m.Alarm.Place] {
			continue
		}
		seen[m.Alarm.Place] = true
		w.mu.Lock()
		if began, ok := w.began[m.Alarm.Place]; ok {
			w.shown[m.Alarm.Place] = append(w.shown[m.Alarm.Place], at.Sub(began))
		}
		w.mu.Unlock()
	}
}

// wait gives how long each alarm took to each screen.
func (w *walls) wait(t *testing.T) (all times) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		w.mu.Lock()
		all = nil
		for _, took := range w.shown {
			all = append(all, took...)
		}
		w.mu.Unlock()
		switch {
		case len(all) == screensOpen*screenAlarms:
			return all
		case time.Now().After(deadline):
			why := "none left"
			if err := w.left.Load(); err != nil {
				why = (*err).Error()
			}
			t.Fatalf("%d of %d alarms came to the screens (%s)", len(all), screensOpen*screenAlarms, why)
		}
	}
}

// signIn is the centre's cookie.
func (p *running) signIn(t *testing.T) string {
	t.Helper()
	res, err := http.Post("http://"+p.home.page+"/api/v1/session", "application/json", strings.NewReader(`{"name":"centre","password":"a good password"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || len(res.Cookies()) == 0 {
		t.Fatalf("sign in: %s", res.Status)
	}
	return res.Cookies()[0].String()
}

// screen opens one; with a buffer of so many bytes for what is not read, 0 is
// the system's own.
func (p *running) screen(t *testing.T, cookie string, buffer int) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: 10 * time.Second, NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		if tcp, ok := c.(*net.TCPConn); ok && buffer > 0 {
			err = tcp.SetReadBuffer(buffer)
		}
		return c, err
	}}
	conn, _, err := d.Dial("ws://"+p.home.page+"/api/v1/live", http.Header{"Cookie": {cookie}})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

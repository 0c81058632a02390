package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
	"telecare/devices/devicetest"
	"telecare/gateway"
	"telecare/gateway/registry"
)

//go:embed demoward.yaml
var demoRegistry []byte

const (
	demoSite   = "lipowa"
	demoCentre = "centre" // the responder who opens the page
	demoPauses = "jan"    // who is on a break when it begins
	demoPause  = 20 * time.Minute
)

// demoWard is a small ward with simulated devices: pendants on a serial line
// that is a pseudo-terminal, buttons and radars behind a Zigbee bridge, and
// phones that ring on the terminal.
type demoWard struct {
	registry []byte
	wire     func(string) string // what a device is called on the wire, in the reader's language
	broker   string              // where the bridge finds the embedded broker
	bridge   *devicetest.Zigbee
	dongle   *devicetest.Dongle // nil where there are no pseudo-terminals
	phones   *demoPhones

	mu        sync.Mutex
	addresses map[devices.ID]devices.Address
	order     []devices.ID // as the page offers them
	fallen    map[string]bool
}

func newDemoWard(out io.Writer, l words.Lang) (*demoWard, error) {
	broker, err := freeAddress()
	if err != nil {
		return nil, err
	}
	w := &demoWard{registry: demoRegistryIn(l), wire: demoWire(l), broker: broker, addresses: map[devices.ID]devices.Address{}, fallen: map[string]bool{}}
	w.bridge = devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + broker})
	if w.dongle, err = devicetest.NewDongle(""); err != nil {
		w.dongle = nil
		fmt.Fprintf(out, newReader(l).say("Without the serial line: %v\n"), err)
	}
	if w.phones, err = newDemoPhones(out, newReader(l)); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *demoWard) close() error {
	var errs []error
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.bridge.Close(ctx) // the broker has ended before it
	if w.dongle != nil {
		errs = append(errs, w.dongle.Close())
	}
	if w.phones != nil {
		errs = append(errs, w.phones.close())
	}
	return errors.Join(errs...)
}

// register puts the ward's people and devices into the registry.
func (w *demoWard) register(ctx context.Context, store *registry.Store) error {
	doc, err := registry.Parse("demoward.yaml", withHole(w.registry, time.Now()))
	if err != nil {
		return err
	}
	if _, err := store.Apply(ctx, doc); err != nil {
		return err
	}
	site, err := store.Load(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	halina := registry.NewStay{Resident: "halina", Place: "room-11", Kind: "respite", From: registry.WhenAt(now.AddDate(0, 0, -3), site.Zone.Location)}
	if _, _, err := store.AddStay(ctx, halina, now, nil); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range site.Devices {
		if d.Role == "" || w.dongle == nil && strings.HasPrefix(string(d.Address), "jablotron/") {
			continue
		}
		w.addresses[d.ID] = d.Address
		w.order = append(w.order, d.ID)
	}
	for _, p := range site.Responders {
		w.phones.names[string(p.ID)] = p.Name
	}
	return nil
}

// withHole leaves nobody on call in one night, some days from now, for the rota to
// show. Weekends have a layer of their own.
func withHole(text []byte, now time.Time) []byte {
	hole := now.AddDate(0, 0, 3)
	for hole.Weekday() == time.Saturday || hole.Weekday() == time.Sunday {
		hole = hole.AddDate(0, 0, 1)
	}
	var days []string
	for d := range time.Saturday + 1 {
		if d != hole.Weekday() {
			days = append(days, strings.ToLower(d.String()[:3]))
		}
	}
	return bytes.Replace(text, []byte(`{days: daily, from: "19:00"`), []byte(`{days: [`+strings.Join(days, ", ")+`], from: "19:00"`), 1)
}

// Devices lists what can be pressed or can see a fall.
func (w *demoWard) Devices() []devices.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]devices.ID(nil), w.order...)
}

func (w *demoWard) wireName(id devices.ID) (format, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	format, name, _ = strings.Cut(string(w.addresses[id]), "/")
	return format, name
}

// Press presses a pendant or a button.
func (w *demoWard) Press(id devices.ID) error {
	format, name := w.wireName(id)
	if format == "jablotron" {
		return w.dongle.Panic(name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return w.bridge.Press(ctx, name)
}

// Fall lets somebody fall before a radar. Who lies there already gets up first.
func (w *demoWard) Fall(id devices.ID) error {
	_, name := w.wireName(id)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	w.mu.Lock()
	was := w.fallen[name]
	w.fallen[name] = true
	w.mu.Unlock()
	if was {
		if err := w.bridge.Normal(ctx, name); err != nil {
			return err
		}
	}
	return w.bridge.Fall(ctx, name)
}

// live lets the ward live its day: signs of life, one battery that sinks, one
// device that goes silent. Whatever fails is tried again a moment later.
func (w *demoWard) live(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
		}
		w.second(ctx, n)
	}
}

// pause has a nurse on a break as the demo begins: calls pass by.
func (w *demoWard) pause(ctx context.Context, g *gateway.Gateway, site *registry.Site) {
	for _, p := range site.Responders {
		if p.Key == demoPauses {
			_ = g.Act(ctx, alerting.BreakBegins{By: p.ID, Until: time.Now().Add(demoPause)}) // without it the ward is as good
		}
	}
}

// demoReporters report signs of life, by the names in the file.
func demoReporters() []string {
	return []string{"Button, room 7", "Button, room 8", "Button, room 9", "Button, room 10", "Button, room 11", "Button, room 12", "Radar, room 7", "Radar, room 2"}
}

// demoBattery is where the sinking battery begins, in percent.
const demoBattery = 26

func (w *demoWard) second(ctx context.Context, n int) {
	buttons := demoReporters()
	if n%2 == 0 {
		name := buttons[n/2%len(buttons)]
		// Never twice the same: a button that says nothing new may have lost a press.
		battery, signal := 92.0-float64(len(name))-float64(n/16%2), 90+n%60
		if name == "Button, room 9" {
			battery = max(demoBattery-float64(n/16), 2)
		}
		_ = w.bridge.Report(ctx, w.wire(name), battery, signal)
	}
	if n%4 == 1 && n < 20 { // then it is never heard again
		_ = w.bridge.Report(ctx, w.wire("Button, corridor"), 71-float64(n/4%2), 34)
	}
	if n%60 == 3 {
		_ = w.bridge.Health(ctx)
	}
	if w.dongle != nil && n%10 == 0 {
		_ = w.dongle.Send(fmt.Sprintf("[%s] JA-83P BEACON LB:0", []string{"06662032", "06662033", "06662034"}[n/10%3]))
	}
}

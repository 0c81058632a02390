package dashboards

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"telecare/alerting"
	"telecare/devices"
)

// house is a small ward run by the real machine: what the gateway would be to
// the page.
type house struct {
	*Handler
	hub  *Hub
	url  string
	ward Ward

	mu      sync.Mutex
	machine *alerting.Machine
	timer   *time.Timer
	refs    int
	broken  error // what Act says instead of acting
	deaf    bool  // the loop does not turn
	acts    []alerting.Input
	past    *pastOf // what has happened, where somebody looks back; nil
}

// newWard has one resident a room; mangle changes names.
func newWard(mangle func(string) string) Ward {
	w := Ward{Site: "s-1", Name: mangle("Lipowa House, ward 2"), Zone: "Europe/Warsaw", CentrePhone: "12 000 00 00"}
	names := []string{"Aniela Kowalczyk", "Henryk Mazur", "Zofia Wiśniewska", "Jan Dąbrowski", "Maria Lewandowska", "Stanisław Wójcik",
		"Krystyna Kamińska", "Tadeusz Zieliński", "Helena Szymańska", "Józef Woźniak", "Irena Kozłowska", "Kazimierz Jankowski"}
	since := time.Now().Add(-24 * time.Hour)
	for i, n := range names {
		room := fmt.Sprintf("Room %d", i+1)
		place, id := alerting.PlaceID(fmt.Sprintf("l-%d", i+1)), alerting.ResidentID(fmt.Sprintf("r-%d", i+1))
		p := Place{ID: place, Name: mangle(room), Phone: "12 000 00 01",
			WayIn: mangle("Ground floor, east wing, second door left of the lift. Room is open at night; the bathroom opens from outside with a coin.")}
		kind, src := "pendant", "868 MHz serial"
		if i == 6 {
			p.Name, kind, src = mangle("Room 7, bathroom"), "radar", "MQTT"
		}
		p.Plan = &Plan{Floor: mangle("Ground floor"), X: float64(i / 2 * 4), Y: float64(i % 2 * 7), W: 4, H: 5}
		w.Places = append(w.Places, p)
		w.Residents = append(w.Residents, Resident{ID: id, Name: mangle(n), Born: 1930 + i, KeySafe: mangle("4719#"),
			Notes:  mangle("Walks with a frame. Hard of hearing, right side. Blood thinner: a knock on the head needs a doctor."),
			Family: []Contact{{Name: mangle("Zofia K., daughter"), Phone: "500 000 000", Note: "from 06:00"}}})
		w.Stays = append(w.Stays, Stay{Stay: alerting.Stay{Resident: id, Place: place, From: since, Until: since.Add(14 * 24 * time.Hour)}})
		w.Devices = append(w.Devices, Device{ID: devices.ID(fmt.Sprintf("d-%d", i+1)), Place: place, Kind: kind, Source: src,
			Name:    mangle(map[string]string{"pendant": "Pendant", "radar": "Radar"}[kind] + ", " + map[bool]string{true: "room 7", false: fmt.Sprintf("room %d", i+1)}[i == 6]),
			Address: devices.Address(mangle(fmt.Sprintf("jablotron/0830000%d", i+1)))})
	}
	w.People = []Person{
		{"p-1", mangle("Marta W."), "nurse"}, {"p-2", mangle("Jan Z."), "nurse"},
		{"p-9", mangle("Information centre"), "centre"}, {"p-5", "Piotr N.", "technician"},
	}
	w.Policies = map[alerting.PolicyID][]Step{"policy": {
		{w.People[0].Name, 60}, {w.People[1].Name, 60}, {w.People[2].Name, 60},
	}}
	w.Plan = plan(w)
	return w
}

func plan(w Ward) alerting.Plan {
	p := alerting.Plan{
		Site: w.Site, Default: "policy", LastResort: "p-9", Devices: map[devices.ID]alerting.Device{},
		People: map[alerting.Person]alerting.Responder{},
		Policies: map[alerting.PolicyID]alerting.Policy{"policy": {
			Arrive: 15 * time.Minute, Finish: time.Hour,
			Steps: []alerting.PolicyStep{
				{Call: []alerting.Target{{Person: "p-1"}}, Wait: time.Minute},
				{Call: []alerting.Target{{Person: "p-2"}}, Wait: time.Minute},
				{Call: []alerting.Target{{Person: "p-9"}}, Wait: time.Minute},
			}}},
	}
	for _, x := range w.People {
		p.People[x.ID] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "app"}, {Channel: "sms"}}}
	}
	for _, d := range w.Devices {
		p.Devices[d.ID] = alerting.Device{Place: d.Place}
	}
	return p
}

func same(s string) string { return s }

var password = sync.OnceValue(func() []byte {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret of the ward"), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return hash
})

// newHouse starts a ward. change may be nil.
func newHouse(t testing.TB, w Ward, change func(*Options)) *house {
	t.Helper()
	h := &house{hub: NewHub(), ward: w, machine: alerting.New()}
	var accounts []Account
	for _, a := range []struct {
		name string
		p    alerting.Person
		r    Role
	}{{"marta", "p-1", RoleNurse}, {"jan", "p-2", RoleNurse}, {"centre", "p-9", RoleCentre}, {"piotr", "p-5", RoleTechnician}, {"wall", "", RoleBoard},
		{"olga", "", RoleManager}, {"basia", "p-2", RoleManager}, {"adam", "", RoleAdministrator}, {"ewa", "", RoleFamily}} {
		var of []alerting.ResidentID
		if a.r == RoleFamily {
			of = []alerting.ResidentID{"r-1"}
		}
		accounts = append(accounts, Account{Of: of, Name: a.name, PasswordHash: password(), Person: a.p, Role: a.r})
	}
	o := Options{
		Desk: h, Technician: h, Accounts: accounts, LinkKey: []byte("0123456789abcdef"),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Alive: func() bool { h.mu.Lock(); defer h.mu.Unlock(); return !h.deaf },
	}
	if change != nil {
		change(&o)
	}
	if o.OpenRole != "" {
		o.Simulator = h
	}
	h.past, _ = o.Lookback.(*pastOf)
	// The page at the same address must be there before its links are.
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(nil)
	o.PublicURL = "http://" + server.Listener.Addr().String()
	h.Handler = New(o, h.hub)
	server.Config.Handler = h.Handler
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	h.url = server.URL
	t.Cleanup(func() {
		cancel()
		server.Close()
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.timer != nil {
			h.timer.Stop()
		}
	})
	h.hub.SetWard(w)
	h.step(alerting.Apply{Plan: plan(w)})
	now := time.Now()
	for i, d := range w.Devices {
		s := devices.Status{ID: d.ID, Life: devices.LifeHeard, LastSeen: now.Add(-time.Duration(i*i) * time.Minute), DueEvery: 90_000,
			Readings: []devices.Reading{{Quantity: devices.Battery, Value: float64(100 - 7*i), Unit: "%"}, {Quantity: devices.RSSI, Value: float64(-60 - i), Unit: "dBm"}}}
		switch i {
		case 4:
			s.Faults = []devices.Kind{devices.BatteryLow}
			s.Readings = []devices.Reading{{Quantity: devices.Battery, Value: 8, Unit: "%"}, {Quantity: devices.Voltage, Value: 2.71, Unit: "V"}}
		case 8:
			s.Life, s.LastSeen, s.DueEvery, s.Readings = devices.LifeUnsupervised, time.Time{}, 0, nil
			s.LastPress = now.Add(-10 * 24 * time.Hour)
		case 10:
			s.Life, s.LastSeen, s.Faults = devices.LifeSilent, now.Add(-26*time.Hour), []devices.Kind{"silent"}
		case 11:
			continue // never heard of
		}
		h.hub.Device(s)
	}
	return h
}

// step tells the machine something and publishes what comes of it.
func (h *house) step(in alerting.Input) *Refusal {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stepLocked(in)
}

func (h *house) stepLocked(in alerting.Input) (refusal *Refusal) {
	queue := []alerting.Input{in}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, e := range h.machine.Step(time.Now(), next) {
			switch e := e.(type) {
			case alerting.Changed:
				if e.Alarm.Kind == alerting.Technical {
					h.hub.Technical(e.Alarm)
				} else {
					h.hub.Alarm(e.Alarm)
				}
				h.past.add(e)
			case alerting.FaultChanged:
				h.hub.Fault(e.Fault, e.On)
			case alerting.BreakChanged:
				h.hub.Break(e.Who, e.Until)
			case alerting.Notify:
				queue = append(queue, alerting.Sent{Alarm: e.Alarm, Notification: e.ID})
				if e.Channel == "sms" { // which reports
					queue = append(queue, alerting.Sent{Alarm: e.Alarm, Notification: e.ID, Arrived: true})
				}
			case alerting.Refused:
				refusal = &Refusal{Why: e.Why, Holder: e.Holder}
			}
		}
	}
	if h.timer != nil {
		h.timer.Stop()
	}
	if next := h.machine.Next(); !next.IsZero() {
		h.timer = time.AfterFunc(time.Until(next), func() { h.step(alerting.Tick{}) })
	}
	return refusal
}

func (h *house) Act(_ context.Context, in alerting.Input) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acts = append(h.acts, in)
	if h.broken != nil {
		return h.broken
	}
	if r := h.stepLocked(in); r != nil {
		return r
	}
	return nil
}

func (h *house) Raise(ctx context.Context, in alerting.RaiseByHand) (alerting.AlarmID, error) {
	if err := h.Act(ctx, in); err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	alarms := h.machine.Alarms()
	return alarms[len(alarms)-1].ID, nil // in the order of their numbers
}

func (h *house) heard(id devices.ID, k devices.Kind) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refs++
	h.stepLocked(alerting.Heard{Device: id, Kind: k, Ref: fmt.Sprint(h.refs)})
}

func (h *house) Press(id devices.ID) error { h.heard(id, devices.Panic); return nil }
func (h *house) Fall(id devices.ID) error  { h.heard(id, devices.Fall); return nil }
func (h *house) Devices() (out []devices.ID) {
	for _, d := range h.ward.Devices[:8] {
		out = append(out, d.ID)
	}
	return out
}

func (h *house) Frames(id devices.ID) []Frame {
	return []Frame{
		{time.Now(), "serial", "", []byte{0x05, 0xff, 0x00, 0x41}, "", "unexpected byte 0xff"},
		{time.Now().Add(-time.Minute), "mqtt", "zigbee2mqtt/" + string(id), []byte(`{"action":"on","battery":71}`), "button on, battery 71 %", ""},
	}
}

func (h *house) Unknown() []Unknown {
	return []Unknown{{"zigbee2mqtt/0x00158d0003f1a2c4", "mqtt", 4, time.Now(), "button", "panic", nil}, {"jablotron/07204118", "serial", 1, time.Now().Add(-time.Hour), "", "", nil}}
}

// alarm waits for the open alarm of a device.
func (h *house) alarm(t testing.TB, id devices.ID) alerting.Alarm {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.machine.Alarms()
	i := slices.IndexFunc(all, func(a alerting.Alarm) bool { return a.Device == id })
	if i < 0 {
		t.Fatalf("device %q has raised no alarm", id)
	}
	return all[i]
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/devices"
	"telecare/gateway"
	"telecare/gateway/metrics"
	"telecare/gateway/registry"

	"github.com/prometheus/client_golang/prometheus"
)

// fourteenDays is a bed that changes at noon, a pendant that goes where its
// wearer goes, and a daughter who rests meanwhile.
const fourteenDays = `site: lipowa
zone: Europe/Warsaw
last_resort: centre
default_policy: ward
stand_ins: [role:nurse]
places:
  - {key: room-7, name: Room 7}
  - {key: flat, name: Anna's flat}
residents:
  - {key: anna, name: Anna Nowak, notes: Walks with a frame.}
  - {key: jan, name: Jan Kos}
stays:
  - {resident: anna, place: flat, kind: home, from: 1999-01-01}
  - {resident: anna, place: room-7, kind: respite, from: 1999-12-18 12:00}
  - {resident: jan, place: room-7, kind: respite, from: 2000-01-01 12:00}
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [phone]}
  - {key: ewa, name: Ewa N., role: carer, channels: [phone], rests: [{from: 1999-12-18 12:00, until: 2000-01-01 12:00}]}
  - {key: centre, name: Centre, channels: [phone]}
policies:
  - {key: ward, steps: [{call: [ewa], wait: 60s}]}
devices:
  - {key: button-7, name: Button, address: telecare/button-7, role: panic, place: room-7}
  - {key: pendant-anna, name: Anna's pendant, address: telecare/pendant-anna, role: panic, resident: anna}
`

// memory is a journal for a test.
type memory struct{}

func (memory) Append(context.Context, []alerting.Record) error                   { return nil }
func (memory) SaveSnapshot(context.Context, alerting.Snapshot) error             { return nil }
func (memory) Snapshots(context.Context) ([]alerting.Snapshot, error)            { return nil, nil }
func (memory) Records(context.Context, int64, func(alerting.Record) error) error { return nil }

// rings is a channel that remembers who was called for what.
type rings struct {
	mu  sync.Mutex
	all []string
}

func (r *rings) Notify(_ context.Context, c alerting.Call) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, fmt.Sprintf("%s %s at %s", c.Reason, c.To, c.Place))
	return false, nil
}

// TestSameButtonTwoResidents: at noon of the fourteenth day Anna goes home and
// Jan has her bed. The button on the wall is the same, and each alarm names who
// pressed it; Anna's pendant calls from where she is; and her daughter, who
// rested meanwhile, is called from noon on.
func TestSameButtonTwoResidents(t *testing.T) {
	doc, err := registry.Parse("registry.yaml", []byte(fourteenDays))
	if err != nil {
		t.Fatal(err)
	}
	site, err := doc.ByKey()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		hub := dashboards.NewHub()
		hub.SetWard(wardOf(site))
		phone := &rings{}
		g := gateway.New(gateway.Options{
			Site: siteOf(site), Journal: memory{}, History: memory{}, Notifiers: map[alerting.ChannelID]gateway.Notifier{"phone": phone},
			Publishers: []gateway.Publisher{hub}, Log: slog.New(slog.DiscardHandler), TryFor: time.Minute,
			Meter: metrics.New(prometheus.NewRegistry()),
		})
		page := dashboards.New(dashboards.Options{
			Desk: desk{g}, Log: slog.New(slog.DiscardHandler), LinkKey: make([]byte, 32),
			Tokens: []dashboards.Token{{Name: "test", Hash: sha256.Sum256([]byte("secret")), Scopes: []dashboards.Scope{dashboards.AlarmsRead, dashboards.PeopleRead}}},
		}, hub)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- g.Run(ctx) }()

		// press presses, and returns who was called for it, what the page shows
		// of it, and closes it.
		press := func(at time.Time, device string) string {
			t.Helper()
			time.Sleep(time.Until(at))
			phone.mu.Lock()
			phone.all = nil
			phone.mu.Unlock()
			g.Handle(devices.Frame{Source: "test", Format: "telecare", Message: devices.Message{
				Device: device, Events: []devices.Event{{Kind: devices.Button}},
			}}, func(error) {})
			synctest.Wait()
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/api/v1/alarms?state=open", nil)
			r.Header.Set("Authorization", "Bearer secret")
			page.ServeHTTP(w, r)
			var list struct {
				Alarms []struct {
					ID      alerting.AlarmID
					Place   string
					Persons []struct{ Name string }
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Alarms) != 1 {
				t.Fatalf("%v: %s", err, w.Body)
			}
			a := list.Alarms[0]
			var names []string
			for _, p := range a.Persons {
				names = append(names, p.Name)
			}
			if err := g.Act(ctx, alerting.Close{Alarm: a.ID, By: "centre", Outcome: alerting.Helped}); err != nil {
				t.Fatal(err)
			}
			phone.mu.Lock()
			defer phone.mu.Unlock()
			return fmt.Sprintf("%s in %s; %s", strings.Join(names, ", "), a.Place, phone.all[0])
		}
		noon := time.Date(2000, 1, 1, 12, 0, 0, 0, site.Zone.Location)
		for _, x := range []struct {
			at           time.Time
			device, want string
		}{
			{noon.Add(-10 * time.Second), "button-7", "Anna Nowak in Room 7; call marta at Room 7"},
			{noon.Add(-5 * time.Second), "pendant-anna", "Anna Nowak in Room 7; call marta at Room 7"},
			{noon, "button-7", "Jan Kos in Room 7; call ewa at Room 7"},
			{noon.Add(5 * time.Second), "pendant-anna", "Anna Nowak in Anna's flat; call ewa at Anna's flat"},
		} {
			if got := press(x.at, x.device); got != x.want {
				t.Errorf("%s pressed at %s: %q, want %q", x.device, x.at.Format(time.TimeOnly), got, x.want)
			}
		}
		stop()
		<-ended
		synctest.Wait()
	})
}

// TestStaysOverTheInterface: the centre ends a stay and begins another while the
// gateway runs; two in one bed are refused and nothing has changed then. The
// commands on the machine say the same.
func TestStaysOverTheInterface(t *testing.T) {
	h := newHome(t, "channels:\n  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n"+
		"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n",
		strings.Replace(registryOf, "  - {key: aniela,", "  - {key: halina, name: Halina Kos}\n  - {key: aniela,", 1))
	h.start()
	send := func(method, path, body string) (int, string) {
		t.Helper()
		status, text := h.send("centre", method, "/api/v1"+path, body)
		return status, string(text)
	}
	who := func() (out []string, id string) {
		t.Helper()
		var list struct {
			Stays []struct{ ID, Resident, Place, Now string }
		}
		status, text := send("GET", "/stays", "")
		if err := json.Unmarshal([]byte(text), &list); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		for _, s := range list.Stays {
			out, id = append(out, s.Resident+" in "+s.Place), s.ID
		}
		return out, id
	}
	const halina = `{"resident": "halina", "place": "room-7", "kind": "respite"}`
	if status, text := send("POST", "/stays", halina); status != http.StatusUnprocessableEntity || !strings.Contains(text, `two stays at place \"room-7\" at once`) {
		t.Errorf("two in one bed: %d %s", status, text)
	}
	now, id := who()
	if len(now) != 1 || now[0] != "Aniela Kowalczyk in Room 7, bathroom" {
		t.Fatalf("before: %q", now)
	}
	if status, text := send("PATCH", "/stays/"+id, `{}`); status != http.StatusOK {
		t.Fatalf("end: %d %s", status, text)
	}
	if now, _ := who(); len(now) != 0 {
		t.Errorf("after the end: %q", now)
	}
	if status, text := send("POST", "/stays", halina); status != http.StatusOK {
		t.Fatalf("begin: %d %s", status, text)
	}
	if now, _ := who(); len(now) != 1 || now[0] != "Halina Kos in Room 7, bathroom" {
		t.Errorf("after the change: %q", now)
	}
	if out := h.command("stays"); !strings.Contains(out, "Halina Kos") || strings.Contains(out, "Aniela") {
		t.Errorf("telecare stays says:\n%s", out)
	}
	if status, text := send("POST", "/rests", `{"person": "marta"}`); status != http.StatusUnprocessableEntity || !strings.Contains(text, "only a carer rests") {
		t.Errorf("the rest of a nurse: %d %s", status, text)
	}
	if status, text := send("POST", "/stays", `{"resident": "halina", "place": "room-3", "from": "tomorrow"}`); status != http.StatusUnprocessableEntity || !strings.Contains(text, "is no date") {
		t.Errorf("from tomorrow: %d %s", status, text)
	}
	sheet := h.command("handover")
	for _, want := range []string{"Came\n  Halina Kos, Room 7, bathroom", "Went\n  Aniela Kowalczyk, Room 7, bathroom"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the hand-over sheet lacks %q:\n%s", want, sheet)
		}
	}
	h.stop()
	noNames(t, filepath.Join(h.dir, "data"), "")
}

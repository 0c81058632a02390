package dashboards

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/devices"
)

// Rounds says who is away and what is being tried now.
type Rounds interface {
	Absences() []alerting.Absence
	Tests() []alerting.TestWindow
	// Find gives the id of whoever or whatever is meant by a key of the registry,
	// an opaque id, or a name. Exactly one is set; none when nothing is.
	Find(who string) (alerting.ResidentID, alerting.PlaceID, devices.ID)
}

type absenceList struct {
	At       time.Time     `json:"at" doc:"The gateway's time."`
	Absences []absenceView `json:"absences" doc:"Who is away now, and which places are empty."`
}

type absenceView struct {
	ID    string    `json:"id" doc:"The resident's or the place's opaque id."`
	Who   string    `json:"who" doc:"The place, or the resident: their name for the centre and with people:read, else initials. Every look at names is recorded."`
	From  time.Time `json:"from" doc:"Since when."`
	Until time.Time `json:"until" doc:"When it ends by itself."`
	By    string    `json:"by,omitempty" doc:"Who said so."`
}

type leaving struct {
	Who   string    `json:"who" maxLength:"200" doc:"A resident, or a place: a key of the registry, an opaque id, or a name." example:"aniela"`
	Until time.Time `json:"until,omitzero" doc:"When it ends by itself, at most 14 days from now; back now, when left out." example:"2026-11-20T12:00:00+01:00"`
}

type keeping struct {
	Place   string `json:"place" maxLength:"200" doc:"A place: a key of the registry, an opaque id, or a name." example:"room-7"`
	Minutes int    `json:"minutes" minimum:"0" maximum:"60" example:"10" doc:"For how long its door and its bed are yours; 0 ends it."`
}

type testList struct {
	At    time.Time  `json:"at" doc:"The gateway's time."`
	Tests []testView `json:"tests" doc:"Test windows that are open now."`
}

type testView struct {
	ID    string      `json:"id,omitempty" doc:"The device's or the place's opaque id; absent for the whole site."`
	What  string      `json:"what" doc:"The device or the place; absent for the whole site."`
	From  time.Time   `json:"from" doc:"Since when."`
	Until time.Time   `json:"until" doc:"When it ends by itself."`
	By    string      `json:"by,omitempty" doc:"Who began it."`
	Heard []heardView `json:"heard" doc:"The devices whose first press was heard in it, in that order. A second one is real."`
}

type heardView struct {
	ID    devices.ID       `json:"id" doc:"The device's opaque id."`
	Name  string           `json:"name" doc:"As people call it."`
	At    time.Time        `json:"at" doc:"When it was heard."`
	Alarm alerting.AlarmID `json:"alarm" doc:"The test alarm that it made."`
	RSSI  *float64         `json:"rssi,omitempty" doc:"How strongly its newest frame was heard, in dBm, where its format says."`
	Link  *float64         `json:"link_quality,omitempty" doc:"The same, 0 to 255, where its format says that."`
}

type trying struct {
	What    string `json:"what,omitempty" maxLength:"200" doc:"A device or a place: a key of the registry, an opaque id, or a name. The whole site, when left out." example:"pendant-7"`
	Minutes int    `json:"minutes" minimum:"0" maximum:"240" example:"30" doc:"For how long; 0 ends it."`
}

func (h *Handler) watchOperations(api huma.API) {
	op := func(method, id, path, summary, more, tag string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{tag}}
	}
	refusals := []int{http.StatusBadRequest, http.StatusConflict, http.StatusServiceUnavailable}
	add(h, api, AlarmsRead, op(http.MethodGet, "list-absences", "/absences", "List who is away", "", "stays"),
		func(_ context.Context, v viewer, _ *none) (*list[absenceList], error) {
			out := absenceList{time.Now(), []absenceView{}}
			w := h.hub.names()
			for _, a := range h.rounds().Absences() {
				x := absenceView{ID: string(a.Place), Who: w.place(a.Place).Name, From: a.From, Until: a.Until, By: v.name(w, a.By)}
				if a.Resident != "" {
					x.ID, x.Who = string(a.Resident), v.resident(w, a.Resident)
				}
				out.Absences = append(out.Absences, x)
			}
			if v.knows() && len(out.Absences) > 0 {
				h.look(v, sawAway, "")
			}
			return &list[absenceList]{out}, nil
		})
	add(h, api, AlarmsWrite, op(http.MethodPost, "set-absence", "/absences", "Say that somebody is away, or is back", "Until then nothing looks for their movements, their door and their bed, and silence of their devices is no fault. A press is an alarm all the same.", "stays"),
		func(ctx context.Context, v viewer, in *struct{ Body leaving }) (*none, error) {
			resident, place, _ := h.rounds().Find(in.Body.Who)
			return nil, h.act(ctx, v, alerting.Away{Resident: resident, Place: place, Until: in.Body.Until, By: v.person})
		}, refusals...)
	add(h, api, AlarmsWrite, op(http.MethodPost, "pause-watch", "/pauses", "Say that a door and a bed are yours for a while", "For whoever is there without an alarm: a round, a visit.", "alarms"),
		func(ctx context.Context, v viewer, in *struct{ Body keeping }) (*none, error) {
			_, place, _ := h.rounds().Find(in.Body.Place)
			return nil, h.act(ctx, v, alerting.Pause{Place: place, Until: ahead(in.Body.Minutes), By: v.person})
		}, refusals...)
	add(h, api, DevicesRead, op(http.MethodGet, "list-tests", "/tests", "List the tests that run, and what was heard in them", "", "devices"),
		func(_ context.Context, v viewer, _ *none) (*list[testList], error) {
			return &list[testList]{testList{time.Now(), v.tests(h.hub.now(), h.rounds().Tests())}}, nil
		})
	add(h, api, TestsWrite, op(http.MethodPost, "set-test", "/tests", "Try buttons without a call, or end that", "The first press of each device is heard, shown, and over. A second press of it, a fall, smoke, gas and the like are real and call.", "devices"),
		func(ctx context.Context, v viewer, in *struct{ Body trying }) (*none, error) {
			test := alerting.SetTest{Until: ahead(in.Body.Minutes), By: v.person}
			if in.Body.What != "" {
				if _, test.Place, test.Device = h.rounds().Find(in.Body.What); test.Place == "" && test.Device == "" {
					return nil, problem(http.StatusBadRequest, "no_such_device")
				}
			}
			return nil, h.act(ctx, v, test)
		}, refusals...)
}

func ahead(minutes int) time.Time {
	if minutes <= 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(minutes) * time.Minute)
}

func (h *Handler) rounds() Rounds {
	if h.o.Rounds == nil {
		return noRounds{}
	}
	return h.o.Rounds
}

// noRounds knows nobody.
type noRounds struct{}

func (noRounds) Absences() []alerting.Absence { return nil }
func (noRounds) Tests() []alerting.TestWindow { return nil }
func (noRounds) Find(string) (alerting.ResidentID, alerting.PlaceID, devices.ID) {
	return "", "", ""
}

// tests renders test windows.
func (v viewer) tests(s *state, all []alerting.TestWindow) []testView {
	out := []testView{}
	for _, t := range all {
		x := testView{ID: string(t.Place), What: s.ward.place(t.Place).Name, From: t.From, Until: t.Until, By: v.name(s.ward, t.By), Heard: []heardView{}}
		if t.Device != "" {
			x.ID, x.What = string(t.Device), s.ward.device(t.Device).Name
		}
		for _, h := range t.Heard {
			one := heardView{ID: h.Device, Name: s.ward.device(h.Device).Name, At: h.At, Alarm: h.Alarm}
			if i := slices.IndexFunc(s.devices, func(d devices.Status) bool { return d.ID == h.Device }); i >= 0 {
				for _, r := range s.devices[i].Readings {
					switch value := r.Value; r.Quantity {
					case devices.RSSI:
						one.RSSI = &value
					case devices.LinkQuality:
						one.Link = &value
					}
				}
			}
			x.Heard = append(x.Heard, one)
		}
		out = append(out, x)
	}
	return out
}

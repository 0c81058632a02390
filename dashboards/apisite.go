package dashboards

import (
	"context"
	"net/http"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/devices"
)

type devicePath struct {
	ID devices.ID `path:"id" maxLength:"200" doc:"The device's opaque id." example:"d-4k7m2q"`
}

type deviceList struct {
	At      time.Time    `json:"at" doc:"The gateway's time."`
	Devices []deviceView `json:"devices" doc:"Every registered device."`
}

type faultList struct {
	At     time.Time   `json:"at" doc:"The gateway's time."`
	Faults []faultView `json:"faults" doc:"What is wrong now."`
}

type frameList struct {
	Frames []frameView `json:"frames" doc:"The newest first."`
}

type frameView struct {
	At      time.Time `json:"at" doc:"When it was heard."`
	Source  string    `json:"source" doc:"Where: the name in telecare.yaml."`
	Topic   string    `json:"topic,omitempty" doc:"The MQTT topic; absent on a serial line."`
	Raw     string    `json:"raw,omitempty" doc:"The frame, when it is text."`
	Hex     []byte    `json:"bytes,omitempty" doc:"The frame, when it is not: base64."`
	Decoded string    `json:"decoded,omitempty" doc:"What it was understood to say."`
	Error   string    `json:"error,omitempty" doc:"Why it was not understood."`
}

type unknownList struct {
	Unknown []unknownView `json:"unknown" doc:"The newest first."`
}

type unknownView struct {
	Address  devices.Address `json:"address" doc:"Its name on the wire, as the registry wants it."`
	Source   string          `json:"source" doc:"Where it was heard: the name in telecare.yaml."`
	Frames   int             `json:"frames" doc:"How often."`
	Last     time.Time       `json:"last" doc:"When last."`
	Proposed string          `json:"proposed,omitempty" doc:"What it seems to be."`
	Role     string          `json:"role,omitempty" doc:"The role to register it with, as far as can be guessed."`
	Newest   []frameView     `json:"newest,omitempty" doc:"Its newest frames, the newest first."`
}

type peopleList struct {
	At     time.Time    `json:"at" doc:"The gateway's time."`
	People []comingView `json:"people" doc:"Who can be called."`
}

type comingView struct {
	ID         alerting.Person `json:"id" doc:"Opaque id."`
	Name       string          `json:"name,omitempty" doc:"Absent for those who may not know it."`
	Role       string          `json:"role,omitempty" doc:"As the registry has it."`
	OnCall     bool            `json:"on_call" doc:"Some roster has them on call now."`
	LastResort bool            `json:"last_resort,omitempty" doc:"Called beside all rosters, when nobody else answers."`
	Break      *time.Time      `json:"break_until,omitempty" doc:"On a break until then, and passed by while others can be called."`
}

type healthView struct {
	At          time.Time `json:"at" doc:"The gateway's time."`
	Since       time.Time `json:"since" doc:"Since when this process knows what it knows."`
	Alive       bool      `json:"alive" doc:"The loop turns."`
	Ready       bool      `json:"ready" doc:"It turns, and what it accepts is kept."`
	Problem     string    `json:"problem,omitempty" doc:"What keeps it from being ready."`
	Open        int       `json:"open" doc:"Alarms that are open."`
	Raised      int       `json:"raised" doc:"Alarms that nobody has."`
	Faults      int       `json:"faults" doc:"Open faults."`
	Silent      int       `json:"silent" doc:"Devices whose sign of life is overdue."`
	WrongTokens int       `json:"wrong_tokens" doc:"How often a token was refused since the start."`
}

func (h *Handler) siteOperations(api huma.API) {
	get := func(id, path, summary, more, tag string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Description: more, Tags: []string{tag}}
	}
	add(h, api, DevicesRead, get("list-devices", "/devices", "List all devices: state, battery, last seen", "", "devices"),
		func(_ context.Context, v viewer, in *struct {
			Life devices.Life `query:"life" enum:"unknown,heard,silent,unsupervised" doc:"Only these."`
		}) (*list[deviceList], error) {
			s := h.hub.now()
			all := slices.DeleteFunc(v.devices(s.ward, s.devices), func(d deviceView) bool { return in.Life != "" && d.Life != in.Life })
			slices.SortFunc(all, func(a, b deviceView) int { return order(s.ward, a.ID) - order(s.ward, b.ID) })
			return &list[deviceList]{deviceList{time.Now(), all}}, nil
		})
	add(h, api, DevicesRead, get("get-device", "/devices/{id}", "Look at one device", "", "devices"),
		func(_ context.Context, v viewer, in *devicePath) (*list[deviceView], error) {
			s := h.hub.now()
			for _, d := range v.devices(s.ward, s.devices) {
				if d.ID == in.ID {
					return &list[deviceView]{d}, nil
				}
			}
			return nil, problem(http.StatusNotFound, "no_such_device")
		}, http.StatusNotFound)
	add(h, api, DevicesRead, get("list-faults", "/faults", "List what is wrong with devices, lines and channels", "", "devices"),
		func(_ context.Context, v viewer, _ *none) (*list[faultList], error) {
			s, out := h.hub.now(), []faultView{}
			for _, f := range s.faults {
				out = append(out, v.fault(s.ward, f, true))
			}
			return &list[faultList]{faultList{time.Now(), out}}, nil
		})
	add(h, api, FramesRead, get("device-frames", "/devices/{id}/frames", "Read the newest frames of a device as they came", "They can be personal data. A few are kept, in memory.", "devices"),
		func(_ context.Context, _ viewer, in *devicePath) (*list[frameList], error) {
			return h.frames(in.ID), nil
		})
	add(h, api, FramesRead, get("unknown-devices", "/unknown", "List devices that are heard and not registered", "A wire address can be personal data.", "devices"),
		func(_ context.Context, _ viewer, _ *none) (*list[unknownList], error) {
			out := []unknownView{}
			if h.o.Technician != nil {
				for _, u := range h.o.Technician.Unknown() {
					out = append(out, unknownView{u.Address, u.Source, u.Frames, u.Last, u.Proposed, u.Role, frameViews(u.Newest)})
				}
			}
			return &list[unknownList]{unknownList{out}}, nil
		})
	add(h, api, AlarmsRead, get("list-people", "/people", "List who can be called, and who is on call now", "Names need people:read, or the role of a nurse or of the centre.", "people"),
		func(_ context.Context, v viewer, in *struct {
			OnCall bool `query:"on_call" doc:"Only those who are on call now."`
		}) (*list[peopleList], error) {
			now := time.Now()
			ward := h.hub.names()
			all := v.people(ward, now)
			for i := range all {
				all[i].Break = h.hub.breakOf(all[i].ID)
			}
			people := slices.DeleteFunc(all, func(p comingView) bool { return in.OnCall && !p.OnCall })
			return &list[peopleList]{peopleList{now, people}}, nil
		})
	add(h, api, signedIn, get("get-site", "/site", "Say which site this is, and its places", "", "site"),
		func(_ context.Context, v viewer, _ *none) (*list[siteView], error) {
			w := h.hub.names()
			return &list[siteView]{*v.site(w)}, nil
		})
	add(h, api, signedIn, get("get-health", "/health", "Say how the gateway is", "", "site"),
		func(_ context.Context, v viewer, _ *none) (*list[healthView], error) {
			out := h.health()
			if v.role == RoleFamily { // how many others call is nobody's family's business
				out.Body = healthView{At: out.Body.At, Since: out.Body.Since, Alive: out.Body.Alive, Ready: out.Body.Ready}
			}
			return out, nil
		})
	h.ownOperations(api)
	h.weekOperation(api)
	h.lookOperations(api)
	h.subjectOperations(api)
	h.glassOperations(api)
	h.accessOperations(api)
	h.breakOperations(api)
	h.rosterOperations(api)
	if h.o.Simulator != nil {
		h.demoOperations(api)
	}
}

// order is where the registry has a device.
func order(w *Ward, id devices.ID) int {
	return slices.IndexFunc(w.Devices, func(d Device) bool { return d.ID == id })
}

func (h *Handler) frames(id devices.ID) *list[frameList] {
	if h.o.Technician == nil {
		return &list[frameList]{frameList{[]frameView{}}}
	}
	return &list[frameList]{frameList{frameViews(h.o.Technician.Frames(id))}}
}

func frameViews(all []Frame) []frameView {
	out := []frameView{}
	for _, f := range all {
		x := frameView{At: f.At, Source: f.Source, Topic: f.Topic, Decoded: f.Decoded, Error: f.Error}
		if readable(f.Raw) {
			x.Raw = string(f.Raw)
		} else {
			x.Hex = f.Raw
		}
		out = append(out, x)
	}
	return out
}

func readable(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

// people renders who can be called.
func (v viewer) people(w *Ward, now time.Time) []comingView {
	on := w.onCall(now)
	out := []comingView{}
	for _, p := range w.People {
		x := comingView{ID: p.ID, Role: p.Role, OnCall: on[p.ID], LastResort: p.ID == w.Plan.LastResort}
		if v.may(PeopleRead) {
			x.Name = p.Name
		}
		out = append(out, x)
	}
	return out
}

// onCall is who is on call by some roster.
func (w *Ward) onCall(now time.Time) map[alerting.Person]bool {
	on, zone := map[alerting.Person]bool{}, w.zone()
	for _, r := range w.Plan.Rosters {
		for _, p := range r.OnCall(now, zone) {
			on[p] = true
		}
	}
	return on
}

func (h *Handler) health() *list[healthView] {
	s := h.hub.now()
	out := healthView{At: time.Now(), Since: s.since, Alive: h.o.Alive == nil || h.o.Alive(), Faults: len(s.faults), WrongTokens: h.wrong.count()}
	out.Ready = out.Alive
	if h.o.Ready != nil {
		if err := h.o.Ready(); err != nil {
			out.Ready, out.Problem = false, err.Error()
		}
	}
	for _, a := range s.alarms {
		if a.Open() {
			out.Open++
		}
		if a.State == alerting.Raised {
			out.Raised++
		}
	}
	for _, d := range s.devices {
		if d.Life == devices.LifeSilent {
			out.Silent++
		}
	}
	return &list[healthView]{out}
}

type simulating struct {
	Device devices.ID `json:"device" maxLength:"200" doc:"A simulated device." example:"d-1"`
}

// demoOperations press simulated devices.
func (h *Handler) demoOperations(api huma.API) {
	for _, x := range []struct {
		what, summary string
		do            func(devices.ID) error
	}{{"press", "Press a simulated pendant", h.o.Simulator.Press}, {"fall", "Let somebody fall before a simulated radar", h.o.Simulator.Fall}} {
		add(h, api, AlarmsWrite, huma.Operation{
			OperationID: "demo-" + x.what, Method: http.MethodPost, Path: "/demo/" + x.what, Summary: x.summary, Description: "In the demo only.", Tags: []string{"site"},
		}, func(_ context.Context, _ viewer, in *struct{ Body simulating }) (*none, error) {
			if !slices.Contains(h.o.Simulator.Devices(), in.Body.Device) {
				return nil, problem(http.StatusNotFound, "no_such_device")
			}
			if err := x.do(in.Body.Device); err != nil {
				return nil, problem(http.StatusConflict, "cannot").because(err.Error())
			}
			return nil, nil
		}, http.StatusNotFound, http.StatusConflict)
	}
}

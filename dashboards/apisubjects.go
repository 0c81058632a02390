package dashboards

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/devices"
)

// Subjects knows what is kept of one person, a resident or a responder, and can
// erase it. [GDPR art. 15, 17]
type Subjects interface {
	// Subject reads their record; ErrNoRecord when there is nobody of that id.
	Subject(ctx context.Context, id string) (Subject, error)
	// Erase takes them out of everything that has names, for good, and returns when
	// that is on disk. ErrStaying while a stay runs; a *Wrong while another record
	// needs them.
	Erase(ctx context.Context, id string) (Erasure, error)
}

// Subject is somebody's record.
type Subject struct {
	Key, Name string
	Record    json.RawMessage // without the code of a key-safe
	KeySafe   bool            // there is one
	Devices   []Device        // that they wear
	Watches   []json.RawMessage
}

// Erasure is what was erased with somebody.
type Erasure struct {
	Edition int64
	Stays   int
	Watches int
	Reasons int // in the book of looks
	Left    []string
}

// ErrStaying says that somebody is in a stay now.
var ErrStaying = errors.New("a stay of theirs runs")

// patient is how long an export waits for the journal to be read on.
const patient = 8 * time.Second

type keptView struct {
	At       time.Time         `json:"at" doc:"When this was so."`
	ID       string            `json:"id" doc:"Opaque id: all that is left of them elsewhere." example:"r-4k7m2q8n"`
	Key      string            `json:"key" doc:"Their key in the registry."`
	Name     string            `json:"name" doc:"Their name."`
	Record   json.RawMessage   `json:"record" doc:"Their record, as the registry has it: born, notes, family, contacts. The code of a key-safe is not written into files; POST /glass shows it."`
	KeySafe  bool              `json:"key_safe,omitempty" doc:"There is a code of a key-safe."`
	Stays    []stayView        `json:"stays" doc:"Of a resident: where, from when, until when."`
	Devices  []keptDevice      `json:"devices" doc:"What they wear."`
	Watches  []json.RawMessage `json:"watches" doc:"What is watched for them, as the registry has it."`
	Alarms   []keptAlarm       `json:"alarms" doc:"Of a resident those of theirs, the newest first; of a responder those to which they were called, with what they did and what was sent to them."`
	Behind   bool              `json:"behind,omitempty" doc:"The journal was not read to its end: ask again."`
	Looks    []keptLook        `json:"looks" doc:"Of a resident who was shown what is theirs; of a responder at what they looked. The newest first."`
	Phones   []keptPhone       `json:"phones" doc:"Of a responder: the phones that ring by web push."`
	Readings []keptReadings    `json:"readings" doc:"Where InfluxDB may have readings about them: by these devices, in these times."`
}

type keptDevice struct {
	ID      devices.ID      `json:"id" doc:"Opaque id."`
	Name    string          `json:"name" doc:"As people call it."`
	Address devices.Address `json:"address" doc:"Its address on the wire."`
}

type keptAlarm struct {
	ID         alerting.AlarmID  `json:"id" doc:"Opaque id."`
	Number     int               `json:"number" doc:"What people call it."`
	Kind       devices.Kind      `json:"kind" doc:"What it is."`
	Place      string            `json:"place,omitempty" doc:"Of a resident: where it was raised."`
	Device     string            `json:"device,omitempty" doc:"Of a resident: by what."`
	State      alerting.State    `json:"state" doc:"How it is."`
	Outcome    alerting.Outcome  `json:"outcome,omitempty" doc:"How it ended."`
	Drill      bool              `json:"drill,omitempty" doc:"It was a drill."`
	RaisedAt   time.Time         `json:"raised_at" doc:"When it was raised."`
	AckedAt    time.Time         `json:"acked_at,omitzero" doc:"When somebody took it."`
	AttendedAt time.Time         `json:"attended_at,omitzero" doc:"When somebody was there."`
	ClosedAt   time.Time         `json:"closed_at,omitzero" doc:"When it was closed."`
	Steps      []keptStep        `json:"steps" doc:"What happened."`
	Messages   []keptMessageView `json:"messages" doc:"What was sent, without its text: that has the kind, the place and a link."`
}

type keptStep struct {
	At   time.Time     `json:"at" doc:"When."`
	What alerting.What `json:"what" doc:"What, as in GET /journal/{id}."`
	Who  string        `json:"who,omitempty" doc:"Who did it, by what they are: whoever helps has a name of their own to be kept."`
	Text string        `json:"text,omitempty" doc:"A code, such as the outcome."`
}

type keptMessageView struct {
	At      time.Time          `json:"at" doc:"When."`
	To      string             `json:"to" doc:"To whom, by what they are."`
	Channel alerting.ChannelID `json:"channel" doc:"By which way."`
	Reason  alerting.Reason    `json:"reason" doc:"Why: call, again, stop, inform."`
	State   alerting.Delivery  `json:"state" doc:"How it ended."`
}

type keptLook struct {
	At    time.Time        `json:"at" doc:"When."`
	Role  Role             `json:"role" doc:"Who, by what they are."`
	What  string           `json:"what" doc:"At what."`
	Alarm alerting.AlarmID `json:"alarm,omitempty" doc:"Because of which alarm."`
	Why   string           `json:"why,omitempty" doc:"The reason that was given where there was no alarm."`
}

type keptPhone struct {
	Name  string    `json:"name" doc:"As its owner sees it."`
	Added time.Time `json:"added" doc:"Since when."`
}

type keptReadings struct {
	Device devices.ID `json:"device" doc:"The tag device."`
	From   time.Time  `json:"from,omitzero" doc:"Since then; absent for what is worn."`
	Until  time.Time  `json:"until,omitzero" doc:"Until then; absent while it goes on."`
}

type erasing struct {
	Name string `json:"name" maxLength:"200" doc:"Their name, as the registry has it: nothing of this can be taken back." example:"Aniela Kowalczyk"`
}

type erasedView struct {
	ID       string         `json:"id" doc:"Opaque id, of which nothing says any more whose it was. Keep it: with it the same can be erased from a backup that is restored."`
	Edition  int64          `json:"edition" doc:"The registry's now."`
	Stays    int            `json:"stays" doc:"How many stays were erased."`
	Devices  []devices.ID   `json:"devices" doc:"What they wore. It is not registered any more; register it anew for somebody else."`
	Watches  int            `json:"watches" doc:"How many watches were erased."`
	Reasons  int            `json:"reasons" doc:"Reasons that were given for looks at theirs, or name them: taken out; that there was a look stays."`
	Left     []string       `json:"left" doc:"Records in which a part of the name stands still, as part and key: look yourself."`
	Readings []keptReadings `json:"readings" doc:"What to delete in InfluxDB, if it has to be."`
}

func (h *Handler) subjectOperations(api huma.API) {
	type path struct {
		ID string `path:"id" maxLength:"200" doc:"Opaque id of a resident or responder." example:"r-4k7m2q8n"`
	}
	op := func(method, id, at, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/subjects/{id}" + at, Summary: summary, Description: more, Tags: []string{"people"}}
	}
	add(h, api, PeopleErase, op(http.MethodGet, "export-person", "", "Write everything that is kept of one person", "For whoever asks what is kept of them (GDPR, article 15). Recorded as a look."),
		func(ctx context.Context, v viewer, in *path) (*list[keptView], error) {
			out, err := h.kept(ctx, v, in.ID)
			if err != nil {
				return nil, err
			}
			h.note(v, Look{What: sawAll, Of: []alerting.ResidentID{alerting.ResidentID(in.ID)}})
			return &list[keptView]{out}, nil
		}, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable)
	add(h, api, PeopleErase, op(http.MethodPost, "erase-person", "/erase", "Erase everything that says who somebody was", "For good (GDPR, article 17). Alarms and numbers stay, by an opaque id of which nobody knows any more whose it was. Refused while an alarm of theirs is open, a stay runs, or another record needs them."),
		func(ctx context.Context, v viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"Opaque id of a resident or responder." example:"r-4k7m2q8n"`
			Body erasing
		}) (*list[erasedView], error) {
			if h.o.Subjects == nil {
				return nil, problem(http.StatusConflict, "cannot")
			}
			who, err := h.o.Subjects.Subject(ctx, in.ID)
			if err = h.unedited(ctx, err); err != nil {
				return nil, err
			}
			if !strings.EqualFold(strings.TrimSpace(in.Body.Name), who.Name) {
				f := problem(http.StatusUnprocessableEntity, "not_their_name")
				f.Where = "body.name"
				return nil, f
			}
			s := h.hub.now()
			for _, a := range slices.Concat(s.alarms, s.tech) {
				if a.State != alerting.Closed && involves(s.ward, a, in.ID) {
					return nil, problem(http.StatusConflict, "alarm_is_open")
				}
			}
			readings := s.ward.readingsOf(in.ID, who.Devices)
			gone, err := h.o.Subjects.Erase(ctx, in.ID)
			if errors.Is(err, ErrStaying) {
				return nil, problem(http.StatusConflict, "stays_now")
			}
			if err = h.unedited(ctx, err); err != nil {
				return nil, err
			}
			h.edited(v, "erase", "person", gone.Edition)
			h.note(v, Look{What: erasedThem, Of: []alerting.ResidentID{alerting.ResidentID(in.ID)}})
			out := erasedView{in.ID, gone.Edition, gone.Stays, []devices.ID{}, gone.Watches, gone.Reasons, append([]string{}, gone.Left...), readings}
			for _, d := range who.Devices {
				out.Devices = append(out.Devices, d.ID)
			}
			return &list[erasedView]{out}, nil
		}, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable)
}

// involves reports whether an alarm is somebody's, or in somebody's hands.
func involves(w *Ward, a *alerting.Alarm, id string) bool {
	p := alerting.Person(id)
	return slices.ContainsFunc(w.residents(a), func(s stayer) bool { return string(s.ID) == id }) ||
		a.Holder == p || slices.Contains(a.With, p) || slices.ContainsFunc(a.Calls, func(n alerting.Notification) bool { return n.To == p })
}

// kept gathers everything.
func (h *Handler) kept(ctx context.Context, v viewer, id string) (keptView, error) {
	out := keptView{At: time.Now(), ID: id, Stays: []stayView{}, Devices: []keptDevice{}, Alarms: []keptAlarm{}, Looks: []keptLook{}, Phones: []keptPhone{}}
	if h.o.Subjects == nil {
		return out, problem(http.StatusConflict, "cannot")
	}
	who, err := h.o.Subjects.Subject(ctx, id)
	if err = h.unedited(ctx, err); err != nil {
		return out, err
	}
	_, w := h.hub.alarm("")
	out.Key, out.Name, out.Record, out.KeySafe, out.Watches = who.Key, who.Name, who.Record, who.KeySafe, append([]json.RawMessage{}, who.Watches...)
	for _, s := range v.stays(w, out.At) {
		if string(s.ResidentID) == id {
			out.Stays = append(out.Stays, s)
		}
	}
	for _, d := range who.Devices {
		out.Devices = append(out.Devices, keptDevice{d.ID, d.Name, d.Address})
	}
	out.Readings = w.readingsOf(id, who.Devices)
	if h.o.Phones != nil {
		for _, p := range h.o.Phones.Of(alerting.Person(id)) {
			out.Phones = append(out.Phones, keptPhone{p.Name, p.Added})
		}
	}
	if out.Alarms, out.Behind, err = h.keptAlarms(ctx, w, id, who.Name); err != nil {
		return out, h.noJournal(ctx, err)
	}
	if h.o.Book != nil {
		err = h.o.Book.Read(func(line []byte) {
			var l Look
			if json.Unmarshal(line, &l) == nil && (string(l.Person) == id || slices.Contains(l.Of, alerting.ResidentID(id))) {
				out.Looks = append(out.Looks, keptLook{l.At, l.Role, l.What, l.Alarm, l.Why})
			}
		})
		if err != nil {
			h.o.Log.Error("the book of looks cannot be read", "error", err)
			return out, problem(http.StatusServiceUnavailable, "no_report")
		}
		slices.Reverse(out.Looks)
	}
	return out, nil
}

// keptAlarms are the alarms of a resident, or those to which a responder was called.
func (h *Handler) keptAlarms(ctx context.Context, w *Ward, id, name string) (out []keptAlarm, behind bool, err error) {
	out = []keptAlarm{}
	if h.o.Lookback == nil {
		return out, false, nil
	}
	resident := w.resident(alerting.ResidentID(id)) != nil
	for _, technical := range []bool{false, true} {
		q := past.Query{Technical: technical, Limit: 100}
		if resident {
			q.Any = &past.Any{Residents: []alerting.ResidentID{alerting.ResidentID(id)}}
		} else {
			q.Person = alerting.Person(id)
		}
		for begun := time.Now(); ; {
			page, err := h.o.Lookback.Find(ctx, q)
			if err != nil {
				return nil, false, err
			}
			if page.Behind && time.Since(begun) < patient && ctx.Err() == nil {
				continue
			}
			behind = behind || page.Behind
			for _, a := range page.Alarms {
				s, err := h.o.Lookback.Story(ctx, a.ID)
				if err != nil {
					return nil, false, err
				}
				if s != nil {
					out = append(out, w.keptAlarm(s, id, name, resident))
				}
			}
			n := len(page.Alarms)
			if !page.More || n == 0 {
				break
			}
			q.After = past.Cursor{Raised: page.Alarms[n-1].RaisedAt, ID: page.Alarms[n-1].ID}
		}
	}
	return out, behind, nil
}

// keptAlarm is what an alarm says of somebody. Others in it are what they are and
// not who: who has looked, or come, is not told by name to whoever asks what is
// kept of them. [CJEU C-579/21]
func (w *Ward) keptAlarm(s *past.Story, id, name string, resident bool) keptAlarm {
	a := s.Newest()
	out := keptAlarm{
		ID: a.ID, Number: a.Number, Kind: a.Kind, State: a.State, Outcome: a.Outcome, Drill: a.Drill, RaisedAt: a.RaisedAt, AckedAt: a.AckedAt, AttendedAt: a.AttendedAt, ClosedAt: a.ClosedAt,
		Steps: []keptStep{}, Messages: []keptMessageView{},
	}
	if resident {
		out.Place = w.place(a.Place).Name
		if a.Device != "" {
			out.Device = w.device(a.Device).Name
		}
	}
	called := func(p alerting.Person) string {
		switch {
		case string(p) == id:
			return name
		case p == "":
			return ""
		}
		return w.roleOf(p)
	}
	for _, e := range a.History {
		if resident || string(e.Who) == id || string(e.To) == id {
			out.Steps = append(out.Steps, keptStep{e.At, e.What, called(e.Who), e.Text})
		}
	}
	for _, n := range a.Calls {
		if resident || string(n.To) == id {
			out.Messages = append(out.Messages, keptMessageView{n.At, called(n.To), n.Channel, n.Reason, n.State})
		}
	}
	return out
}

// roleOf is what a responder is; "…" for one who is here no more.
func (w *Ward) roleOf(p alerting.Person) string {
	for _, x := range w.People {
		if x.ID == p && x.Role != "" {
			return x.Role
		}
	}
	return somebody
}

// readingsOf says by which devices, and when, there may be readings of somebody.
func (w *Ward) readingsOf(id string, worn []Device) []keptReadings {
	out := []keptReadings{}
	for _, d := range worn {
		out = append(out, keptReadings{Device: d.ID})
	}
	for _, s := range w.Stays {
		if string(s.Resident) != id {
			continue
		}
		for _, d := range w.Devices {
			if d.Place == s.Place && !slices.ContainsFunc(worn, func(x Device) bool { return x.ID == d.ID }) {
				out = append(out, keptReadings{d.ID, s.From, s.Until})
			}
		}
	}
	return out
}

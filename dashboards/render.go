package dashboards

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/devices"
)

// viewer is somebody who looks. What is rendered depends on nothing else.
type viewer struct {
	person alerting.Person
	role   Role
	// technical viewers see wire addresses and frames.
	technical bool
	// only is the one alarm that a link opens; "" for the whole site.
	only alerting.AlarmID
	// told is that alarm as the link tells of it; nil when it does not.
	told *alerting.Alarm
}

func (v viewer) answers() bool { return v.role == RoleNurse || v.role == RoleCentre }

// faults reports whether v is shown technical faults: not at the bedside.
func (v viewer) faults() bool { return v.role != RoleNurse }

// named reports whether v may see who called: the centre while the alarm is
// open, a nurse while it is theirs, nobody else.
func (v viewer) named(a *alerting.Alarm) bool {
	switch v.role {
	case RoleCentre:
		return a.Open()
	case RoleNurse:
		return a.Open() && a.Holder == v.person && v.person != ""
	}
	return false
}

// alarmView is an alarm as one viewer sees it. Empty parts are absent.
type alarmView struct {
	ID       alerting.AlarmID  `json:"id"`
	Number   int               `json:"number"`
	Kind     devices.Kind      `json:"kind"`
	Priority alerting.Priority `json:"priority"`
	State    alerting.State    `json:"state"`
	Late     bool              `json:"late,omitempty"`
	Device   devices.ID        `json:"device,omitempty"`
	Source   string            `json:"source,omitempty"` // the device's name
	PlaceID  alerting.PlaceID  `json:"place_id,omitempty"`
	Place    string            `json:"place"`
	WayIn    string            `json:"way_in,omitempty"`
	Phone    string            `json:"phone,omitempty"`
	Persons  []personView      `json:"persons,omitempty"`
	Hidden   bool              `json:"hidden,omitempty"`   // names are shown to whoever takes it
	KeySafe  bool              `json:"key_safe,omitempty"` // there is a code to ask for

	RaisedAt   time.Time        `json:"raised_at"`
	RaisedBy   string           `json:"raised_by,omitempty"`
	AckedAt    time.Time        `json:"acked_at,omitzero"`
	AttendedAt time.Time        `json:"attended_at,omitzero"`
	ClosedAt   time.Time        `json:"closed_at,omitzero"`
	Outcome    alerting.Outcome `json:"outcome,omitempty"`
	Reopen     time.Time        `json:"reopen_until,omitzero"`
	Holder     string           `json:"holder,omitempty"`
	Yours      bool             `json:"yours,omitempty"`
	HeldFrom   time.Time        `json:"held_from,omitzero"`
	HelpWanted bool             `json:"help_wanted,omitempty"`

	Presses   int       `json:"presses"`
	LastPress time.Time `json:"last_press"`
	Step      int       `json:"step"`
	Turn      int       `json:"turn,omitempty"`
	Deadline  time.Time `json:"deadline,omitzero"`
	Reached   bool      `json:"reached,omitempty"`
	Steps     []Step    `json:"steps,omitempty"`
	Called    []string  `json:"called,omitempty"`   // who was called in this step
	Declined  []string  `json:"declined,omitempty"` // who cannot come

	Calls   []callView  `json:"calls,omitempty"`
	History []entryView `json:"history,omitempty"`
	Can     []string    `json:"can,omitempty"` // what the viewer may do now
}

type personView struct {
	Initials string    `json:"initials"`
	Name     string    `json:"name,omitempty"`
	Born     int       `json:"born,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Notes    string    `json:"notes,omitempty"`
	Family   []Contact `json:"family,omitempty"`
}

type callView struct {
	Step    int               `json:"step"`
	To      string            `json:"to"`
	Channel string            `json:"channel"`
	Reason  alerting.Reason   `json:"reason"`
	At      time.Time         `json:"at"`
	State   alerting.Delivery `json:"state"`
	DoneAt  time.Time         `json:"done_at,omitzero"`
	Error   string            `json:"error,omitempty"`
	Answer  alerting.What     `json:"answer,omitempty"` // what the person did about it
	Opened  time.Time         `json:"answer_at,omitzero"`
}

type entryView struct {
	At    time.Time     `json:"at"`
	What  alerting.What `json:"what"`
	Who   string        `json:"who,omitempty"`
	You   bool          `json:"you,omitempty"`
	Step  int           `json:"step,omitempty"`
	Until time.Time     `json:"until,omitzero"`
	Text  string        `json:"text,omitempty"`
}

// alarm renders one alarm for a viewer.
func (v viewer) alarm(w *Ward, a *alerting.Alarm) alarmView {
	place := w.place(a.Place)
	out := alarmView{
		ID: a.ID, Number: a.Number, Kind: a.Kind, Priority: a.Priority, State: a.State, Late: a.Late,
		PlaceID: a.Place, Place: place.Name, RaisedAt: a.RaisedAt, ClosedAt: a.ClosedAt,
		AckedAt: a.AckedAt, AttendedAt: a.AttendedAt, Outcome: a.Outcome,
		Presses: a.Presses, LastPress: a.LastPress, Step: a.Step, Turn: a.Turn,
	}
	if v.role == RoleTechnician {
		out.Device, out.Source = a.Device, w.device(a.Device).Name
		return out // where and what, never who
	}
	out.HeldFrom, out.HelpWanted, out.Deadline, out.Reached = a.HeldFrom, a.HelpWanted, a.Deadline, a.Reached
	if a.Holder != "" {
		out.Holder, out.Yours = w.person(a.Holder), a.Holder == v.person
	}
	out.Steps = w.Policies[a.Policy]
	out.Called = called(w, a)
	for _, p := range a.Declined {
		out.Declined = append(out.Declined, w.person(p))
	}
	out.Persons, out.Hidden, out.KeySafe = v.persons(w, a)
	if !v.answers() {
		return out
	}
	if a.Device != "" {
		out.Device, out.Source = a.Device, w.device(a.Device).Name
	}
	if a.RaisedBy != "" {
		out.RaisedBy = w.person(a.RaisedBy)
	}
	out.WayIn, out.Phone = place.WayIn, place.Phone
	out.Calls = v.calls(w, a)
	out.History = v.history(w, a)
	out.Can = v.can(a)
	if !a.Open() {
		out.Reopen = a.ClosedAt.Add(alerting.ReopenFor)
	}
	return out
}

// persons renders who stays at the alarm's place.
func (v viewer) persons(w *Ward, a *alerting.Alarm) (out []personView, hidden, code bool) {
	named := v.named(a)
	for _, s := range w.residents(a.Place, a.RaisedAt) {
		p := personView{Initials: initials(s.Name)}
		if named {
			p.Name, p.Born, p.Until, p.Notes, p.Family = s.Name, s.Born, s.until, s.Notes, s.Family
			code = code || s.KeySafe != ""
		}
		out = append(out, p)
	}
	return out, len(out) > 0 && v.role == RoleNurse && a.Open() && !named, code
}

// called lists who was called in the present step, each once.
func called(w *Ward, a *alerting.Alarm) []string {
	var out []string
	for _, c := range a.Calls {
		if c.Step == a.Step && c.Reason == alerting.Calling && !c.At.Before(a.StepAt) {
			if n := w.person(c.To); !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

func (v viewer) calls(w *Ward, a *alerting.Alarm) []callView {
	var out []callView
	for _, c := range a.Calls {
		if c.Reason == alerting.Stopped {
			continue // told, not called
		}
		x := callView{
			Step: c.Step, To: w.person(c.To), Channel: string(c.Channel), Reason: c.Reason,
			At: c.At, State: c.State, DoneAt: c.DoneAt,
		}
		if v.role == RoleCentre {
			x.Error = c.Error
		}
		for _, e := range a.History {
			if e.Who == c.To && !e.At.Before(c.At) && personal(e.What) {
				x.Answer, x.Opened = e.What, e.At
				break
			}
		}
		out = append(out, x)
	}
	return out
}

// personal reports whether a line of history is a person's own answer.
func personal(w alerting.What) bool {
	return w == alerting.Taken || w == alerting.CannotCome || w == alerting.GivenBack || w == alerting.Arrived
}

func (v viewer) history(w *Ward, a *alerting.Alarm) []entryView {
	out := make([]entryView, 0, len(a.History))
	for _, e := range a.History {
		x := entryView{At: e.At, What: e.What, Step: e.Step, Until: e.Until, Text: e.Text}
		if e.Who != "" {
			x.Who, x.You = w.person(e.Who), e.Who == v.person
		}
		if e.What == alerting.StepCalled {
			var who []string
			for _, c := range a.Calls {
				if c.Reason == alerting.Calling && c.Step == e.Step && c.At.Equal(e.At) {
					if n := w.person(c.To); !slices.Contains(who, n) {
						who = append(who, n)
					}
				}
			}
			x.Who = strings.Join(who, ", ")
		}
		out = append(out, x)
	}
	return out
}

// can lists what a viewer may do with an alarm, the next thing first.
func (v viewer) can(a *alerting.Alarm) []string {
	yours := a.Holder == v.person
	switch {
	case a.State == alerting.Raised:
		return []string{"take", "arrive", "close", "decline", "help"}
	case a.State == alerting.Acknowledged && a.HelpWanted && !yours:
		return []string{"take", "arrive", "close", "decline", "help"}
	case a.State == alerting.Acknowledged && yours:
		return []string{"arrive", "close", "decline", "help"}
	case a.State == alerting.Acknowledged:
		return []string{"arrive", "close", "help"}
	case a.State == alerting.Attended && a.HelpWanted && !yours:
		return []string{"take", "close", "decline", "help"}
	case a.State == alerting.Attended:
		return []string{"close", "help"}
	case v.only == "": // a link ends with its alarm
		return []string{"reopen"}
	}
	return nil
}

// deviceView is a device as one viewer sees it.
type deviceView struct {
	devices.Status
	Name    string          `json:"name"`
	Kind    string          `json:"kind,omitempty"`
	Source  string          `json:"source,omitempty"`
	PlaceID string          `json:"place_id,omitempty"`
	Place   string          `json:"place,omitempty"`
	Address devices.Address `json:"address,omitempty"`
}

func (v viewer) device(w *Ward, s devices.Status) deviceView {
	d := w.device(s.ID)
	out := deviceView{Status: s, Name: d.Name, Kind: d.Kind, Source: d.Source, PlaceID: string(d.Place)}
	if d.Place != "" {
		out.Place = w.place(d.Place).Name
	}
	if v.role != RoleCentre && v.role != RoleTechnician {
		out.Readings = nil // nobody's business at the bedside
	}
	if v.technical {
		out.Address = d.Address
	}
	return out
}

// devices renders all registered devices; one that nothing is known of is
// unknown.
func (v viewer) devices(w *Ward, known []devices.Status) []deviceView {
	out := make([]deviceView, 0, len(w.Devices))
	for _, s := range known {
		out = append(out, v.device(w, s))
	}
	for _, d := range w.Devices {
		if !slices.ContainsFunc(known, func(s devices.Status) bool { return s.ID == d.ID }) {
			out = append(out, v.device(w, devices.Status{ID: d.ID, Life: devices.LifeUnknown}))
		}
	}
	return out
}

type faultView struct {
	alerting.Fault
	On       bool              `json:"on"`
	Name     string            `json:"name"`
	Place    string            `json:"place,omitempty"`
	Severity alerting.Severity `json:"severity,omitempty"`
}

func (v viewer) fault(w *Ward, f alerting.Fault, on bool) faultView {
	d := w.device(devices.ID(f.Subject))
	out := faultView{Fault: f, On: on, Name: d.Name}
	if d.Place != "" {
		out.Place = w.place(d.Place).Name
	}
	for _, t := range alerting.FaultTypes() {
		if t.Code == f.Code {
			out.Severity = t.Severity
		}
	}
	return out
}

// initials shortens "Aniela Kowalczyk" to "A. K.".
func initials(name string) string {
	var out []string
	for _, f := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(f)
		out = append(out, string(r)+".")
	}
	return strings.Join(out, " ")
}

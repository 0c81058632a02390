package dashboards

import (
	"cmp"
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
	// token is what a program came with; nil for people.
	token *Token
	// of are the residents whose family v is.
	of []alerting.ResidentID
	// only is the one alarm that a link opens; "" for the whole site.
	only alerting.AlarmID
	// told is that alarm as the link tells of it; nil when it does not.
	told *alerting.Alarm
	// back: looks back. An alarm that was open then is no reason to know names.
	back bool
	// open: has not signed in; the demo is open to whoever comes.
	open bool
}

func (v viewer) answers() bool { return v.comes() || v.role == RoleCentre }

// comes reports whether v is somebody who comes: a nurse, and a manager who is
// a responder too.
func (v viewer) comes() bool {
	return v.role == RoleNurse || v.role == RoleManager && v.person != ""
}

// faults reports whether v is shown technical faults: not at the bedside.
func (v viewer) faults() bool { return v.may(DevicesRead) }

// hears reports whether v is shown devices: all people, and programs that may.
func (v viewer) hears() bool { return v.role != RoleProgram || v.may(DevicesRead) }

// name is a responder's name, or the id for a program that may not know names.
func (v viewer) name(w *Ward, p alerting.Person) string {
	if v.role == RoleProgram && !v.may(PeopleRead) {
		return string(p)
	}
	return w.person(p)
}

// named reports whether v may see who called: the centre while the alarm is
// open, a nurse while it is theirs, nobody else.
func (v viewer) named(a *alerting.Alarm) bool {
	if v.back {
		return false
	}
	switch {
	case v.role == RoleCentre:
		return a.Open()
	case v.comes():
		return a.Open() && a.Holder == v.person && v.person != ""
	case v.role == RoleProgram:
		return a.Open() && v.may(PeopleRead)
	}
	return false
}

// coded reports whether v may see the key-safe codes of who called.
func (v viewer) coded(a *alerting.Alarm) bool {
	if v.role == RoleProgram { // it need not know names to open a door
		return a.Open() && v.may(CodesRead)
	}
	return v.named(a) && v.may(CodesRead)
}

// alarmView is an alarm as one viewer sees it. Empty parts are absent.
type alarmView struct {
	ID       alerting.AlarmID  `json:"id" doc:"Opaque, for ever." example:"a-4k7m2q8n"`
	Number   int               `json:"number" doc:"Counts the site's alarms: what people say to each other."`
	Kind     devices.Kind      `json:"kind" doc:"panic, fall, inactivity, medical, smoke, gas, co, heat, flood, intruder, wandering, bed_exit; technical, which is of faults."`
	Priority alerting.Priority `json:"priority" enum:"high,medium,low" doc:"How urgent."`
	State    alerting.State    `json:"state" enum:"raised,acknowledged,attended,closed" doc:"Raised: nobody has it. Acknowledged: somebody comes. Attended: somebody is there."`
	Drill    bool              `json:"drill,omitempty" doc:"It is a drill: nobody called."`
	Away     bool              `json:"away,omitempty" doc:"Whoever stays there was said to be away."`
	Late     bool              `json:"late,omitempty" doc:"The device said it late: it was stored or kept on the way."`
	Device   devices.ID        `json:"device,omitempty" doc:"Which device; absent when raised by hand."`
	Source   string            `json:"source,omitempty" doc:"The device's name."`
	PlaceID  alerting.PlaceID  `json:"place_id,omitempty" doc:"Where, as an opaque id."`
	Place    string            `json:"place" doc:"Where, as people call it."`
	WayIn    string            `json:"way_in,omitempty" doc:"How to get in."`
	Phone    string            `json:"phone,omitempty" doc:"The speaker or telephone there."`
	Persons  []personView      `json:"persons,omitempty" doc:"Who stays there."`
	Hidden   bool              `json:"hidden,omitempty" doc:"Their names are shown to whoever takes it."`
	KeySafe  bool              `json:"key_safe,omitempty" doc:"There is a code to ask for."`

	HeardAt    time.Time        `json:"heard_at,omitzero" doc:"When the fall was told, where it waited for a cancel before it was raised."`
	RaisedAt   time.Time        `json:"raised_at" doc:"When it was raised."`
	RaisedBy   string           `json:"raised_by,omitempty" doc:"Who raised it by hand."`
	AckedAt    time.Time        `json:"acked_at,omitzero" doc:"When somebody first had it."`
	AttendedAt time.Time        `json:"attended_at,omitzero" doc:"When somebody was there first."`
	ClosedAt   time.Time        `json:"closed_at,omitzero" doc:"When it was closed."`
	Outcome    alerting.Outcome `json:"outcome,omitempty" doc:"How it ended."`
	Reopen     time.Time        `json:"reopen_until,omitzero" doc:"Until when it can be opened again."`
	Holder     string           `json:"holder,omitempty" doc:"Who has it: a name, or the id for those who may not know it."`
	HolderID   alerting.Person  `json:"holder_id,omitempty" doc:"Who has it, as an opaque id."`
	Yours      bool             `json:"yours,omitempty" doc:"It is whoever asks."`
	HeldFrom   time.Time        `json:"held_from,omitzero" doc:"Since when they have it."`
	With       []string         `json:"with,omitempty" doc:"Who has it beside the holder."`
	Wanted     int              `json:"wanted,omitempty" doc:"How many people have to take it; one where it is left out."`
	Offered    string           `json:"offered,omitempty" doc:"Whom the holder has asked to take over."`
	HelpWanted bool             `json:"help_wanted,omitempty" doc:"More people are wanted than have it."`

	Presses   int       `json:"presses" doc:"How often it was pressed; radio repeats do not count."`
	LastPress time.Time `json:"last_press" doc:"When last."`
	Step      int       `json:"step" doc:"The step of the policy that was called last, from 1."`
	Turn      int       `json:"turn,omitempty" doc:"How often the last step was repeated."`
	Deadline  time.Time `json:"deadline,omitzero" doc:"When something is done next if nobody answers."`
	Waits     string    `json:"waits,omitempty" enum:"over,hours" doc:"Of a technical alarm that calls nobody now: over, since nothing is wrong any more, so that it is closed by its deadline and called again only if the fault comes back; hours, until technicians can be called, at its deadline."`
	Reached   bool      `json:"reached,omitempty" doc:"Some channel has accepted a call of this step. Nobody has answered by that."`
	Steps     []Step    `json:"steps,omitempty" doc:"The policy in words."`
	Called    []string  `json:"called,omitempty" doc:"Who was called in this step."`
	// Before is why a board does not say of people on a break that they were called.
	Before   [][]string `json:"called_before,omitempty" doc:"Who was called in each of the steps before this one; nobody where nobody could be."`
	Declined []string   `json:"declined,omitempty" doc:"Who cannot come."`

	Faults *faultsView `json:"faults,omitempty" doc:"Of a technical alarm: what is wrong."`

	Calls   []callView  `json:"calls,omitempty" doc:"Every call, the oldest first."`
	History []entryView `json:"history,omitempty" doc:"Everything that happened, the oldest first."`
	Can     []string    `json:"can,omitempty" doc:"What whoever asks may do now, the next thing first."`
	HandTo  []handView  `json:"hand_to,omitempty" doc:"Whom it can be handed over to, where whoever asks may do that; those on call first."`
}

type handView struct {
	ID     alerting.Person `json:"id" doc:"Opaque id."`
	Name   string          `json:"name" doc:"Their name, or the id again for those who may not know it."`
	OnCall bool            `json:"on_call,omitempty" doc:"Some roster had them on call when this was told."`
}

type personView struct {
	Initials string    `json:"initials" doc:"For those who may not know the name."`
	Name     string    `json:"name,omitempty" doc:"Every look at it is recorded."`
	Born     int       `json:"born,omitempty" doc:"The year."`
	Until    time.Time `json:"until,omitzero" doc:"When the stay ends."`
	Notes    string    `json:"notes,omitempty" doc:"What a helper must know."`
	Family   []Contact `json:"family,omitempty" doc:"Whom to telephone."`
}

type callView struct {
	Step    int               `json:"step" doc:"The step of the policy."`
	To      string            `json:"to" doc:"Who was called."`
	Channel string            `json:"channel" doc:"How: the channel's name in telecare.yaml."`
	Reason  alerting.Reason   `json:"reason" doc:"call, or again: pressed again, or more help wanted."`
	At      time.Time         `json:"at" doc:"When."`
	State   alerting.Delivery `json:"state" enum:"sending,delivered,failing,withdrawn,missed" doc:"How far it has come. Delivered is not answered."`
	DoneAt  time.Time         `json:"done_at,omitzero" doc:"When it came so far."`
	OnPhone time.Time         `json:"on_phone_at,omitzero" doc:"When the channel reported that it is on the telephone; absent where it says nothing of that. Nobody has answered by that."`
	Error   string            `json:"error,omitempty" doc:"Why it fails."`
	Answer  alerting.What     `json:"answer,omitempty" doc:"What the person did about it."`
	Opened  time.Time         `json:"answer_at,omitzero" doc:"When."`
}

type entryView struct {
	At    time.Time     `json:"at" doc:"When."`
	What  alerting.What `json:"what" doc:"raised, pressed_again, step_called, step_passed, rests, on_break, last_resort, reached, not_reached, taken, declined, given_back, left, offered, offer_over, lapsed, arrived, help_wanted, closed, reopened, cancelled_late, moved, back_in_bed, faults_changed, faults_worse, waits_for_hours, seems_over."`
	Who   string        `json:"who,omitempty" doc:"Who did it, or was called; … for those who may not know who."`
	You   bool          `json:"you,omitempty" doc:"It was whoever asks."`
	To    string        `json:"to,omitempty" doc:"Who was asked to take over."`
	Step  int           `json:"step,omitempty" doc:"The step of the policy."`
	Until time.Time     `json:"until,omitzero" doc:"When something is done next, where that follows from it."`
	Text  string        `json:"text,omitempty" doc:"A code, such as the outcome; never free text."`
}

// alarm renders one alarm for a viewer.
func (v viewer) alarm(w *Ward, a *alerting.Alarm) alarmView {
	if v.role == RoleFamily {
		return v.ownAlarm(w, a)
	}
	place := w.place(a.Place)
	out := alarmView{
		ID: a.ID, Number: a.Number, Kind: a.Kind, Priority: a.Priority, State: a.State, Late: a.Late, Drill: a.Drill, Away: a.Away,
		PlaceID: a.Place, Place: place.Name, HeardAt: a.HeardAt, RaisedAt: a.RaisedAt, ClosedAt: a.ClosedAt,
		AckedAt: a.AckedAt, AttendedAt: a.AttendedAt, Outcome: a.Outcome,
		Presses: a.Presses, LastPress: a.LastPress, Step: a.Step, Turn: a.Turn,
	}
	out.Waits = waits(a)
	if out.Faults = faultsOf(w, a); out.Faults != nil {
		out.Place = cmp.Or(out.Faults.Root, strings.Join(out.Faults.At, "; "))
	}
	// A technical alarm is a technician's own: who was called, and who has it.
	theirs := v.role == RoleTechnician && a.Kind == alerting.Technical
	if v.role == RoleTechnician && !theirs {
		out.Device, out.Source = a.Device, w.device(a.Device).Name
		return out // where and what, never who
	}
	out.HeldFrom, out.HelpWanted, out.Deadline, out.Reached = a.HeldFrom, a.HelpWanted, a.Deadline, a.Reached
	if a.Holder != "" {
		out.Holder, out.HolderID, out.Yours = v.name(w, a.Holder), a.Holder, v.has(a)
	}
	for _, p := range a.With {
		out.With = append(out.With, v.name(w, p))
	}
	if out.Wanted = a.Wanted; a.Offered != "" {
		out.Offered = v.name(w, a.Offered)
	}
	out.Called = v.called(w, a, a.Step, a.StepAt)
	for step := 1; step < a.Step; step++ {
		out.Before = append(out.Before, v.called(w, a, step, a.RaisedAt))
	}
	for _, p := range a.Declined {
		out.Declined = append(out.Declined, v.name(w, p))
	}
	if v.role != RoleProgram || v.may(PeopleRead) {
		out.Steps = w.Policies[a.Policy] // they are names, too
		out.Persons, out.Hidden, out.KeySafe = v.persons(w, a)
	}
	if !v.answers() && v.role != RoleProgram && !theirs {
		return out
	}
	if a.Device != "" {
		out.Device, out.Source = a.Device, w.device(a.Device).Name
	}
	if a.RaisedBy != "" {
		out.RaisedBy = v.name(w, a.RaisedBy)
	}
	if v.may(PeopleRead) && (v.answers() || v.role == RoleProgram) {
		out.WayIn, out.Phone = place.WayIn, place.Phone
	}
	out.Calls = v.calls(w, a)
	out.History = v.history(w, a)
	if v.may(AlarmsWrite) || a.Kind == alerting.Technical && v.may(FaultsWrite) {
		out.Can = v.can(a)
		if slices.Contains(out.Can, "hand-over") {
			out.HandTo = v.handTo(w, a, time.Now())
		}
	}
	if !a.Open() {
		out.Reopen = a.ClosedAt.Add(alerting.ReopenFor)
	}
	return out
}

// persons renders who calls.
func (v viewer) persons(w *Ward, a *alerting.Alarm) (out []personView, hidden, code bool) {
	named, coded := v.named(a), v.coded(a)
	for _, s := range w.residents(a) {
		p := personView{Initials: initials(s.Name)}
		if named {
			p.Name, p.Born, p.Until, p.Notes, p.Family = s.Name, s.Born, s.until, s.Notes, s.Family
		}
		code = code || coded && s.KeySafe != ""
		out = append(out, p)
	}
	return out, len(out) > 0 && v.comes() && a.Open() && !named, code
}

// called lists who was called in a step since a time, each once.
func (v viewer) called(w *Ward, a *alerting.Alarm, step int, since time.Time) []string {
	out := []string{}
	for _, c := range a.Calls {
		if c.Step == step && c.Reason == alerting.Calling && !c.At.Before(since) {
			if n := v.name(w, c.To); !slices.Contains(out, n) {
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
			Step: c.Step, To: v.name(w, c.To), Channel: string(c.Channel), Reason: c.Reason,
			At: c.At, State: c.State, DoneAt: c.DoneAt, OnPhone: c.OnPhoneAt,
		}
		if v.role == RoleCentre || v.role == RoleTechnician {
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
			x.Who, x.You = v.name(w, e.Who), e.Who == v.person
		}
		if e.To != "" {
			x.To = v.name(w, e.To)
		}
		if e.What == alerting.StepCalled {
			var who []string
			for _, c := range a.Calls {
				if c.Reason == alerting.Calling && c.Step == e.Step && c.At.Equal(e.At) {
					if n := v.name(w, c.To); !slices.Contains(who, n) {
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

// handTo lists who may be asked to take an alarm over: whoever can be called now
// and has not got it.
func (v viewer) handTo(w *Ward, a *alerting.Alarm, now time.Time) []handView {
	on := w.onCall(now)
	var first, then []handView
	for _, p := range w.People {
		if p.ID == v.person || slices.Contains(a.With, p.ID) || len(w.Plan.People[p.ID].Contacts) == 0 || w.Plan.Resting(p.ID, now) {
			continue
		}
		x := handView{p.ID, v.name(w, p.ID), on[p.ID]}
		if x.OnCall {
			first = append(first, x)
		} else {
			then = append(then, x)
		}
	}
	return append(first, then...)
}

// has reports whether a viewer is one of those who have an alarm.
func (v viewer) has(a *alerting.Alarm) bool {
	return v.person != "" && (a.Holder == v.person || slices.Contains(a.With, v.person))
}

// can lists what a viewer may do with an alarm, the next thing first.
func (v viewer) can(a *alerting.Alarm) []string {
	yours := v.has(a)
	switch {
	case a.State == alerting.Raised:
		return []string{"take", "arrive", "close", "decline", "help"}
	case a.State == alerting.Acknowledged && a.HelpWanted && !yours:
		return []string{"take", "arrive", "close", "decline", "help"}
	case a.Offered == v.person && a.Open():
		return []string{"take", "decline"}
	case a.State == alerting.Acknowledged && a.Holder == v.person:
		return []string{"arrive", "close", "decline", "help", "hand-over"}
	case a.State == alerting.Acknowledged && yours:
		return []string{"arrive", "close", "decline", "help"}
	case a.State == alerting.Acknowledged:
		return []string{"arrive", "close", "help"}
	case a.State == alerting.Attended && a.HelpWanted && !yours:
		return []string{"take", "close", "decline", "help"}
	case a.State == alerting.Attended && a.Holder == v.person:
		return []string{"close", "help", "hand-over"}
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
	Name    string          `json:"name" doc:"As people call it."`
	Kind    string          `json:"kind,omitempty" doc:"Its role: pendant, radar, …"`
	Source  string          `json:"source,omitempty" doc:"How it is heard, in words."`
	PlaceID string          `json:"place_id,omitempty" doc:"Where, as an opaque id."`
	Place   string          `json:"place,omitempty" doc:"Where, as people call it."`
	Address devices.Address `json:"address,omitempty" doc:"Its name on the wire; needs frames:read."`
}

func (v viewer) device(w *Ward, s devices.Status) deviceView {
	d := w.device(s.ID)
	out := deviceView{Status: s, Name: d.Name, Kind: d.Kind, Source: d.Source, PlaceID: string(d.Place)}
	if d.Place != "" {
		out.Place = w.place(d.Place).Name
	}
	if v.role == RoleNurse || v.role == RoleBoard {
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
	heard := map[devices.ID]bool{}
	for _, s := range known {
		heard[s.ID] = true
		out = append(out, v.device(w, s))
	}
	for _, d := range w.Devices {
		if !heard[d.ID] {
			out = append(out, v.device(w, devices.Status{ID: d.ID, Life: devices.LifeUnknown}))
		}
	}
	return out
}

type faultView struct {
	alerting.Fault
	On       bool              `json:"on" doc:"It has begun; in the stream it can also have ended."`
	Name     string            `json:"name" doc:"The device's name, or the subject again."`
	Place    string            `json:"place,omitempty" doc:"Where the device is."`
	Severity alerting.Severity `json:"severity,omitempty" enum:"unheard,soon,nuisance" doc:"Somebody might not be heard; will not be, if nothing is done; a nuisance."`
}

func (v viewer) fault(w *Ward, f alerting.Fault, on bool) faultView {
	d := w.device(devices.ID(f.Subject))
	out := faultView{Fault: f, On: on, Name: d.Name}
	if d.Place != "" {
		out.Place = w.place(d.Place).Name
	} else if p := w.place(alerting.PlaceID(f.Subject)); out.Name == f.Subject { // a fault of a place, or of what is none
		out.Name = p.Name
	}
	switch f.Code {
	case alerting.WatchBlind:
		out.Name, out.Place = v.watch(w, f)
	case alerting.ContactBad:
		if who, channel, ok := strings.Cut(f.Subject, "/"); ok {
			out.Name = v.name(w, alerting.Person(who)) + ", " + channel
		}
	case alerting.RosterHole:
		out.Name = cmp.Or(w.RosterNames[alerting.RosterID(f.Subject)], w.PolicyNames[alerting.PolicyID(f.Subject)], f.Subject)
	}
	if f.Code == alerting.ScreenAway {
		out.Name = v.name(w, alerting.Person(f.Subject))
	}
	out.Severity = alerting.FaultTypeOf(f.Code).Severity
	return out
}

// watch names the subject of a blind watch: where it watched when it went blind,
// and for those who may know it whom, by initials.
func (v viewer) watch(w *Ward, f alerting.Fault) (name, place string) {
	spec, known := w.Plan.Watches[alerting.WatchID(f.Subject)]
	if !known {
		return f.Subject, ""
	}
	at, who := spec.Place, ""
	if spec.Resident != "" {
		stay, _ := w.Plan.Whereabouts().Now(spec.Resident, f.Since)
		at = stay.Place
		if r := w.resident(spec.Resident); r != nil && v.may(StaysRead) {
			who = initials(r.Name)
		}
	}
	if at != "" {
		place = w.place(at).Name
	}
	if place != "" && who != "" {
		return place + ", " + who, place
	}
	return cmp.Or(place, who, f.Subject), place
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

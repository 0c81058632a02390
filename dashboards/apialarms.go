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

type alarmList struct {
	Seq    uint64      `json:"seq" doc:"The place in the stream of /live from which this was taken."`
	At     time.Time   `json:"at" doc:"The gateway's time."`
	Alarms []alarmView `json:"alarms" doc:"In the order of their numbers."`
	// Technical are apart: a program that counts people's alarms counts no faults.
	Technical []alarmView `json:"technical_alarms,omitempty" doc:"Technical alarms, which are of faults; with devices:read."`
}

// ofAlarm and ofLink are what is sent about one alarm.
type ofAlarm[B any] struct {
	ID   alerting.AlarmID `path:"id" maxLength:"200" doc:"The alarm's id." example:"a-4k7m2q8n"`
	Body B
}

type ofLink[B any] struct {
	Token string `path:"token" maxLength:"1000" doc:"What follows /a/ in the link of a call."`
	Body  B
}

type closing struct {
	Outcome outcome `json:"outcome" doc:"How it ended."`
}

type handing struct {
	To alerting.Person `json:"to" maxLength:"200" doc:"Who is asked to take it over: one of the alarm’s hand_to, or of GET /people." example:"s-3"`
}

type raising struct {
	Kind  alarmKind        `json:"kind" doc:"What kind of alarm."`
	Place alerting.PlaceID `json:"place" maxLength:"200" doc:"Where: a place of GET /site." example:"l-3"`
	Drill bool             `json:"drill,omitempty" example:"false" doc:"To see how it goes: people are called as ever, every message says that it is a drill, and no number counts it."`
}

type raisedView struct {
	ID alerting.AlarmID `json:"id" doc:"The alarm's id." example:"a-4k7m2q8n"`
}

type codesView struct {
	Codes []string  `json:"codes" doc:"Of the key safes of those who stay there."`
	At    time.Time `json:"at" doc:"When this look was recorded."`
}

type list[T any] struct{ Body T }

// none is an answer that has no more to say than that it is done.
type none struct{}

// what is something that can be said of an alarm.
type what struct {
	action, summary, more string
	in                    func(alerting.AlarmID, alerting.Person) alerting.Input
}

// whats are all but close, which says more.
func whats() []what {
	return []what{
		{"take", "Take an alarm: somebody comes", "Everybody else who was called is told to stop. 409 already_held says who has it.",
			func(a alerting.AlarmID, p alerting.Person) alerting.Input { return alerting.Take{Alarm: a, By: p} }},
		{"decline", "Say that one cannot come, or give an alarm back", "If they had it, it is raised again.",
			func(a alerting.AlarmID, p alerting.Person) alerting.Input { return alerting.Decline{Alarm: a, By: p} }},
		{"arrive", "Say that somebody is with the person", "Takes the alarm too, if nobody had it.",
			func(a alerting.AlarmID, p alerting.Person) alerting.Input { return alerting.Arrive{Alarm: a, By: p} }},
		{"help", "Ask for more people", "The escalation goes on until another one takes it too.",
			func(a alerting.AlarmID, p alerting.Person) alerting.Input { return alerting.NeedHelp{Alarm: a, By: p} }},
		{"reopen", "Open an alarm again that was closed by mistake", "Within 10 minutes; later it is 409 too_late.",
			func(a alerting.AlarmID, p alerting.Person) alerting.Input { return alerting.Reopen{Alarm: a, By: p} }},
	}
}

// recovers lists what brings an alarm back that a crash forgot, if it is said
// by a link that tells of it.
func recovers() []string { return []string{"take", "decline", "arrive", "help", "close"} }

func (h *Handler) alarmOperations(api huma.API) {
	get := func(id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Description: more, Tags: []string{"alarms"}}
	}
	post := func(id, path, summary, more, tag string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Description: more, Tags: []string{tag}}
	}
	add(h, api, AlarmsRead, get("list-alarms", "/alarms", "List the alarms that are open, and those closed in the last hour", "With their history."),
		func(_ context.Context, v viewer, in *struct {
			State string `query:"state" enum:"open,closed" doc:"Only these."`
		}) (*list[alarmList], error) {
			s := h.hub.now()
			not := func(a alarmView) bool {
				return in.State != "" && (in.State == "closed") != (a.State == alerting.Closed)
			}
			alarms := slices.DeleteFunc(v.alarms(s), not)
			h.looked(v, map[alerting.AlarmID]bool{}, message{Alarms: alarms})
			return &list[alarmList]{alarmList{s.seq, time.Now(), append([]alarmView{}, alarms...), slices.DeleteFunc(v.technicalAlarms(s), not)}}, nil
		})
	add(h, api, AlarmsRead, get("get-alarm", "/alarms/{id}", "Look at one alarm", "Open, or closed in the last hour."),
		func(_ context.Context, v viewer, in *struct {
			ID alerting.AlarmID `path:"id" maxLength:"200" doc:"The alarm's id." example:"a-4k7m2q8n"`
		}) (*list[alarmView], error) {
			a, ward := h.hub.alarm(in.ID)
			if a == nil {
				return nil, h.refused(v, &Refusal{Why: alerting.NoSuchAlarm})
			}
			out := v.alarm(ward, a)
			h.looked(v, map[alerting.AlarmID]bool{}, message{Alarm: &out})
			return &list[alarmView]{out}, nil
		}, http.StatusNotFound)
	raise := post("raise-alarm", "/alarms", "Raise an alarm by hand", "Somebody has telephoned, or called out.", "alarms")
	raise.DefaultStatus = http.StatusCreated
	add(h, api, AlarmsWrite, raise,
		func(ctx context.Context, v viewer, in *struct{ Body raising }) (*list[raisedView], error) {
			ward := h.hub.names()
			if !slices.ContainsFunc(ward.Places, func(p Place) bool { return p.ID == in.Body.Place }) {
				return nil, h.refused(v, &Refusal{Why: alerting.NoSuchPlace})
			}
			var id alerting.AlarmID
			err := h.ask(ctx, v, func(ctx context.Context) (err error) {
				id, err = h.o.Desk.Raise(ctx, alerting.RaiseByHand{Kind: devices.Kind(in.Body.Kind), Place: in.Body.Place, By: v.person, Drill: in.Body.Drill})
				return err
			})
			if err != nil {
				return nil, err
			}
			return &list[raisedView]{raisedView{id}}, nil
		}, http.StatusServiceUnavailable)

	refusals := []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}
	for _, x := range whats() {
		add(h, api, answering, post(x.action+"-alarm", "/alarms/{id}/"+x.action, x.summary, x.more, "alarms"),
			func(ctx context.Context, v viewer, in *ofAlarm[*none]) (*none, error) {
				return nil, h.answer(ctx, v, in.ID, x.in(in.ID, v.person))
			}, refusals...)
		add(h, api, everybody, post(x.action+"-by-link", "/links/{token}/"+x.action, x.summary+", by a link", x.more, "links"),
			func(ctx context.Context, _ viewer, in *ofLink[*none]) (*none, error) {
				return nil, h.linkAct(ctx, in.Token, x.action, x.in)
			}, refusals...)
	}
	const over = "Ask somebody to take an alarm over"
	const till = "For whoever has it, who has it until the other one takes it. If that one cannot, or does not answer within a minute, it is raised again."
	add(h, api, answering, post("hand-over-alarm", "/alarms/{id}/hand-over", over, till, "alarms"),
		func(ctx context.Context, v viewer, in *ofAlarm[handing]) (*none, error) {
			return nil, h.answer(ctx, v, in.ID, alerting.HandOver{Alarm: in.ID, By: v.person, To: in.Body.To})
		}, refusals...)
	add(h, api, everybody, post("hand-over-by-link", "/links/{token}/hand-over", over+", by a link", till, "links"),
		func(ctx context.Context, _ viewer, in *ofLink[handing]) (*none, error) {
			return nil, h.linkAct(ctx, in.Token, "hand-over", func(a alerting.AlarmID, p alerting.Person) alerting.Input {
				return alerting.HandOver{Alarm: a, By: p, To: in.Body.To}
			})
		}, refusals...)
	const how = "Close an alarm, and say how it ended"
	add(h, api, answering, post("close-alarm", "/alarms/{id}/close", how, "", "alarms"),
		func(ctx context.Context, v viewer, in *ofAlarm[closing]) (*none, error) {
			return nil, h.answer(ctx, v, in.ID, alerting.Close{Alarm: in.ID, By: v.person, Outcome: alerting.Outcome(in.Body.Outcome)})
		}, refusals...)
	add(h, api, everybody, post("close-by-link", "/links/{token}/close", how+", by a link", "", "links"),
		func(ctx context.Context, _ viewer, in *ofLink[closing]) (*none, error) {
			return nil, h.linkAct(ctx, in.Token, "close", func(a alerting.AlarmID, p alerting.Person) alerting.Input {
				return alerting.Close{Alarm: a, By: p, Outcome: alerting.Outcome(in.Body.Outcome)}
			})
		}, refusals...)

	const codes = "Read the key-safe codes of whoever stays there"
	add(h, api, CodesRead, post("alarm-codes", "/alarms/{id}/keysafe", codes, "For the centre, and for the nurse who has the alarm, while it is open. Every look is recorded.", "alarms"),
		func(_ context.Context, v viewer, in *ofAlarm[*none]) (*list[codesView], error) {
			return h.keySafe(v, in.ID)
		})
	add(h, api, everybody, post("codes-by-link", "/links/{token}/keysafe", codes+", by a link", "For the nurse who has the alarm, while it is open. Every look is recorded.", "links"),
		func(_ context.Context, _ viewer, in *ofLink[*none]) (*list[codesView], error) {
			v, err := h.byLink(in.Token)
			if err != nil {
				return nil, err
			}
			return h.keySafe(v, v.only)
		}, http.StatusNotFound, http.StatusConflict)
}

// answer is act about one alarm: whoever may answer technical ones alone answers
// no other, and none that is not known here.
func (h *Handler) answer(ctx context.Context, v viewer, id alerting.AlarmID, in alerting.Input) error {
	if !v.may(AlarmsWrite) {
		switch a, _ := h.hub.alarm(id); {
		case a == nil:
			return h.refused(v, &Refusal{Why: alerting.NoSuchAlarm})
		case a.Kind != alerting.Technical:
			return forbidden()
		}
	}
	return h.act(ctx, v, in)
}

// act gives the desk an input and says how it went.
func (h *Handler) act(ctx context.Context, v viewer, in alerting.Input) error {
	return h.ask(ctx, v, func(ctx context.Context) error { return h.o.Desk.Act(ctx, in) })
}

func (h *Handler) ask(ctx context.Context, v viewer, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, actLimit)
	defer cancel()
	if v.token != nil {
		h.o.Log.Info("a program answers", "token", v.token.Name, "person", v.person)
	}
	return h.failed(v, do(ctx))
}

// keySafe hands out the codes of whoever stays at the alarm's place, and
// records that it did.
func (h *Handler) keySafe(v viewer, id alerting.AlarmID) (*list[codesView], error) {
	a, ward := h.hub.alarm(id)
	if a == nil || !v.coded(a) {
		return nil, problem(http.StatusForbidden, "not_yours")
	}
	codes := []string{}
	for _, s := range ward.residents(a) {
		if s.KeySafe != "" {
			codes = append(codes, s.KeySafe)
		}
	}
	h.look(v, sawCodes, id)
	return &list[codesView]{codesView{codes, time.Now()}}, nil
}

package dashboards

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// glassFor is how long a glass that was broken stays open.
const glassFor = 15 * time.Minute

// glass is whose notes and codes somebody may see although nobody called.
type glass struct {
	mu   sync.Mutex
	open map[pane]opened
}

type opened struct {
	until time.Time
	why   string // the reason that was given
}

type pane struct {
	person alerting.Person
	of     alerting.ResidentID
}

func (g *glass) breaks(p pane, why string, now time.Time) (until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = map[pane]opened{}
	}
	for k, o := range g.open {
		if !now.Before(o.until) {
			delete(g.open, k)
		}
	}
	until = now.Add(glassFor)
	g.open[p] = opened{until, why}
	return until
}

func (g *glass) broken(p pane, now time.Time) (opened, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, ok := g.open[p]
	return o, ok && now.Before(o.until)
}

type breaking struct {
	Reason string `json:"reason" minLength:"10" maxLength:"300" doc:"Why it must be without an alarm. It is kept beside the look." example:"Her daughter rings: nobody opens the door"`
}

type brokenView struct {
	Until time.Time `json:"until" doc:"Until when notes and codes can be read: 15 minutes."`
}

type unlockedView struct {
	ID      alerting.ResidentID `json:"id" doc:"Opaque id."`
	Person  personView          `json:"person" doc:"Name, notes, and whom to telephone."`
	Place   string              `json:"place,omitempty" doc:"Where they stay now, as people call it."`
	WayIn   string              `json:"way_in,omitempty" doc:"How to get in there."`
	KeySafe bool                `json:"key_safe,omitempty" doc:"There is a code to ask for."`
	Until   time.Time           `json:"until" doc:"Until when this can be read."`
}

// glassOperations are for the day on which somebody must in, and nobody called.
// What is shown is what an open alarm shows to who holds it.
func (h *Handler) glassOperations(api huma.API) {
	type path struct {
		ID alerting.ResidentID `path:"id" maxLength:"200" doc:"The resident's opaque id, of GET /stays." example:"r-4k7m2q8n"`
	}
	op := func(id, method, at, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/glass/{id}" + at, Summary: summary, Description: more, Tags: []string{"people"}}
	}
	add(h, api, CodesRead, op("break-glass", http.MethodPost, "", "Ask for somebody's notes and codes without an alarm", "With a reason; for the centre and for those who come, not for programs. For 15 minutes, and recorded."),
		func(_ context.Context, v viewer, in *struct {
			ID   alerting.ResidentID `path:"id" maxLength:"200" doc:"The resident's opaque id, of GET /stays." example:"r-4k7m2q8n"`
			Body breaking
		}) (*list[brokenView], error) {
			w := h.hub.names()
			if !v.answers() || v.person == "" {
				return nil, problem(http.StatusForbidden, "not_yours")
			}
			if w.resident(in.ID) == nil {
				return nil, problem(http.StatusNotFound, "no_such_person")
			}
			h.note(v, Look{What: brokeIn, Of: []alerting.ResidentID{in.ID}, Why: in.Body.Reason})
			return &list[brokenView]{brokenView{h.glass.breaks(pane{v.person, in.ID}, in.Body.Reason, time.Now())}}, nil
		}, http.StatusNotFound)
	behind := func(v viewer, id alerting.ResidentID) (*Ward, *Resident, opened, error) {
		o, ok := h.glass.broken(pane{v.person, id}, time.Now())
		w := h.hub.names()
		if r := w.resident(id); ok && r != nil && v.answers() && v.person != "" {
			return w, r, o, nil
		}
		return nil, nil, o, problem(http.StatusForbidden, "glass_closed")
	}
	add(h, api, CodesRead, op("behind-glass", http.MethodGet, "", "Read somebody's notes without an alarm", "After the glass was broken. Every look is recorded."),
		func(_ context.Context, v viewer, in *path) (*list[unlockedView], error) {
			w, r, o, err := behind(v, in.ID)
			if err != nil {
				return nil, err
			}
			out := unlockedView{ID: r.ID, KeySafe: r.KeySafe != "", Until: o.until, Person: personView{Initials: initials(r.Name), Name: r.Name, Born: r.Born, Notes: r.Notes, Family: r.Family}}
			if stay, ok := w.whereabouts.Now(r.ID, time.Now()); ok {
				p := w.place(stay.Place)
				out.Place, out.WayIn = p.Name, p.WayIn
			}
			h.note(v, Look{What: sawName, Of: []alerting.ResidentID{r.ID}, Why: o.why})
			return &list[unlockedView]{out}, nil
		})
	add(h, api, CodesRead, op("codes-behind-glass", http.MethodPost, "/keysafe", "Read somebody's key-safe code without an alarm", "After the glass was broken. Every look is recorded."),
		func(_ context.Context, v viewer, in *struct {
			ID   alerting.ResidentID `path:"id" maxLength:"200" doc:"The resident's opaque id, of GET /stays." example:"r-4k7m2q8n"`
			Body *none
		}) (*list[codesView], error) {
			_, r, o, err := behind(v, in.ID)
			if err != nil {
				return nil, err
			}
			out := codesView{[]string{}, time.Now()}
			if r.KeySafe != "" {
				out.Codes = append(out.Codes, r.KeySafe)
			}
			h.note(v, Look{What: sawCodes, Of: []alerting.ResidentID{r.ID}, Why: o.why})
			return &list[codesView]{out}, nil
		})
}

package dashboards

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// personPath is one of those who can be called.
type personPath struct {
	ID alerting.Person `path:"id" maxLength:"200" doc:"Of GET /people." example:"s-g2y18tmn"`
}

type pausing struct {
	Until time.Time `json:"until" doc:"When it is over, at most 12 hours from now. It ends by itself." example:"2026-11-24T03:30:00+01:00"`
}

// breakOperations let people say that they are on a break.
func (h *Handler) breakOperations(api huma.API) {
	refusals := []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}
	add(h, api, AlarmsWrite, huma.Operation{
		OperationID: "begin-break", Method: http.MethodPut, Path: "/people/{id}/break", Tags: []string{"people"},
		Summary:     "Say that somebody is on a break",
		Description: "While it lasts they are passed by, unless nobody else can be called. People say it of themselves; the centre and programs of anybody.",
	}, func(ctx context.Context, v viewer, in *struct {
		ID   alerting.Person `path:"id" maxLength:"200" doc:"Of GET /people." example:"s-g2y18tmn"`
		Body pausing
	}) (*none, error) {
		if !v.mayPause(in.ID) {
			return nil, problem(http.StatusForbidden, "only_yourself")
		}
		return nil, h.act(ctx, v, alerting.BreakBegins{By: in.ID, Until: in.Body.Until})
	}, refusals...)
	add(h, api, AlarmsWrite, huma.Operation{
		OperationID: "end-break", Method: http.MethodDelete, Path: "/people/{id}/break", Tags: []string{"people"},
		Summary: "Say that somebody is back", Description: "Of somebody who is on no break it changes nothing.",
	}, func(ctx context.Context, v viewer, in *personPath) (*none, error) {
		if !v.mayPause(in.ID) {
			return nil, problem(http.StatusForbidden, "only_yourself")
		}
		return nil, h.act(ctx, v, alerting.BreakEnds{By: in.ID})
	}, refusals...)
}

// mayPause: oneself, and the centre and programs anybody.
func (v viewer) mayPause(p alerting.Person) bool {
	return p == v.person || v.role == RoleCentre || v.token != nil
}

// Break shows that somebody is on a break until then, or is back when until is
// zero. It does not block.
func (h *Hub) Break(who alerting.Person, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.breaks = slices.DeleteFunc(slices.Clone(h.breaks), func(b alerting.Break) bool { return b.Who == who })
	if !until.IsZero() {
		h.breaks = append(h.breaks, alerting.Break{Who: who, Until: until})
	}
	s := h.state()
	s.seq = h.seq + 1
	h.send(change{whole: s})
}

// breakOf is when somebody's break is over; nil when they are on none.
func (h *Hub) breakOf(who alerting.Person) *time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.breaks {
		if b.Who == who {
			return &b.Until
		}
	}
	return nil
}

package dashboards

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/alerting/report"
	"telecare/devices"
)

// Numbers makes reports.
type Numbers interface {
	// Report counts a period. It may take minutes, and ends with ctx. What it
	// returns belongs to many and is not changed.
	Report(ctx context.Context, span report.Span) (*report.Report, error)
}

// asking is what a report is asked for by.
type asking struct {
	Month     string `query:"month" maxLength:"10" doc:"The calendar month; this month, when nothing is given." example:"2026-10"`
	From      string `query:"from" maxLength:"40" doc:"Instead of a month: the first day, or a moment (RFC 3339)." example:"2026-10-05"`
	To        string `query:"to" maxLength:"40" doc:"And the last day, which is in the report, or the moment at which it ends." example:"2026-10-11"`
	Anonymous bool   `query:"anonymous" doc:"Leave names out: opaque ids stay."`
	Format    string `query:"format" enum:"json,csv" doc:"csv for a row an alarm; the same as Accept: text/csv."`
	Accept    string `header:"Accept" doc:"text/csv for a row an alarm."`
}

type reportAnswer struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

const (
	csvType  = "text/csv; charset=utf-8"
	jsonType = "application/json"
)

func (h *Handler) reportOperations(api huma.API) {
	shape := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[report.Report](), true, "Report")
	op := huma.Operation{
		OperationID: "get-report", Method: http.MethodGet, Path: "/report", Tags: []string{"site"},
		Summary: "Count a month: how long people waited, who came, which devices could be heard",
		Description: "For the centre, for technicians, and for tokens with alarms:read and devices:read; not for a screen on a wall. Who comes is left out for technicians, and named for those with people:read. " +
			"As CSV: a row an alarm, in the columns " + strings.Join(report.Columns(), ", ") + ". A long journal takes minutes.",
	}
	add(h, api, DevicesRead, op, func(ctx context.Context, v viewer, in *asking) (*reportAnswer, error) {
		r, err := h.report(ctx, v, in)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if in.Format == "csv" || in.Format == "" && wantsCSV(in.Accept) {
			if err := r.WriteCSV(&b); err != nil {
				return nil, err
			}
			return &reportAnswer{csvType, "attachment; filename=" + strconv.Quote("telecare-"+fileName(r)+".csv"), b.Bytes()}, nil
		}
		if err := r.WriteJSON(&b); err != nil {
			return nil, err
		}
		return &reportAnswer{ContentType: jsonType, Body: b.Bytes()}, nil
	}, http.StatusServiceUnavailable)
	done := api.OpenAPI().Paths["/report"].Get.Responses["200"]
	done.Description = "OK"
	done.Headers = nil
	done.Content = map[string]*huma.MediaType{
		jsonType: {Schema: shape}, csvType: {Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

// fileName is the period, as a file may be called.
func fileName(r *report.Report) string {
	if r.Month != "" {
		return r.Month
	}
	return r.From.Format(time.DateOnly) + "-" + r.Until.Format(time.DateOnly)
}

// wantsCSV reports whether text/csv is asked for rather than JSON.
func wantsCSV(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		switch t, _, _ := mime.ParseMediaType(part); t {
		case "text/csv":
			return true
		case jsonType, "*/*":
			return false
		}
	}
	return false
}

// mayReport reports whether v may read reports: who is judged by them, a nurse,
// and who only hangs on a wall, may not.
func (v viewer) mayReport() bool {
	return v.may(AlarmsRead) && v.may(DevicesRead) && v.role != RoleBoard
}

// report makes a report as v may see it.
func (h *Handler) report(ctx context.Context, v viewer, in *asking) (*report.Report, error) {
	if !v.mayReport() {
		return nil, forbidden()
	}
	ward := h.hub.names()
	zone, err := time.LoadLocation(ward.Zone)
	if err != nil {
		zone = time.UTC
	}
	span, err := report.ParseSpan(in.Month, in.From, in.To, zone, time.Now())
	if err != nil {
		f := problem(http.StatusUnprocessableEntity, "invalid").because(err.Error())
		f.Where = "query.month"
		if in.Month == "" {
			f.Where = "query.from"
		}
		return nil, f
	}
	if h.o.Numbers == nil {
		return nil, problem(http.StatusServiceUnavailable, "no_report")
	}
	r, err := h.o.Numbers.Report(ctx, span)
	if err != nil {
		if ctx.Err() == nil {
			h.o.Log.Error("no report could be made", "error", err)
		}
		return nil, problem(http.StatusServiceUnavailable, "no_report")
	}
	if v.role == RoleTechnician {
		r = r.WithoutPeople()
	}
	if !in.Anonymous {
		r = r.Named(ward.Names(v.may(PeopleRead)))
	}
	return r, nil
}

// Names are what a report calls places and devices, and people for whoever may
// know them.
func (w *Ward) Names(withPeople bool) report.Names {
	places, people, all := map[alerting.PlaceID]string{}, map[alerting.Person]string{}, map[devices.ID]string{}
	for _, p := range w.Places {
		places[p.ID] = p.Name
	}
	if withPeople {
		for _, p := range w.People {
			people[p.ID] = p.Name
		}
	}
	for _, d := range w.Devices {
		all[d.ID] = d.Name
	}
	return report.Names{
		Site: w.Name, Place: func(p alerting.PlaceID) string { return places[p] },
		Person: func(p alerting.Person) string { return people[p] }, Device: func(d devices.ID) string { return all[d] },
	}
}

package dashboards

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"telecare/alerting/report"
	say "telecare/alerting/words"
)

// reportPage is a report as a page, which needs no script and can be printed.
func (h *Handler) reportPage(w http.ResponseWriter, r *http.Request) {
	v, _ := h.viewer(r)
	l := h.lang(r, v.person)
	t := say.In(l).Report
	q := r.URL.Query()
	in := &asking{Month: q.Get("month"), From: q.Get("from"), To: q.Get("to"), Anonymous: q.Get("anonymous") == "true"}
	if in.From != "" || in.To != "" {
		in.Month = "" // the form sends all of its fields
	}
	show := struct {
		Lang      say.Lang
		Title     string
		Words     say.Report
		Asked     *asking
		May       bool
		Problem   string
		Notes     []string
		Sections  []report.Section
		CSV, JSON string
		Story     bool // whoever looks may read an alarm's journal
	}{Lang: l, Title: t.Name, Words: t, Asked: in, May: v.mayReport()}
	status := http.StatusOK
	made, err := h.report(r.Context(), v, in)
	f := new(failure)
	switch {
	case v.role == "":
		status, show.Problem = http.StatusUnauthorized, t.SignIn
	case err == nil:
		show.Title, show.Notes, show.Sections = made.Title(l), made.Notes(l), made.Sections(l)
		show.Story = v.token == nil && v.may(AlarmsRead)
		if beside, ok := h.beside(r.Context(), v, in, made, l); ok {
			show.Sections = slices.Insert(show.Sections, min(1, len(show.Sections)), beside)
		}
		if in.From == "" {
			show.Asked.Month = made.Month
		}
		link := url.Values{}
		for key, value := range map[string]string{"month": show.Asked.Month, "from": in.From, "to": in.To} {
			if value != "" {
				link.Set(key, value)
			}
		}
		if in.Anonymous {
			link.Set("anonymous", "true")
		}
		show.JSON = apiRoot + "/report?" + link.Encode()
		link.Set("format", "csv")
		show.CSV = apiRoot + "/report?" + link.Encode()
	case errors.As(err, &f) && f.Status == http.StatusForbidden:
		status, show.Problem = f.Status, t.NotYours
	case errors.As(err, &f) && f.Status == http.StatusUnprocessableEntity:
		status, show.Problem = f.Status, t.Wrong+" "+f.Message
	default:
		status, show.Problem = http.StatusServiceUnavailable, t.Busy
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "report.html", show); err != nil {
		panic(err) // it is in the binary
	}
	head := w.Header()
	head.Set("Content-Type", kinds[".html"])
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// beside says a month's numbers beside those of the month before.
func (h *Handler) beside(ctx context.Context, v viewer, in *asking, made *report.Report, l say.Lang) (report.Section, bool) {
	if made.Month == "" {
		return report.Section{}, false
	}
	before, err := h.report(ctx, v, &asking{Month: made.From.AddDate(0, -1, 0).Format("2006-01"), Anonymous: in.Anonymous})
	if err != nil { // before the journal can tell: the month stands by itself
		return report.Section{}, false
	}
	return made.Beside(before, l)
}

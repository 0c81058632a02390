package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
)

// Columns are the columns of the CSV, in their order. New ones come at the end,
// and none is ever given another meaning.
func Columns() []string {
	return []string{
		"number", "alarm_id", "kind", "priority", "place_id", "place", "device_id", "device", "policy_id",
		"raised_at", "late", "test", "raised_by_id", "raised_by", "presses",
		"called_at", "acknowledged_at", "acknowledged_by_id", "acknowledged_by", "attended_at", "closed_at", "closed_by_id", "closed_by",
		"state", "outcome", "call_s", "acknowledge_s", "attend_s", "close_s", "within_60s", "within_180s", "lapses", "reopened",
	}
}

// WriteCSV writes one row an alarm, in the order of their numbers, as RFC 4180
// has it: a first line with the columns' names, CRLF after each, and quotes
// where they are needed. Times are RFC 3339 to the second, in the site's zone.
// What is not there is empty. A text that a spreadsheet would take for a
// formula stands behind an apostrophe. [OWASP, CSV Injection]
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(Columns()); err != nil {
		return err
	}
	for i := range r.Rows {
		if err := out.Write(r.Rows[i].cells(r.Made)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (r *Row) cells(now time.Time) []string {
	test := "no"
	switch {
	case r.Drill:
		test = "drill"
	case r.Outcome == alerting.Cancelled:
		test = "cancelled"
	case r.Test:
		test = "test"
	}
	waited := func(m alerting.Milestone) string {
		if took, ok := r.took(m); ok {
			return strconv.FormatFloat(seconds(took), 'f', 3, 64)
		}
		return ""
	}
	within := func(limit int) string {
		_, missed := r.missed(limit, now)
		switch {
		case !r.counted():
			return ""
		case missed:
			return "no"
		case r.kept(limit):
			return "yes"
		}
		return "" // not known yet
	}
	cells := []string{
		strconv.Itoa(r.Number), string(r.Alarm), string(r.Kind), string(r.Priority), string(r.Place), r.PlaceName, string(r.Device), r.DeviceName, string(r.Policy),
		second(r.RaisedAt), yes(r.Late), test, string(r.RaisedBy), r.RaisedName, strconv.Itoa(r.Presses),
		second(r.CalledAt), second(r.AckedAt), string(r.AckedBy), r.AckedName, second(r.AttendedAt), second(r.ClosedAt), string(r.ClosedBy), r.ClosedName,
		string(r.State), string(r.Outcome), waited(alerting.ToCall), waited(alerting.ToAcknowledge), waited(alerting.ToAttend), waited(alerting.ToClose),
		within(soon), within(late), strconv.Itoa(r.Lapses), strconv.Itoa(r.Reopened),
	}
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return cells
}

// harmless keeps a spreadsheet from taking a text for a formula, and RFC 4180
// readers from taking a lone carriage return for the end of a line.
func harmless(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if s != "" && strings.ContainsRune("=+-@\t\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339) // which cuts off, as a clock does
}

package report

import (
	"encoding/json"
	"io"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Names are what people call what has opaque ids. A function that is nil, or
// that returns "", leaves the id alone.
type Names struct {
	Site   string
	Place  func(alerting.PlaceID) string
	Person func(alerting.Person) string
	Device func(devices.ID) string
}

// Named is the report with names put in for somebody who may see them. The
// report itself stays as it is, and may be shown to others.
func (r *Report) Named(n Names) *Report {
	out := r.clone()
	out.SiteName = n.Site
	brief := func(b *Brief) { b.PlaceName = name(n.Place, b.Place) }
	for i := range out.Rows {
		a := &out.Rows[i]
		brief(&a.Brief)
		a.DeviceName = name(n.Device, a.Device)
		a.RaisedName, a.AckedName, a.ClosedName = name(n.Person, a.RaisedBy), name(n.Person, a.AckedBy), name(n.Person, a.ClosedBy)
	}
	for i := range out.Misses {
		m := &out.Misses[i]
		brief(&m.Brief)
		m.ByName = name(n.Person, m.By)
		for j := range m.Tries {
			m.Tries[j].WhoName = name(n.Person, m.Tries[j].Who)
		}
	}
	for i := range out.Lapses {
		l := &out.Lapses[i]
		brief(&l.Brief)
		l.WhoName = name(n.Person, l.Who)
	}
	for i := range out.Late {
		brief(&out.Late[i])
	}
	for i := range out.OpenAtEnd {
		brief(&out.OpenAtEnd[i])
	}
	for i := range out.Places {
		out.Places[i].Name = name(n.Place, alerting.PlaceID(out.Places[i].Key))
	}
	for i := range out.Responders {
		out.Responders[i].Name = name(n.Person, out.Responders[i].Person)
	}
	for i := range out.Devices.Listed {
		d := &out.Devices.Listed[i]
		d.Name, d.PlaceName = name(n.Device, d.Device), name(n.Place, d.Place)
	}
	return out
}

func name[ID ~string](of func(ID) string, id ID) string {
	if of == nil || id == "" {
		return ""
	}
	return of(id)
}

// WithoutPeople is the report for those who may not know who comes: a
// technician. Not even their ids are in it.
func (r *Report) WithoutPeople() *Report {
	out := r.clone()
	out.Responders = nil
	for i := range out.Rows {
		a := &out.Rows[i]
		a.RaisedBy, a.RaisedName, a.AckedBy, a.AckedName, a.ClosedBy, a.ClosedName = "", "", "", "", "", ""
	}
	for i := range out.Misses {
		m := &out.Misses[i]
		m.By, m.ByName = "", ""
		for j := range m.Tries {
			m.Tries[j].Who, m.Tries[j].WhoName = "", ""
		}
	}
	for i := range out.Lapses {
		out.Lapses[i].Who, out.Lapses[i].WhoName = "", ""
	}
	return out
}

// clone copies what may be changed.
func (r *Report) clone() *Report {
	out := *r
	out.Rows = append([]Row{}, r.Rows...)
	out.Misses = append([]Miss{}, r.Misses...)
	for i := range out.Misses {
		out.Misses[i].Tries = append([]Try{}, r.Misses[i].Tries...)
	}
	out.Lapses = append([]Lapse{}, r.Lapses...)
	out.Late = append([]Brief{}, r.Late...)
	out.OpenAtEnd = append([]Brief{}, r.OpenAtEnd...)
	out.Places = append([]Group{}, r.Places...)
	out.Responders = append([]Responder{}, r.Responders...)
	out.Devices.Listed = append([]Device{}, r.Devices.Listed...)
	return &out
}

// WriteJSON writes all but the rows.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// In tells every time in a zone: one that came as JSON knows its offset alone.
func (r *Report) In(zone *time.Location) {
	in := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.In(zone)
			}
		}
	}
	in(&r.From, &r.Until, &r.Made, &r.Known.From)
	for i := range r.Known.Gaps {
		in(&r.Known.Gaps[i].From, &r.Known.Gaps[i].Until)
	}
	for i := range r.Known.Incidents {
		in(&r.Known.Incidents[i].From, &r.Known.Incidents[i].Until)
	}
	brief := func(b *Brief) { in(&b.RaisedAt, &b.AckedAt, &b.ClosedAt) }
	for i := range r.Rows {
		brief(&r.Rows[i].Brief)
		in(&r.Rows[i].CalledAt, &r.Rows[i].AttendedAt)
	}
	for i := range r.Misses {
		brief(&r.Misses[i].Brief)
		for j := range r.Misses[i].Tries {
			in(&r.Misses[i].Tries[j].At)
		}
	}
	for i := range r.Lapses {
		brief(&r.Lapses[i].Brief)
		in(&r.Lapses[i].At)
	}
	for i := range r.Late {
		brief(&r.Late[i])
	}
	for i := range r.OpenAtEnd {
		brief(&r.OpenAtEnd[i])
	}
}

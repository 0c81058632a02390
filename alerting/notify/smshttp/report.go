package smshttp

import (
	"errors"
	"net/url"

	"telecare/alerting"
)

// Receipt is what a gateway reports of a message.
type Receipt struct {
	Alarm        alerting.AlarmID
	Notification alerting.NotificationID
	Status       string // as the gateway says it
}

// report is the address at which the gateway reports a message. It names what
// the receipt is for, by opaque ids.
func (g *Gateway) report(c alerting.Call) string {
	if g.cfg.Reports == "" || c.Alarm == "" { // of no alarm, nobody asks what became of it
		return ""
	}
	return g.cfg.Reports + "?alarm=" + url.QueryEscape(string(c.Alarm)) + "&message=" + url.QueryEscape(string(c.ID)) + "&status="
}

// ErrNoReport is what is no report of a message of ours.
var ErrNoReport = errors.New("names no alarm and message of ours")

// Read reads a report: what came back to the address in {report}, with the
// status behind it or in a parameter of the gateway's own.
func Read(q url.Values, status string) (Receipt, error) {
	r := Receipt{alerting.AlarmID(q.Get("alarm")), alerting.NotificationID(q.Get("message")), q.Get("status")}
	if s := q.Get(status); status != "" && s != "" {
		r.Status = s
	}
	if r.Alarm == "" || r.Notification == "" || r.Status == "" {
		return r, ErrNoReport
	}
	return r, nil
}

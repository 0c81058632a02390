package main

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"telecare/alerting"
	"telecare/alerting/notify/smshttp"
	"telecare/gateway/config"
)

// hooks are where SMS gateways tell what became of a message, and what somebody
// has answered.
type hooks struct{ h *house }

func (k hooks) register(mux *http.ServeMux) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.HandleFunc(method+" /hooks/{channel}/{token}/report", k.report)
		mux.HandleFunc(method+" /hooks/{channel}/{token}/text", k.text)
	}
}

// of is what telecare.yaml says of the hook that is asked for, nil for one that
// there is not: then the answer is given.
func (k hooks) of(w http.ResponseWriter, r *http.Request) (alerting.ChannelID, *config.Reports) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	for _, c := range k.h.callers.Load().Channels {
		if string(c.Name) != r.PathValue("channel") || c.SMS == nil || c.SMS.Reports.URL == "" {
			continue
		}
		have, want := sha256.Sum256([]byte(r.PathValue("token"))), sha256.Sum256([]byte(c.SMS.Reports.Token.Reveal()))
		if subtle.ConstantTimeCompare(have[:], want[:]) == 1 && r.ParseForm() == nil {
			return c.Name, &c.SMS.Reports
		}
	}
	http.NotFound(w, r)
	return "", nil
}

// report takes what became of a message.
func (k hooks) report(w http.ResponseWriter, r *http.Request) {
	channel, cfg := k.of(w, r)
	if cfg == nil {
		return
	}
	receipt, err := smshttp.Read(r.Form, cfg.Status)
	if err != nil {
		http.Error(w, "the report "+err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case pattern(cfg.Failed, smshttp.KannelFailed).MatchString(receipt.Status):
		k.h.receipt(channel, receipt.Alarm, receipt.Notification, false)
	case pattern(cfg.Delivered, smshttp.KannelDelivered).MatchString(receipt.Status):
		k.h.receipt(channel, receipt.Alarm, receipt.Notification, true)
	}
	fmt.Fprintln(w, "noted")
}

// receipt takes what a channel reports of a message that it had accepted. That it
// did not arrive has the next contact called; that it did is shown, and no answer.
func (h *house) receipt(ch alerting.ChannelID, a alerting.AlarmID, n alerting.NotificationID, arrived bool) {
	if arrived {
		h.meter.Count("telecare_notifications_arrived_total", string(ch), 1)
		h.gateway.OnPhone(a, n)
		return
	}
	h.meter.Count("telecare_notifications_missed_total", string(ch), 1)
	h.gateway.NotArrived(a, n)
}

// text takes a text message that somebody has sent. The answer's body is what
// Kannel sends back to them.
func (k hooks) text(w http.ResponseWriter, r *http.Request) {
	channel, cfg := k.of(w, r)
	if cfg == nil {
		return
	}
	from := r.Form.Get(cmp.Or(cfg.From, "from"))
	if strings.HasPrefix(from, " ") { // a plus that a gateway has not escaped
		from = "+" + from[1:]
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, k.h.textAnswer(r.Context(), []alerting.ChannelID{channel}, from, r.Form.Get(cmp.Or(cfg.Text, "text"))))
}

func pattern(p *regexp.Regexp, otherwise string) *regexp.Regexp {
	if p != nil {
		return p
	}
	return regexp.MustCompile(otherwise)
}

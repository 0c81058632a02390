package dashboards

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Link is the address that opens one alarm for one responder, without a
// sign-in, until the alarm is closed. It tells enough of the alarm to bring it
// back when a crash has forgotten it; opaque ids only.
func (h *Handler) Link(a alerting.Alarm, p alerting.Person) string {
	return strings.TrimSuffix(h.settings.Load().PublicURL, "/") + "/a/" + h.token(a, p)
}

// token is the alarm and the responder, and 128 bits of HMAC-SHA256 over them:
// short enough for a text message.
func (h *Handler) token(a alerting.Alarm, p alerting.Person) string {
	where := "d" + string(a.Device) // its place follows from it
	if a.Device == "" {
		where = "p" + string(a.Place)
	}
	what := strings.Join([]string{string(a.ID), string(p), string(a.Kind), where, strconv.FormatInt(a.RaisedAt.Unix(), 36)}, "\x00")
	return b64.EncodeToString([]byte(what)) + "." + b64.EncodeToString(h.sign(what))
}

var b64 = base64.RawURLEncoding.Strict()

func (h *Handler) sign(what string) []byte {
	m := hmac.New(sha256.New, h.o.LinkKey)
	m.Write([]byte("link\x00" + what))
	return m.Sum(nil)[:16]
}

// linkViewer reads a token; false when it is not one of ours.
func (h *Handler) linkViewer(token string) (viewer, bool) {
	if strings.ContainsAny(token, "\r\n") {
		return viewer{}, false // base64 reads over them: one link would have many addresses
	}
	what, mac, _ := strings.Cut(token, ".")
	text, err := b64.DecodeString(what)
	if err != nil {
		return viewer{}, false
	}
	sum, err := b64.DecodeString(mac)
	if err != nil || !hmac.Equal(sum, h.sign(string(text))) {
		return viewer{}, false
	}
	parts := strings.Split(string(text), "\x00")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return viewer{}, false
	}
	v := viewer{person: alerting.Person(parts[1]), role: RoleNurse, only: alerting.AlarmID(parts[0])}
	if len(parts) == 5 { // links of the first days tell no more than who and which
		v.told = h.told(v.only, parts[2], parts[3], parts[4])
	}
	return v, true
}

// told is an alarm as a link tells of it, nobody's yet.
func (h *Handler) told(id alerting.AlarmID, kind, where, raised string) *alerting.Alarm {
	at, err := strconv.ParseInt(raised, 36, 64)
	if err != nil || where == "" {
		return nil
	}
	a := alerting.Alarm{
		ID: id, Kind: devices.Kind(kind), Priority: alerting.PriorityOf(devices.Kind(kind)), State: alerting.Raised,
		RaisedAt: time.Unix(at, 0).UTC(), LastPress: time.Unix(at, 0).UTC(), Presses: 1,
	}
	if where[0] == 'p' {
		a.Place = alerting.PlaceID(where[1:])
		return &a
	}
	a.Device = devices.ID(where[1:])
	ward := h.hub.names()
	a.Place = ward.device(a.Device).Place
	return &a
}

// lost is the alarm of a link when it is not known here and cannot be one that
// was closed: those are known for closedFor.
func (v viewer) lost(known bool) *alerting.Alarm {
	if known || v.told == nil || time.Since(v.told.RaisedAt) >= closedFor {
		return nil
	}
	return v.told
}

// linkPage opens one alarm. It changes nothing: programs that preview links
// open them too.
func (h *Handler) linkPage(w http.ResponseWriter, r *http.Request) {
	v, ok := h.linkViewer(r.PathValue("token"))
	if !ok {
		h.badLink(w, r)
		return
	}
	if a, _ := h.hub.alarm(v.only); a == nil && v.lost(false) == nil {
		h.unknownAlarm(w, r, v)
		return
	}
	h.pageFor(w, r, v.person)
}

func noSuchLink() *failure {
	return problem(http.StatusNotFound, "no_such_link")
}

// byLink is whoever comes with a link whose alarm is not closed.
func (h *Handler) byLink(token string) (viewer, error) {
	v, ok := h.linkViewer(token)
	if !ok {
		return v, noSuchLink()
	}
	if a, _ := h.hub.alarm(v.only); a != nil && !a.Open() {
		return v, problem(http.StatusConflict, string(alerting.AlreadyClosed))
	}
	return v, nil
}

// linkAct answers an alarm by its link. One that is not known here goes to the
// desk all the same: a crash may have forgotten it, a responder has not. The
// link tells of it, and so does the desk.
func (h *Handler) linkAct(ctx context.Context, token, action string, in func(alerting.AlarmID, alerting.Person) alerting.Input) error {
	v, err := h.byLink(token)
	if err != nil {
		return err
	}
	a, _ := h.hub.alarm(v.only)
	if t := v.told; a == nil && t != nil && slices.Contains(recovers(), action) {
		back := alerting.Recover{Alarm: v.only, By: v.person, Kind: t.Kind, Device: t.Device, RaisedAt: t.RaisedAt}
		if t.Device == "" {
			back.Place = t.Place
		}
		if err := h.act(ctx, v, back); err != nil {
			return err
		}
	}
	return h.act(ctx, v, in(v.only, v.person))
}

// originHost is the host and port of an address, "" when it has none.
func originHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

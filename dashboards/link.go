package dashboards

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"telecare/alerting"
)

// Link is the address that opens one alarm for one responder, without a
// sign-in, until the alarm is closed.
func (h *Handler) Link(alarm alerting.AlarmID, p alerting.Person) string {
	return strings.TrimSuffix(h.o.PublicURL, "/") + "/a/" + h.token(alarm, p)
}

// token is the alarm and the responder, and 128 bits of HMAC-SHA256 over them:
// short enough for a text message.
func (h *Handler) token(alarm alerting.AlarmID, p alerting.Person) string {
	what := string(alarm) + "\x00" + string(p)
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
	what, mac, _ := strings.Cut(token, ".")
	text, err := b64.DecodeString(what)
	if err != nil {
		return viewer{}, false
	}
	sum, err := b64.DecodeString(mac)
	if err != nil || !hmac.Equal(sum, h.sign(string(text))) {
		return viewer{}, false
	}
	alarm, person, ok := strings.Cut(string(text), "\x00")
	if !ok || alarm == "" || person == "" {
		return viewer{}, false
	}
	return viewer{person: alerting.Person(person), role: RoleNurse, only: alerting.AlarmID(alarm)}, true
}

// linkPage opens one alarm. It changes nothing: programs that preview links
// open them too.
func (h *Handler) linkPage(w http.ResponseWriter, r *http.Request) {
	v, ok := h.linkViewer(r.PathValue("token"))
	if !ok {
		h.lost(w, "This link is not complete.", "Open it again from the message, whole. If you were called, ring the information centre.")
		return
	}
	if a, _ := h.hub.alarm(v.only); a == nil {
		h.lost(w, "This alarm is not known here.", "It was closed some time ago, or the gateway has just started. If you were called just now, ring the information centre.")
		return
	}
	h.page(w, r)
}

// linkAct answers an alarm by its link. An alarm that is not known here goes to
// the desk all the same: a crash may have forgotten it, a responder has not.
func (h *Handler) linkAct(w http.ResponseWriter, r *http.Request) {
	v, ok := h.linkViewer(r.PathValue("token"))
	if !ok {
		problem(w, http.StatusNotFound, "no_such_link", "This link is not complete, or not of this gateway.")
		return
	}
	if a, _ := h.hub.alarm(v.only); a != nil && !a.Open() {
		problem(w, http.StatusConflict, string(alerting.AlreadyClosed), "This alarm is closed, and its link with it.")
		return
	}
	h.act(w, r, v, v.only, r.PathValue("action"))
}

// originHost is the host and port of an address, "" when it has none.
func originHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

package dashboards

import (
	"log/slog"
	"net/http"

	"telecare/alerting"
)

// Handler serves the page, its HTTP interface under /api/v1 and the links.
type Handler struct {
	o   Options
	hub *Hub
	mux http.Handler
}

// New returns the handler of one site.
func New(o Options, hub *Hub) *Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h := &Handler{o: o, hub: hub, mux: http.NewServeMux()}
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Link is the address that opens one alarm for one responder, without a
// sign-in, until the alarm is closed.
func (h *Handler) Link(alarm alerting.AlarmID, p alerting.Person) string {
	return h.o.PublicURL
}

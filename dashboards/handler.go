package dashboards

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
)

// minLinkKey is the shortest key that signs; a shorter one could be guessed.
const minLinkKey = 16

// Handler serves the page, its HTTP interface under /api/v1 and the links
// under /a/. It wants to be at the root of its host.
type Handler struct {
	o        Options
	hub      *Hub
	sessions *sessions
	settings atomic.Pointer[settings]
	files    map[string]file
	serve    http.Handler
	wrong    wrongTokens
	api      huma.API
	routes   *routes
}

// New returns the handler of one site.
func New(o Options, hub *Hub) *Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if len(o.LinkKey) < minLinkKey {
		o.Log.Warn("no key for links: those that are sent now end when the gateway does")
		o.LinkKey = []byte(rand.Text())
	}
	h := &Handler{o: o, hub: hub, sessions: newSessions(o.Accounts), files: files()}
	h.Change(Settings{Accounts: o.Accounts, PublicURL: o.PublicURL, Secure: o.Secure, Tokens: o.Tokens})

	mux := &routes{ServeMux: http.NewServeMux()}
	h.api, h.routes = h.interfaceOf(mux), mux
	mux.HandleFunc("GET "+apiRoot+"/live", h.live)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { nothingHere().write(w) })
	mux.HandleFunc("GET /a/{token}", h.linkPage)
	mux.HandleFunc("GET /handover", h.handoverPage)
	mux.HandleFunc("GET /calendar/{token}", h.calendarFeed)
	mux.HandleFunc("GET /web/{name}", h.file)
	mux.HandleFunc("GET /report", h.reportPage)
	mux.HandleFunc("GET /{$}", h.page)
	mux.HandleFunc("/", h.noPage)

	h.serve = headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// No other site's page can send a token, and no cookie counts beside one.
		if _, ok := bearer(r); !ok && h.settings.Load().origin.Check(r) != nil {
			problem(http.StatusForbidden, "other_origin").write(w)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve.ServeHTTP(w, r) }

// policy lets the page load its own files and talk to its own host, and
// nothing else: no inline script or style, no frame around it.
const policy = "default-src 'self'; connect-src 'self'; img-src 'self'; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer") // a link's address is its key
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/a/") {
			head.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

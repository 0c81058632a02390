package dashboards

import (
	"crypto/rand"
	"log/slog"
	"net/http"
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
	door     *door
	tried    triedPhones
	codes    *usedCodes
	own      ownSeconds
	glass    glass
	away     away
	saved    []*savings
	streams  streams
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
	h := &Handler{o: o, hub: hub, sessions: newSessions(o.Accounts), files: files(), door: newDoor(), codes: &usedCodes{by: map[string]*usedUp{}, changed: func() {}}}
	h.own.to = o.Seconds
	h.own.load(o.Log)
	h.Change(Settings{Accounts: o.Accounts, PublicURL: o.PublicURL, Secure: o.Secure, Tokens: o.Tokens, Proxied: o.Proxied, Provider: o.Provider})
	h.keepSessions()

	mux := &routes{ServeMux: http.NewServeMux()}
	h.api, h.routes = h.interfaceOf(mux), mux
	mux.HandleFunc("GET "+apiRoot+"/live", h.live)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { nothingHere().write(w) })
	mux.HandleFunc("GET /a/{token}", h.linkPage)
	mux.HandleFunc("GET /handover", h.handoverPage)
	mux.HandleFunc("GET /calendar/{token}", h.calendarFeed)
	mux.HandleFunc("GET /web/{name}", h.file)
	mux.HandleFunc("GET /sw.js", h.worker)
	mux.HandleFunc("GET /offline", h.offline)
	mux.HandleFunc("GET /report", h.reportPage)
	mux.HandleFunc("GET "+signInPath, h.leavePage)
	mux.HandleFunc("GET "+callbackPath, h.backPage)
	mux.HandleFunc("GET /{$}", h.page)
	mux.HandleFunc("/", h.noPage)

	h.serve = Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

package dashboards

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	apiRoot   = "/api/v1"
	bodyLimit = 64 << 10
	// actLimit is how long an answer may take to be on disk before the person
	// is told that it is not yet.
	actLimit = 10 * time.Second
	// bodyTime is how long a body may take to come. The library's own five
	// seconds would end an answer that waits for the disk: a deadline of the
	// connection that passes cancels its request too.
	bodyTime = 2 * actLimit
)

// Who may use an operation, beside a scope.
const (
	everybody Scope = ""
	signedIn  Scope = "*" // any account, any token
	// answering is either of the two; whoever has the second alone is asked
	// again where the alarm is known.
	answering = AlarmsWrite + "|" + FaultsWrite
)

// either lists the scopes of which one is enough.
func either(need Scope) (out []Scope) {
	for s := range strings.SplitSeq(string(need), "|") {
		out = append(out, Scope(s))
	}
	return out
}

// routes is a mux that knows what it serves.
type routes struct {
	*http.ServeMux
	patterns []string
}

// HandleFunc adds a route.
func (r *routes) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	r.patterns = append(r.patterns, pattern)
	r.ServeMux.HandleFunc(pattern, f)
}

// interfaceOf puts the documented operations on the mux, and their description
// beside them.
func (h *Handler) interfaceOf(mux *routes) huma.API {
	asJSON := huma.DefaultJSONFormat
	asJSON.Unmarshal = unmarshal
	api := humago.NewWithPrefix(mux, apiRoot, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "telecare", Version: "1", Description: about},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName), Responses: map[string]*huma.Response{},
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: h.cookie(), Description: "What POST /session sets. Answers must come from a page of this gateway."},
					"token":   {Type: "http", Scheme: "bearer", Description: "What `telecare token` prints. Its scopes are in telecare.yaml."},
				},
			},
			Tags: []*huma.Tag{
				{Name: "alarms", Description: "Somebody needs help."}, {Name: "devices", Description: "What listens, and what is wrong with it."},
				{Name: "people", Description: "Who comes."}, {Name: "stays", Description: "Who stays where, and which carers rest."}, {Name: "registry", Description: "Who and what belongs to the site, record by record, as it is written."}, {Name: "site", Description: "This gateway."}, {Name: "session", Description: "Signing in."},
				{Name: "links", Description: "One alarm for one responder, by the link in the call: the link is the key, until the alarm is closed."},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": asJSON, "json": asJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{ours},
	})
	h.alarmOperations(api)
	h.siteOperations(api)
	h.stayOperations(api)
	h.watchOperations(api)
	h.channelOperations(api)
	h.registryOperations(api)
	h.phoneOperations(api)
	h.handoverOperations(api)
	h.reportOperations(api)
	h.journalOperations(api)
	h.formatOperations(api)
	h.sessionOperations(api)
	describe(api.OpenAPI())
	// The library would write these itself, unguarded, at the first request.
	serve(mux, "openapi.json", "application/openapi+json", func() ([]byte, error) { return json.MarshalIndent(api.OpenAPI(), "", "  ") })
	serve(mux, "openapi.yaml", "application/openapi+yaml", api.OpenAPI().YAML)
	return api
}

// serve serves a description, to anybody: it tells nothing of anybody.
func serve(mux *routes, name, kind string, write func() ([]byte, error)) {
	once := sync.OnceValues(write)
	mux.HandleFunc("GET "+apiRoot+"/"+name, func(w http.ResponseWriter, _ *http.Request) {
		b, err := once()
		if err != nil {
			problem(http.StatusInternalServerError, "internal").write(w)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Write(b)
	})
}

type viewerKey struct{}

// add adds an operation for those who have a scope. The statuses are the
// errors that it can end with, beside those that all have.
func add[I, O any](h *Handler, api huma.API, need Scope, op huma.Operation, f func(context.Context, viewer, *I) (*O, error), statuses ...int) {
	op.MaxBodyBytes, op.BodyReadTimeout = cmp.Or(op.MaxBodyBytes, bodyLimit+1), bodyTime // the library refuses at the limit itself
	op.Middlewares = huma.Middlewares{h.admit(need)}
	switch need {
	case everybody:
		op.Security = []map[string][]string{{}}
	case signedIn:
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
		statuses = append(statuses, http.StatusUnauthorized, http.StatusTooManyRequests)
	default:
		op.Security = []map[string][]string{{"session": {}}}
		for _, s := range either(need) {
			op.Security = append(op.Security, map[string][]string{"token": {string(s)}})
		}
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
		op.Description = strings.TrimSpace(op.Description + " A token needs `" + string(either(need)[0]) + "`")
		if need == answering {
			op.Description += ", or `" + string(FaultsWrite) + "` for a technical alarm"
		}
		op.Description += "."
	}
	if op.Method != http.MethodGet {
		statuses = append(statuses, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	statuses = append(statuses, http.StatusUnprocessableEntity, http.StatusInternalServerError)
	op.Responses = map[string]*huma.Response{}
	for _, s := range statuses {
		op.Responses[strconv.Itoa(s)] = failing(api, s)
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		v, _ := ctx.Value(viewerKey{}).(viewer)
		out, err := f(ctx, v, in)
		if known := new(failure); err != nil && !errors.As(err, &known) {
			h.o.Log.Error("the interface has failed", "operation", op.OperationID, "error", err)
		}
		return out, err
	})
}

// admit lets those in who may, before anything that they sent is read.
func (h *Handler) admit(need Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		var v viewer
		if need != everybody {
			v, _ = h.viewer(r)
			switch {
			case v.role == "":
				h.nobody(r).write(w)
				return
			case need != signedIn && !slices.ContainsFunc(either(need), v.may):
				forbidden().write(w)
				return
			}
		}
		// The content type is asked for because a form of another site cannot
		// send it. A program that has nothing to send need not say it.
		if r.Method != http.MethodGet && (v.token == nil && r.Method != http.MethodDelete || r.ContentLength != 0) {
			if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
				notJSON().write(w)
				return
			}
		}
		next(huma.WithContext(ctx, context.WithValue(context.WithValue(ctx.Context(), viewerKey{}, v), requestKey{}, r)))
	}
}

type requestKey struct{}

// request is the request that an operation answers.
func request(ctx context.Context) *http.Request { return ctx.Value(requestKey{}).(*http.Request) }

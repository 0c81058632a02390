package dashboards

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	say "telecare/alerting/words"
	"telecare/devices"
)

type formatList struct {
	Formats []devices.Format `json:"formats" doc:"Every format that is understood."`
}

// formatOperations tell of formats: nothing of this house or of anybody.
func (h *Handler) formatOperations(api huma.API) {
	add(h, api, signedIn, huma.Operation{
		OperationID: "list-formats", Method: http.MethodGet, Path: "/formats", Summary: "List the formats that are understood", Tags: []string{"devices"},
		Description: "What each reads, gives and guarantees, how its devices are supervised, and what they cannot tell.",
	}, func(ctx context.Context, v viewer, in *struct {
		Lang string `query:"lang" enum:"en,pl" doc:"The language of the texts; the reader's own when it is not given."`
	}) (*list[formatList], error) {
		l := say.Or(in.Lang, h.lang(request(ctx), v.person))
		out := []devices.Format{}
		for _, f := range h.o.Formats {
			out = append(out, say.Format(l, f))
		}
		return &list[formatList]{formatList{out}}, nil
	})
}

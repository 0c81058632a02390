package dashboards

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Registry is what the registry holds, record by record, as it is written.
type Registry interface {
	// Records lists the records of a part without the fields that are hidden,
	// and says which edition they are of.
	Records(ctx context.Context, part string, hidden []string) (edition int64, all []Record, err error)
	// Edit changes a record, checked as a whole registry file is, and puts it in
	// force. What is wrong is a *Wrong.
	Edit(context.Context, RecordEdit) (key string, edition int64, err error)
	// Undo takes back the edit of somebody that has made an edition, when nothing
	// came after it.
	Undo(ctx context.Context, by string, made int64) (edition int64, err error)
}

// Record is one record as it is written.
type Record struct {
	Key  string
	ID   string          // opaque; "" where there is none
	JSON json.RawMessage // the same in both
	YAML string
}

// RecordEdit is a change of one record.
type RecordEdit struct {
	Part, Key string
	Text      string   // JSON or YAML; "" takes it out
	If        int64    // the edition that was looked at; 0: whichever
	Kept      []string // fields that stay when they are left out
	Locked    []string // fields that stay
	By        string
}

var (
	// ErrEdited says that the registry is of another edition.
	ErrEdited = errors.New("the registry is of another edition")
	// ErrNoRecord says that there is no such record.
	ErrNoRecord = errors.New("there is no such record")
	// ErrNothingToUndo says that there is none that could be taken back.
	ErrNothingToUndo = errors.New("there is nothing to take back")
)

// WrongField is one mistake in what was asked for. Field is "" where it lies in
// no single one.
type WrongField struct {
	Field   string `json:"field,omitempty" doc:"Which field of the record: family[0].phone. Absent when it lies elsewhere." example:"family[0].phone"`
	Message string `json:"message" doc:"What is wrong with it, and what to write, as telecare apply says it."`
	Says    string `json:"says,omitempty" doc:"The same in the language of the page, where that is not English."`

	Mistake error `json:"-"` // a words.Unsaid, where it can be said in another language
}

// partRule says what a part of the registry needs beside registry:read or
// registry:write, and what of it is not shown.
type partRule struct {
	see, edit []Scope
	// secret fields are never read here: they can only be written.
	secret []string
	// names are shown to those with people:read, and changed by them alone.
	names []string
}

var whose, wired = []Scope{PeopleRead}, []Scope{PeopleRead, FramesRead}

// partRules has a part a row. What names somebody needs people:read, and wire
// addresses, which can name somebody too, frames:read. How the site is set up is
// for those who may see both.
func partRules() map[string]partRule {
	return map[string]partRule{
		"places":     {edit: whose, names: []string{"way_in"}},
		"residents":  {see: whose, edit: whose, secret: []string{"notes", "key_safe"}},
		"stays":      {see: whose, edit: whose},
		"responders": {see: whose, edit: whose},
		"rosters":    {see: whose, edit: whose},
		"devices":    {see: []Scope{FramesRead}, edit: []Scope{FramesRead}, names: []string{"resident"}},
		"site":       {see: whose, edit: wired},
		"policies":   {see: whose, edit: wired},
		"rules":      {see: whose, edit: wired},
		"faults":     {see: whose, edit: wired},
		"watches":    {see: whose, edit: wired},
	}
}

func (v viewer) mayAll(list []Scope) bool {
	return !slices.ContainsFunc(list, func(s Scope) bool { return !v.may(s) })
}

// edits reports whether v, who may write, may change a part.
func (v viewer) edits(part string) bool {
	rule, known := partRules()[part]
	return known && v.mayAll(rule.edit)
}

// locked are the fields of a part that v is not shown and cannot change.
func (v viewer) locked(p partRule) []string {
	if v.may(PeopleRead) {
		return nil
	}
	return p.names
}

// editor is who may take an edit back: the same person, or program.
func (v viewer) editor() string {
	if v.token != nil {
		return "token " + v.token.Name
	}
	return cmp.Or(string(v.person), "role "+string(v.role))
}

type partPath struct {
	Part string `path:"part" enum:"site,places,residents,stays,responders,rosters,policies,rules,faults,devices,watches" doc:"Which part of the registry, as its file has them. site, rules and faults have one record, all." example:"residents"`
}

type recordPath struct {
	Part string `path:"part" enum:"site,places,residents,stays,responders,rosters,policies,rules,faults,devices,watches" doc:"Which part of the registry, as its file has them. site, rules and faults have one record, all." example:"residents"`
	Key  string `path:"key" maxLength:"200" doc:"The record's key; of a stay its id, or new for one more; all where a part has one record." example:"aniela"`
}

// recordGone and recordPut have the path anew: the library reads no embedded one.
type recordGone struct {
	Part    string `path:"part" enum:"site,places,residents,stays,responders,rosters,policies,rules,faults,devices,watches" doc:"Which part of the registry, as its file has them. site, rules and faults have one record, all." example:"residents"`
	Key     string `path:"key" maxLength:"200" doc:"The record's key; of a stay its id, or new for one more; all where a part has one record." example:"aniela"`
	IfMatch string `header:"If-Match" maxLength:"30" doc:"The edition that was looked at: if the registry has changed since, nothing is done. Without it the newest word is put in force." example:"17"`
}

type recordPut struct {
	Part    string `path:"part" enum:"site,places,residents,stays,responders,rosters,policies,rules,faults,devices,watches" doc:"Which part of the registry, as its file has them. site, rules and faults have one record, all." example:"residents"`
	Key     string `path:"key" maxLength:"200" doc:"The record's key; of a stay its id, or new for one more; all where a part has one record." example:"aniela"`
	IfMatch string `header:"If-Match" maxLength:"30" doc:"The edition that was looked at: if the registry has changed since, nothing is done. Without it the newest word is put in force." example:"17"`
	Body    recordWriting
}

type recordView struct {
	Key    string          `json:"key" doc:"As in the registry's file; of a stay its id." example:"aniela"`
	ID     string          `json:"id,omitempty" doc:"Its opaque id, as all else here has it; absent where it has none."`
	Record json.RawMessage `json:"record" doc:"As it is written, without what may not be shown: a resident's notes and key_safe, and without people:read way_in and who wears a device. All values are as in the registry's file."`
	Text   string          `json:"text" doc:"The same in YAML."`
}

type recordList struct {
	Edition int64        `json:"edition" doc:"Counts the changes of the registry. Send it in If-Match, so that no change of somebody else is lost."`
	Records []recordView `json:"records" doc:"In the registry's order."`
	Edit    bool         `json:"edit" doc:"Whoever asks may change them."`
}

type recordWriting struct {
	Record map[string]any `json:"record,omitempty" doc:"The record, whole: what is left out is taken out, but for what whoever writes is not shown." example:"{\"key\": \"aniela\", \"name\": \"Aniela Kowalczyk\"}"`
	Text   string         `json:"text,omitempty" maxLength:"60000" doc:"The record in YAML, instead." example:"key: aniela\nname: Aniela Kowalczyk\n"`
}

type editedView struct {
	Key     string `json:"key,omitempty" doc:"The record's key; of a stay its id, which is another when it begins at another time."`
	Edition int64  `json:"edition" doc:"The registry's now."`
}

type undoing struct {
	Edition int64 `json:"edition" minimum:"1" doc:"The edition that your edit has made." example:"18"`
}

// editionOf reads If-Match; 0 when there is none.
func editionOf(header string) (int64, error) {
	text := strings.Trim(header, `"`)
	if text == "" || text == "*" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		f := problem(http.StatusUnprocessableEntity, "invalid").because("it is the edition that GET has given")
		f.Where = "header.If-Match"
		return 0, f
	}
	return n, nil
}

func (h *Handler) registryOperations(api huma.API) {
	op := func(method, id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/registry" + path, Summary: summary, Description: more, Tags: []string{"registry"}}
	}
	add(h, api, RegistryRead, op(http.MethodGet, "list-records", "/{part}", "Read a part of the registry as it is written", "It needs people:read too, for devices frames:read instead, for places neither. Every look at names is recorded."),
		func(ctx context.Context, v viewer, in *partPath) (*list[recordList], error) {
			edition, all, err := h.records(ctx, v, in.Part)
			if err != nil {
				return nil, err
			}
			out := recordList{edition, []recordView{}, v.may(RegistryWrite) && v.edits(in.Part)}
			for _, r := range all {
				out.Records = append(out.Records, recordView{r.Key, r.ID, r.JSON, r.YAML})
			}
			return &list[recordList]{out}, nil
		}, http.StatusConflict, http.StatusServiceUnavailable)
	add(h, api, RegistryRead, op(http.MethodGet, "get-record", "/{part}/{key}", "Read one record as it is written", ""),
		func(ctx context.Context, v viewer, in *recordPath) (*struct {
			ETag string `header:"ETag" doc:"The registry's edition, for If-Match."`
			Body recordView
		}, error) {
			edition, all, err := h.records(ctx, v, in.Part)
			if err != nil {
				return nil, err
			}
			for _, r := range all {
				if r.Key == in.Key {
					return &struct {
						ETag string `header:"ETag" doc:"The registry's edition, for If-Match."`
						Body recordView
					}{fmt.Sprintf(`"%d"`, edition), recordView{r.Key, r.ID, r.JSON, r.YAML}}, nil
				}
			}
			return nil, problem(http.StatusNotFound, "no_such_record")
		}, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable)
	refusals := []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}
	add(h, api, RegistryWrite, op(http.MethodPut, "put-record", "/{part}/{key}", "Add or change one record", "Checked as a whole registry file is, and in force at once. What is wrong is told by its field. Residents, places, stays, responders and rosters need people:read too, devices frames:read, and all else both."),
		func(ctx context.Context, v viewer, in *recordPut) (*list[editedView], error) {
			if !v.edits(in.Part) { // before what is wrong is told
				return nil, forbidden()
			}
			text := in.Body.Text
			if (text == "") == (len(in.Body.Record) == 0) {
				f := problem(http.StatusUnprocessableEntity, "invalid").because("write record, or text")
				f.Where = "body"
				return nil, f
			}
			if text == "" {
				b, err := json.MarshalIndent(in.Body.Record, "", " ") // a line a value: long lines are refused
				if err != nil {
					return nil, problem(http.StatusUnprocessableEntity, "invalid")
				}
				text = string(b)
			}
			return h.edit(ctx, v, in.Part, in.Key, in.IfMatch, text)
		}, refusals...)
	add(h, api, RegistryWrite, op(http.MethodDelete, "remove-record", "/{part}/{key}", "Take one record out", "Refused while another record names it."),
		func(ctx context.Context, v viewer, in *recordGone) (*list[editedView], error) {
			return h.edit(ctx, v, in.Part, in.Key, in.IfMatch, "")
		}, refusals...)
	add(h, api, RegistryWrite, op(http.MethodPost, "undo-edit", "/undo", "Take back your newest edit of a record", "For 15 minutes, and only while the registry has not changed since."),
		func(ctx context.Context, v viewer, in *struct{ Body undoing }) (*list[editedView], error) {
			if h.o.Registry == nil {
				return nil, problem(http.StatusConflict, "cannot")
			}
			edition, err := h.o.Registry.Undo(ctx, v.editor(), in.Body.Edition)
			if err = h.unedited(ctx, err); err != nil {
				return nil, err
			}
			h.edited(v, "undo", "", edition)
			return &list[editedView]{editedView{Edition: edition}}, nil
		}, http.StatusConflict, http.StatusServiceUnavailable)
}

// records reads a part as far as v may see it.
func (h *Handler) records(ctx context.Context, v viewer, part string) (int64, []Record, error) {
	rule, known := partRules()[part]
	if !known || !v.mayAll(rule.see) {
		return 0, nil, forbidden()
	}
	if h.o.Registry == nil {
		return 0, nil, problem(http.StatusConflict, "cannot")
	}
	edition, all, err := h.o.Registry.Records(ctx, part, slices.Concat(rule.secret, v.locked(rule)))
	if err = h.unedited(ctx, err); err != nil {
		return 0, nil, err
	}
	if part == "residents" && len(all) > 0 {
		h.look(v, sawPeople, "")
	}
	return edition, all, nil
}

func (h *Handler) edit(ctx context.Context, v viewer, part, key, since, text string) (*list[editedView], error) {
	rule := partRules()[part]
	if !v.edits(part) {
		return nil, forbidden()
	}
	if h.o.Registry == nil {
		return nil, problem(http.StatusConflict, "cannot")
	}
	seen, err := editionOf(since)
	if err != nil {
		return nil, err
	}
	key, edition, err := h.o.Registry.Edit(ctx, RecordEdit{Part: part, Key: key, Text: text, If: seen, Kept: rule.secret, Locked: v.locked(rule), By: v.editor()})
	if err = h.unedited(ctx, err); err != nil {
		return nil, err
	}
	how := "put"
	if text == "" {
		how = "remove"
	}
	h.edited(v, how, part, edition)
	return &list[editedView]{editedView{key, edition}}, nil
}

// edited records who has edited what; keys can be names.
func (h *Handler) edited(v viewer, how, part string, edition int64) {
	h.o.Log.Info("the registry is edited", "how", how, "part", part, "edition", edition, "by", v.editor())
}

// unedited says why a change is not in force; nil when it is.
func (h *Handler) unedited(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ErrEdited):
		return problem(http.StatusConflict, "edited")
	case errors.Is(err, ErrNoRecord):
		return problem(http.StatusNotFound, "no_such_record")
	case errors.Is(err, ErrNothingToUndo):
		return problem(http.StatusConflict, "nothing_to_undo")
	}
	return h.unregistered(ctx, err)
}

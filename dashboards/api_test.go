package dashboards

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/openapi.json")

// operations gives every operation of a description, by method and path.
func operations(o *huma.OpenAPI) map[string]*huma.Operation {
	out := map[string]*huma.Operation{}
	for path, item := range o.Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch,
			"HEAD": item.Head, "OPTIONS": item.Options, "TRACE": item.Trace,
		} {
			if op != nil {
				out[method+" "+path] = op
			}
		}
	}
	return out
}

// matches reports whether a path is one of a pattern's.
func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (!strings.HasPrefix(a[i], "{") || b[i] == "") {
			return false
		}
	}
	return true
}

// asDescribed checks an answer against the description of its operation. Every
// answer that a test of this package gets is held to it.
func (h *house) asDescribed(t testing.TB, method, url string, status int, head http.Header, body []byte) {
	t.Helper()
	if !strings.HasPrefix(url, apiRoot) {
		return // a page
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(url, apiRoot), "?")
	for key, op := range operations(h.api.OpenAPI()) {
		m, pattern, _ := strings.Cut(key, " ")
		if m != method || !matches(pattern, path) {
			continue
		}
		if f := new(failure); status == http.StatusForbidden && json.Unmarshal(body, f) == nil && f.Code == "other_origin" {
			return // the door of the house, not of the operation
		}
		resp := response(h.api.OpenAPI(), op, strconv.Itoa(status))
		if resp == nil {
			t.Errorf("%s %s answers %d, which is not described: %s", method, url, status, body)
			return
		}
		if len(resp.Content) == 0 {
			if len(body) > 0 {
				t.Errorf("%s %s answers %d with a body that is not described: %s", method, url, status, body)
			}
			return
		}
		media := resp.Content[head.Get("Content-Type")]
		if media == nil {
			t.Errorf("%s %s answers %d as %q, which is not described", method, url, status, head.Get("Content-Type"))
			return
		}
		if strings.HasPrefix(head.Get("Content-Type"), "text/") {
			return
		}
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			t.Errorf("%s %s: %v", method, url, err)
			return
		}
		if f, ok := v.(map[string]any); ok && status >= 400 && !slices.ContainsFunc(codes(), func(c code) bool { return c.word == f["code"] }) {
			t.Errorf("%s %s fails with the code %q, which is not described", method, url, f["code"])
		}
		for _, problem := range valid(h.api.OpenAPI(), media.Schema, v) {
			t.Errorf("%s %s answers what is not described: %v in %s", method, url, problem, body)
		}
		return
	}
}

// response is how an operation can end, nil when that is not described.
func response(o *huma.OpenAPI, op *huma.Operation, status string) *huma.Response {
	r := op.Responses[status]
	if r != nil && r.Ref != "" {
		return o.Components.Responses[strings.TrimPrefix(r.Ref, "#/components/responses/")]
	}
	return r
}

// valid checks a value against a shape.
func valid(o *huma.OpenAPI, s *huma.Schema, v any) []error {
	var res huma.ValidateResult
	huma.Validate(o.Components.Schemas, s, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &res)
	return res.Errors
}

// The description is in the tree, so that a change of it is seen.
func TestOpenAPIGolden(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	c := h.caller(t, "")
	const golden = "testdata/openapi.json"
	got := c.want(http.StatusOK, "GET", apiRoot+"/openapi.json", "")
	if *update {
		if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the interface has changed; if that is meant, run the test with -update (-want +got):\n%s", diff)
	}
	if yaml := c.want(http.StatusOK, "GET", apiRoot+"/openapi.yaml", ""); !strings.Contains(yaml, "openapi: 3.1.0") {
		t.Errorf("as YAML it is %.200s", yaml)
	}
}

// Whoever reads the description alone can use the interface.
func TestOpenAPIIsWhole(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	o := h.api.OpenAPI()
	// Nothing in it points nowhere.
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range bytes.Split(b, []byte(`"$ref":"`))[1:] {
		ref, _, _ := bytes.Cut(part, []byte(`"`))
		if name, ok := strings.CutPrefix(string(ref), "#/components/responses/"); ok && o.Components.Responses[name] != nil {
			continue
		}
		if o.Components.Schemas.SchemaFromRef(string(ref)) == nil {
			t.Errorf("%s is not there", ref)
		}
	}
	for name, s := range o.Components.Schemas.Map() {
		if !bytes.Contains(b, []byte(`#/components/schemas/`+name+`"`)) {
			t.Errorf("the shape %s is used by nothing", name)
		}
		for key, p := range s.Properties {
			if p.Description == "" {
				t.Errorf("%s.%s is not described", name, key)
			}
			for _, x := range p.Examples {
				for _, problem := range valid(o, p, plain(t, x)) {
					t.Errorf("the example of %s.%s: %v", name, key, problem)
				}
			}
		}
	}
	ids := map[string]bool{}
	for key, op := range operations(o) {
		if op.Summary == "" || op.OperationID == "" || ids[op.OperationID] || len(op.Tags) != 1 {
			t.Errorf("%s: id %q, summary %q, tags %q", key, op.OperationID, op.Summary, op.Tags)
		}
		ids[op.OperationID] = true
		limit := int64(bodyLimit + 1)
		if op.OperationID == "import-calendar" {
			limit = calendarLimit + 1
		}
		if op.BodyReadTimeout <= actLimit || op.MaxBodyBytes != limit {
			t.Errorf("%s: a body may take %v, and have %d bytes", key, op.BodyReadTimeout, op.MaxBodyBytes)
		}
		if op.Security == nil {
			t.Errorf("%s does not say who may", key)
		}
		done, failed := 0, 0
		for status := range op.Responses {
			r := response(o, op, status)
			switch {
			case status < "300":
				done++
			default:
				failed++
				if r.Content[problemType] == nil || r.Content[problemType].Schema == nil {
					t.Errorf("%s: the failure %s has no shape", key, status)
				}
			}
			if r.Description == "" {
				t.Errorf("%s: %s is not described", key, status)
			}
		}
		if done != 1 || failed == 0 {
			t.Errorf("%s has %d ways to end well, %d not to", key, done, failed)
		}
		for _, p := range op.Parameters {
			if p.Description == "" {
				t.Errorf("%s: %s is not described", key, p.Name)
			}
		}
		if strings.HasPrefix(key, "GET ") != (op.RequestBody == nil) && !strings.HasPrefix(key, "DELETE ") {
			t.Errorf("%s: what it takes is not described", key)
		}
		if body := example(t, o, op); op.RequestBody != nil {
			for _, problem := range valid(o, op.RequestBody.Content["application/json"].Schema, plain(t, body)) {
				t.Errorf("%s does not take its own example %v: %v", key, body, problem)
			}
		}
	}
}

func plain(t testing.TB, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// example is what an operation takes, from the examples in its description.
func example(t testing.TB, o *huma.OpenAPI, op *huma.Operation) map[string]any {
	t.Helper()
	out := map[string]any{}
	if op.RequestBody == nil {
		return out
	}
	s := op.RequestBody.Content["application/json"].Schema
	if s.Ref != "" {
		s = o.Components.Schemas.SchemaFromRef(s.Ref)
	}
	for key, p := range s.Properties {
		if len(p.Examples) == 0 {
			t.Errorf("%s: %s has no example", op.OperationID, key)
			continue
		}
		out[key] = p.Examples[0]
	}
	return out
}

// Nothing is served beside what is described.
func TestEveryRouteIsDescribed(t *testing.T) {
	for name, change := range map[string]func(*Options){"gateway": nil, "demo": open} {
		h := newHouse(t, newWard(same), change)
		var got []string
		for _, p := range h.routes.patterns {
			if strings.Contains(p, "/api/") {
				got = append(got, strings.Replace(p, apiRoot, "", 1))
			}
		}
		want := append(slices.Collect(maps.Keys(operations(h.api.OpenAPI()))), "GET /openapi.json", "GET /openapi.yaml", "GET /live", "/api/")
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-described +served):\n%s", name, diff)
		}
	}
}

package dashboards

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// book is a registry that remembers what was asked of it.
type book struct {
	hidden []string
	last   RecordEdit
	undone string
	err    error
}

func (b *book) Records(_ context.Context, part string, hidden []string) (int64, []Record, error) {
	b.hidden = hidden
	return 7, []Record{{"one", "r-1", json.RawMessage(`{"key":"one"}`), "key: one\n"}}, b.err
}

func (b *book) Edit(_ context.Context, e RecordEdit) (string, int64, error) {
	b.last = e
	return e.Key, 8, b.err
}

func (b *book) Undo(_ context.Context, by string, made int64) (int64, error) {
	b.undone = fmt.Sprint(by, " ", made)
	return 9, b.err
}

// Who may see and change what of the registry, part by part; what is not shown
// is kept.
func TestRegistryOperations(t *testing.T) {
	store, log := &book{}, new(syncBuffer)
	h := newHouse(t, newWard(same), func(o *Options) { o.Registry = store; o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	centre, technician := h.caller(t, "centre"), h.caller(t, "piotr")
	all := h.program(t, "", Scopes()...)
	for _, x := range []struct {
		part                      string
		centre, technician, edits string // what each may: "", r, rw
	}{
		{"residents", "rw", "", ""}, {"stays", "rw", "", ""}, {"places", "rw", "r", ""}, {"responders", "rw", "", ""}, {"rosters", "rw", "", ""},
		{"devices", "", "rw", ""}, {"site", "r", "", ""}, {"policies", "r", "", ""}, {"rules", "r", "", ""}, {"faults", "r", "", ""}, {"watches", "r", "", ""},
	} {
		for _, who := range []struct {
			name string
			c    *caller
			may  string
		}{{"centre", centre, x.centre}, {"technician", technician, x.technician}, {"all scopes", all, "rw"}, {"nurse", h.caller(t, "marta"), ""}} {
			got := ""
			if status, text, _ := who.c.do("GET", apiRoot+"/registry/"+x.part, ""); status == 200 {
				got = "r"
				if strings.Contains(text, `"edit":true`) != strings.Contains(who.may, "w") {
					t.Errorf("%s: %s is told %s", x.part, who.name, text)
				}
			}
			if status, _, _ := who.c.do("PUT", apiRoot+"/registry/"+x.part+"/one", `{"text":"key: one"}`); status == 200 {
				got += "w"
			}
			if got != who.may {
				t.Errorf("%s: %s may %q, want %q", x.part, who.name, got, who.may)
			}
		}
	}
	if status, _, head := centre.do("GET", apiRoot+"/registry/residents/one", ""); status != 200 || head.Get("ETag") != `"7"` || !slices.Equal(store.hidden, []string{"notes", "key_safe"}) {
		t.Errorf("one resident: %d, edition %s, without %q", status, head.Get("ETag"), store.hidden)
	}
	centre.want(404, "GET", apiRoot+"/registry/residents/two", "")
	centre.want(422, "GET", apiRoot+"/registry/secrets", "")
	if technician.want(200, "GET", apiRoot+"/registry/places", ""); !slices.Equal(store.hidden, []string{"way_in"}) {
		t.Errorf("a technician is shown places without %q", store.hidden)
	}
	technician.want(200, "PUT", apiRoot+"/registry/devices/one", `{"record":{"key":"one","beds":2}}`, "If-Match", `"7"`)
	if e := store.last; e.If != 7 || e.Part != "devices" || !slices.Equal(e.Locked, []string{"resident"}) || e.By != "p-5" || !strings.Contains(e.Text, `"beds": 2`) {
		t.Errorf("a technician's edit is %+v", e)
	}
	centre.want(200, "DELETE", apiRoot+"/registry/residents/one", "", "If-Match", "12")
	if e := store.last; e.If != 12 || e.Text != "" || !slices.Equal(e.Kept, []string{"notes", "key_safe"}) || e.Locked != nil || e.By != "p-9" {
		t.Errorf("the centre's edit is %+v", e)
	}
	for _, bad := range []string{`{}`, `{"record":{}}`, `{"record":{"key":"one"},"text":"key: one"}`} {
		centre.want(422, "PUT", apiRoot+"/registry/residents/one", bad)
	}
	centre.want(422, "PUT", apiRoot+"/registry/residents/one", `{"text":"key: one"}`, "If-Match", "yesterday")
	if centre.want(200, "POST", apiRoot+"/registry/undo", `{"edition":8}`); store.undone != "p-9 8" {
		t.Errorf("undone is what %q did", store.undone)
	}
	if all.want(200, "POST", apiRoot+"/registry/undo", `{"edition":8}`); !strings.HasPrefix(store.undone, "token ") {
		t.Errorf("undone is what %q did", store.undone)
	}
	for err, want := range map[error]string{
		ErrEdited: `409 "code":"edited"`, ErrNoRecord: `404 "code":"no_such_record"`, ErrNothingToUndo: `409 "code":"nothing_to_undo"`, trouble("no disk"): `503 "code":"not_yet"`,
		&Wrong{Why: "so", Fields: []WrongField{{Field: "family[0].phone", Message: "no number"}}}: `422 "fields":[{"field":"family[0].phone","message":"no number"}]`,
	} {
		store.err = fmt.Errorf("so: %w", err)
		status, text, _ := centre.do("PUT", apiRoot+"/registry/residents/one", `{"text":"key: one"}`)
		code, part, _ := strings.Cut(want, " ")
		if fmt.Sprint(status) != code || !strings.Contains(text, part) {
			t.Errorf("%v is told as %d %s", err, status, text)
		}
	}
	// People are told in the language of the page, programs in English.
	mistake := unsaid{"%q is no day; write mon, tue, wed, thu, fri, sat or sun", "Mo"}
	store.err = &Wrong{Why: mistake.Error(), Fields: []WrongField{{Field: "days[0]", Message: mistake.Error(), Mistake: mistake}}, Mistakes: []error{mistake}}
	for lang, want := range map[string][]string{
		"en": {`"message":"This is not what is expected here: \"Mo\" is no day; write mon, tue`, `"says":"This is not what is expected here: \"Mo\" is no day; write`, `[{"field":"days[0]","message":"\"Mo\" is no day; write mon, tue, wed, thu, fri, sat or sun"}]`},
		"pl": {`"message":"This is not what is expected here: \"Mo\" is no day; write mon, tue`, `: „Mo” to nie dzień; wpisz mon, `, `"says":"„Mo” to nie dzień; wpisz mon, tue, wed, thu, fri, sat albo sun"}]`},
	} {
		_, text, _ := centre.do("PUT", apiRoot+"/registry/residents/one", `{"text":"key: one"}`, "Cookie", langCookie+"="+lang)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("in %s it is told as %s, want %s", lang, text, part)
			}
		}
	}
	if said := log.String(); !strings.Contains(said, `what="names of residents"`) || !strings.Contains(said, `msg="the registry is edited" how=remove part=residents edition=8 by=p-9`) || strings.Contains(said, "one") && strings.Contains(said, "key=one") {
		t.Errorf("the log says:\n%s", said)
	}
}

// unsaid is a mistake as the registry has it.
type unsaid struct{ format, value string }

func (u unsaid) Error() string           { return fmt.Sprintf(u.format, u.value) }
func (u unsaid) Unsaid() (string, []any) { return u.format, []any{u.value} }

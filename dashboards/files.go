package dashboards

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"telecare/alerting"
	say "telecare/alerting/words"
	"telecare/devices"
)

//go:embed web
var web embed.FS

// file is one of the page's files, as it is served.
type file struct {
	body []byte
	kind string
	tag  string // weak: it is the same compressed
	// zipped is the body compressed; nil where that makes it no smaller.
	zipped func() []byte
}

// zip compresses once, when somebody first wants it so. Nothing in the page is
// anybody's, so its length tells nothing. [RFC 9110, 8.4.1.3]
func zip(body []byte) func() []byte {
	return sync.OnceValue(func() []byte {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			panic(err) // there is that level
		}
		z.Write(body) // into memory
		z.Close()
		if b.Len() >= len(body) {
			return nil
		}
		return b.Bytes()
	})
}

// kinds are said here: what the machine thinks of .js is not always right.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",

	".webmanifest": "application/manifest+json",
}

// files reads the embedded page. What differs by language is there in each:
// index.pl.html, shared.pl.js.
func files() map[string]file {
	list, err := web.ReadDir("web")
	if err != nil {
		panic(err) // it is in the binary
	}
	out := map[string]file{}
	add := func(name string, body []byte) {
		sum := sha256.Sum256(body)
		out[name] = file{body, kinds[path.Ext(name)], `W/"` + hex.EncodeToString(sum[:8]) + `"`, zip(body)}
	}
	for _, e := range list {
		if path.Ext(e.Name()) == ".html" {
			continue // to be filled in
		}
		body, err := web.ReadFile("web/" + e.Name())
		if err != nil {
			panic(err)
		}
		add(e.Name(), body)
	}
	for _, l := range say.Langs() {
		add("index."+string(l)+".html", fill("index.html", l, "", ""))
		add("offline."+string(l)+".html", fill("offline.html", l, "", ""))
		add("shared."+string(l)+".js", shared(l))
	}
	out[workerFile] = worker(out)
	return out
}

// workerFile is the service worker's. Its first line is another one whenever a
// file of the page is, so that a browser takes it and what it keeps anew.
const workerFile = "sw.js"

func worker(all map[string]file) file {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		sum.Write([]byte(all[name].tag))
	}
	version := hex.EncodeToString(sum.Sum(nil)[:8])
	f := all[workerFile]
	f.body = fmt.Appendf(nil, "const version = %q;\n%s", version, f.body)
	f.tag, f.zipped = `W/"`+version+`"`, zip(f.body)
	return f
}

// shared is a module of the words that the page and the gateway have in common,
// and of the order in which a choice of them is offered.
func shared(l say.Lang) []byte {
	b, err := json.MarshalIndent(struct {
		say.Words
		Order map[string]any `json:"order"`
	}{say.In(l), map[string]any{"kinds": devices.AlarmKinds(), "outcomes": alerting.Outcomes(), "fixed": alerting.OutcomesOf(alerting.Technical)}}, "", "  ")
	if err != nil {
		panic(err) // it is maps of strings
	}
	return fmt.Appendf(nil, "export default %s;\n", b)
}

var pages = template.Must(template.New("").Funcs(template.FuncMap{"modules": modules}).ParseFS(web, "web/*.html"))

// modules are those that the page loads at its start, each after the one that
// wants it: a browser that knows them all asks for them at once.
func modules(l say.Lang) []string {
	out := []string{"app.js", string(l) + ".js"}
	for i := 0; i < len(out); i++ {
		body, err := web.ReadFile("web/" + out[i])
		if err != nil {
			continue // it is made: shared.pl.js
		}
		for _, m := range imported.FindAllSubmatch(body, -1) {
			if name := string(m[1]); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

var imported = regexp.MustCompile(`(?m)^(?:import|export) (?:[^"\n]* from )?"\./([a-z0-9.-]+\.js)"`)

// fill writes one of the pages in a language.
func fill(name string, l say.Lang, what, do string) []byte {
	var b bytes.Buffer
	err := pages.ExecuteTemplate(&b, name, map[string]any{"Lang": l, "Pages": say.In(l).Pages, "What": what, "Do": do})
	if err != nil {
		panic(err) // it is in the binary
	}
	return b.Bytes()
}

// langCookie keeps what somebody has chosen, in their browser. The page sets it.
const langCookie = "telecare-lang"

// lang is the language to answer in: what was chosen in this browser, else what
// the responder reads whose link it is, else the site's.
func (h *Handler) lang(r *http.Request, p alerting.Person) say.Lang {
	ward := h.hub.names()
	l := say.Or(ward.Langs[p], say.Lang(ward.Lang))
	if c, err := r.Cookie(langCookie); err == nil {
		l = say.Or(c.Value, l)
	}
	return l
}

func (h *Handler) file(w http.ResponseWriter, r *http.Request) { h.send(w, r, r.PathValue("name")) }

// worker is at the root, so that the whole page is its scope.
func (h *Handler) worker(w http.ResponseWriter, r *http.Request) { h.send(w, r, workerFile) }

// offline is what the worker keeps for when there is no network. It tells nothing
// of anybody.
func (h *Handler) offline(w http.ResponseWriter, r *http.Request) {
	h.send(w, r, "offline."+string(h.lang(r, ""))+".html")
}

// page is the one page there is.
func (h *Handler) page(w http.ResponseWriter, r *http.Request) { h.pageFor(w, r, "") }

func (h *Handler) pageFor(w http.ResponseWriter, r *http.Request, p alerting.Person) {
	w.Header().Set("Vary", "Cookie")
	h.send(w, r, "index."+string(h.lang(r, p))+".html")
}

func (h *Handler) send(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := h.files[name]
	if !ok || f.kind == "" {
		h.noPage(w, r)
		return
	}
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("ETag", f.tag)
	if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/web/") {
		head.Set("Cache-Control", "no-cache") // asked again each time: an old page must not meet a new gateway
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Add("Vary", "Accept-Encoding")
	body := f.body
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		if z := f.zipped(); z != nil {
			head.Set("Content-Encoding", "gzip")
			body = z
		}
	}
	head.Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}

// takesGzip reads Accept-Encoding. [RFC 9110, 12.5.3]
func takesGzip(accept string) bool {
	for x := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(x, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.ToLower(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

// noPage, badLink and unknownAlarm say that there is nothing here, and what to
// do.
func (h *Handler) noPage(w http.ResponseWriter, r *http.Request) {
	l := h.lang(r, "")
	p := say.In(l).Pages
	lost(w, l, http.StatusNotFound, p.NoPage, p.NoPageDo)
}

func (h *Handler) badLink(w http.ResponseWriter, r *http.Request) {
	l := h.lang(r, "")
	p := say.In(l).Pages
	lost(w, l, http.StatusNotFound, p.BadLink, p.BadLinkDo)
}

func (h *Handler) unknownAlarm(w http.ResponseWriter, r *http.Request, v viewer) {
	l := h.lang(r, v.person)
	p := say.In(l).Pages
	lost(w, l, http.StatusNotFound, p.Unknown, p.UnknownDo)
}

func lost(w http.ResponseWriter, l say.Lang, status int, what, do string) {
	w.Header().Set("Content-Type", kinds[".html"])
	w.WriteHeader(status)
	w.Write(fill("lost.html", l, what, do))
}

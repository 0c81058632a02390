package dashboards

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
)

//go:embed web
var web embed.FS

// file is one of the page's files, as it is served.
type file struct {
	body []byte
	kind string
	tag  string
}

// kinds are said here: what the machine thinks of .js is not always right.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// files reads the embedded page.
func files() map[string]file {
	list, err := web.ReadDir("web")
	if err != nil {
		panic(err) // it is in the binary
	}
	out := map[string]file{}
	for _, e := range list {
		body, err := web.ReadFile("web/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		out[e.Name()] = file{body, kinds[path.Ext(e.Name())], `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return out
}

func (h *Handler) file(w http.ResponseWriter, r *http.Request) { h.send(w, r, r.PathValue("name")) }

// page is the one page there is.
func (h *Handler) page(w http.ResponseWriter, r *http.Request) { h.send(w, r, "index.html") }

func (h *Handler) send(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := h.files[name]
	if !ok || f.kind == "" {
		h.lost(w, "There is nothing at this address.", "The alarms are on the first page.")
		return
	}
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("ETag", f.tag)
	if head.Get("Cache-Control") == "" {
		head.Set("Cache-Control", "no-cache") // asked again each time: an old page must not meet a new gateway
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Length", fmt.Sprint(len(f.body)))
	w.Write(f.body)
}

var lostPage = template.Must(template.New("lost").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not here</title>
<link rel="icon" href="/web/favicon.svg">
<link rel="stylesheet" href="/web/tokens.css">
<link rel="stylesheet" href="/web/desk.css">
<body class="lost">
<main><h1>{{.What}}</h1><p>{{.Do}}</p><p><a class="button" href="/">All alarms</a></p></main>
`))

// lost says that there is nothing here, and what to do.
func (h *Handler) lost(w http.ResponseWriter, what, do string) {
	w.Header().Set("Content-Type", kinds[".html"])
	w.WriteHeader(http.StatusNotFound)
	lostPage.Execute(w, map[string]string{"What": what, "Do": do})
}

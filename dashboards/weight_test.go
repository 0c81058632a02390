package dashboards

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page weighs at most this much on the wire, all of it, in a language: it is
// opened on a phone at three in the morning, wherever that is.
const mostOnTheWire = 150_000

// What the page needs is found as a browser finds it, in what the server answers,
// and weighed as it is sent.
func TestWeight(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true}} // it is not unpacked for us
	get := func(path, lang, encoding string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, h.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: langCookie, Value: lang})
		r.Header.Set("Accept-Encoding", encoding)
		resp, err := plain.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", path, resp.Status, err)
		}
		if is := resp.Header.Get("Content-Encoding"); is != "" && (is != encoding || !slices.Contains(resp.Header.Values("Vary"), "Accept-Encoding")) {
			t.Errorf("%s is sent as %q, Vary %q", path, is, resp.Header.Get("Vary"))
		}
		return len(b), string(b)
	}
	wants := regexp.MustCompile(`(?:src|href)="(/web/[^"]+)"|from "\./([^"]+)"|url\("?(/?[a-z][^"),]*)"?\)`)
	for _, lang := range []string{"en", "pl"} {
		todo, seen, wire, whole := []string{"/", "/web/" + lang + ".js"}, map[string]bool{}, 0, 0
		for ; len(todo) > 0; todo = todo[1:] {
			path := todo[0]
			if seen[path] || strings.HasSuffix(path, ".webmanifest") || strings.HasSuffix(path, ".png") { // it is asked for when somebody installs it
				continue
			}
			seen[path] = true
			n, text := get(path, lang, "identity")
			z, _ := get(path, lang, "gzip")
			wire, whole = wire+z, whole+n
			for _, m := range wants.FindAllStringSubmatch(text, -1) {
				switch {
				case m[1] != "":
					todo = append(todo, m[1])
				case m[2] != "":
					todo = append(todo, "/web/"+m[2])
				case strings.HasSuffix(path, ".css"):
					todo = append(todo, "/web/"+strings.TrimPrefix(m[3], "/web/"))
				}
			}
		}
		t.Logf("%s: %d files of %d bytes, %d on the wire", lang, len(seen), whole, wire)
		if len(seen) < 30 || whole < 200_000 {
			t.Errorf("only %d files of %d bytes were found: this looks for them wrongly", len(seen), whole)
		}
		if wire > mostOnTheWire {
			t.Errorf("the page weighs %d bytes on the wire in %s, more than %d", wire, lang, mostOnTheWire)
		}
	}
	if n, _ := get("/web/app.js", "en", "gzip;q=0, identity"); n < 10_000 {
		t.Error("what nobody wants compressed is")
	}
}

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "gzip, deflate, br, zstd": true, "br;q=1.0, gzip;q=0.8": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0.0, br": false, "identity": false, "xgzip": false, "*": false,
	} {
		if takesGzip(accept) != want {
			t.Errorf("%q: %v", accept, !want)
		}
	}
}

// Every module that the page wants at its start is named in it, so that a browser
// asks for all of them at once and not for each after another.
func TestModulesAreNamed(t *testing.T) {
	for _, m := range []string{"app.js", "pl.js", "shared.pl.js", "views.js", "people.js", "dom.js", "sound.js"} {
		if page := string(fill("index.html", "pl", "", "")); !strings.Contains(page, `rel="modulepreload" href="/web/`+m+`"`) || strings.Contains(page, "/web/en.js") {
			t.Errorf("%s is not named, or another language is: %s", m, page)
		}
	}
}

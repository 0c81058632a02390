package dashboards

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
)

// The attacker's list, second part: what can be done on the wire.

// raw sends bytes as they are and reads the answer's head and body.
func (h *house) raw(t testing.TB, request string) (status int, head http.Header, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.80q is answered with %v", request, err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b)
}

// Another site's page can send forms, and scripts of it whatever needs no leave.
// None of it is an answer.
func TestAttackForgedRequests(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	marta := h.caller(t, "marta")
	n := len(h.acted())
	paths := []string{"/api/v1/alarms/" + string(a.ID) + "/take", "/api/v1/alarms/" + string(a.ID) + "/help", "/api/v1/links/" + h.token(a, "p-1") + "/take"}
	for _, path := range paths {
		for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "application/json; charset=utf-8, text/plain", "text/plain; x=application/json"} {
			marta.want(415, "POST", path, "{}", "Content-Type", kind)
		}
		for _, origin := range []string{"https://evil.example", "null", "http://localhost.evil.example", h.url + ".evil.example", "http://127.0.0.1", "file://"} {
			marta.want(403, "POST", path, "{}", "Origin", origin)
		}
		for _, site := range []string{"cross-site", "same-site"} {
			marta.want(403, "POST", path, "{}", "Sec-Fetch-Site", site)
		}
	}
	marta.want(403, "DELETE", "/api/v1/session", "", "Sec-Fetch-Site", "cross-site")
	marta.want(403, "DELETE", "/api/v1/session", "", "Origin", "https://evil.example")
	marta.want(200, "GET", "/api/v1/session", "")
	// Signing somebody in as the attacker is refused as well.
	h.caller(t, "").want(403, "POST", "/api/v1/session", `{"name":"jan","password":"`+wardWord+`"}`, "Origin", "https://evil.example")
	// No other site is told that it may.
	_, _, head := marta.do("OPTIONS", paths[0], "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	for key := range head {
		if strings.HasPrefix(key, "Access-Control-") {
			t.Errorf("another site is told %s: %s", key, head.Get(key))
		}
	}
	if got := h.acted(); len(got) != n {
		t.Errorf("forged requests did %+v", got[n:])
	}
}

// The stream is for pages of this gateway, whoever's cookies come with it.
func TestAttackForeignStreams(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	marta := h.caller(t, "marta")
	h.Press("d-1")
	link := "?link=" + h.token(h.alarm(t, "d-1"), "p-1")
	for _, query := range []string{"", "?board", link} {
		for _, origin := range []string{"https://evil.example", "null", "http://localhost.evil.example", h.url + ".evil.example", "http://127.0.0.1", "x", "://", "http://"} {
			conn, resp, err := marta.live(query, "Origin", origin)
			if err == nil {
				conn.Close()
			}
			if err == nil || resp == nil || resp.StatusCode != 403 {
				t.Errorf("a page of %q may listen%s: %v", origin, query, err)
			}
		}
	}
	// Without a Host nobody's page is ours.
	if status, _, _ := h.raw(t, "GET /api/v1/live"+link+" HTTP/1.0\r\nOrigin: null\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"); status == 101 {
		t.Error("Origin: null is taken for ours where no Host is given")
	}
	// An attacker's name that was made to point here: its pages have none of our
	// cookies, and an open demo does not know the name.
	open := newHouse(t, newWard(same), open)
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"} {
		for _, path := range []string{"/api/v1/alarms", "/api/v1/devices", "/api/v1/session", "/api/v1/live", "/handover"} {
			r := httptest.NewRequest("GET", "http://"+host+path, nil)
			r.Header.Set("Origin", "http://"+host)
			w := httptest.NewRecorder()
			if open.ServeHTTP(w, r); w.Code != 401 {
				t.Errorf("%s of the open demo says %d to %s", path, w.Code, host)
			}
		}
	}
}

// What is too large, or not HTTP, is refused, and what follows is not taken for
// something else.
func TestAttackSizes(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	centre := h.caller(t, "centre")
	centre.want(413, "POST", "/api/v1/alarms", `{"kind":"panic","place":"`+strings.Repeat("x", bodyLimit)+`"}`)
	h.caller(t, "").want(413, "POST", "/api/v1/session", `{"name":"`+strings.Repeat("x", bodyLimit)+`"}`)
	// Of whoever may not, no body is read at all.
	h.caller(t, "").want(401, "POST", "/api/v1/alarms", strings.Repeat("x", bodyLimit*3))
	const host = "Host: localhost\r\n"
	for _, x := range []struct {
		name, request string
	}{
		{"two lengths", "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}"},
		{"a negative length", "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: -1\r\n\r\n{}"},
		{"a length and chunks", "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
		{"no host", "GET / HTTP/1.1\r\n\r\n"},
		{"two hosts", "GET / HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n"},
		{"a host with a path", "GET / HTTP/1.1\r\nHost: evil.example/x\r\n\r\n"},
		{"a header with a space", "GET / HTTP/1.1\r\n" + host + "X : y\r\n\r\n"},
		{"a folded header with NUL", "GET / HTTP/1.1\r\n" + host + "X: a\x00b\r\n\r\n"},
		{"a NUL in the path", "GET /\x00 HTTP/1.1\r\n" + host + "\r\n"},
		{"no HTTP", "\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n"},
	} {
		if status, _, body := h.raw(t, x.request); status != 400 && status != 501 {
			t.Errorf("%s: status %d: %.80s", x.name, status, body)
		}
	}
}

// Paths lead to what is served, and nowhere else.
func TestAttackPaths(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	for _, path := range []string{
		"/web/../handler.go", "/web/..%2fhandler.go", "/web/%2e%2e/handler.go", "/web/%2e%2e%2fhandler.go", "/web/..%5chandler.go", "/web/....//handler.go",
		"/web/%00", "/web/index.html", "/web/index.html%00.js", "/web/app.js%00", "/web/app.js/", "/web/app.js/x", "/web//app.js", "//web/app.js",
		"/web/", "/web", "/etc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/web/report.html", "/web/handover.html", "/.git/config", "/web/C:%5cx",
		"/api/v1/../../metrics", "/api/v1/%2e%2e/session", "/api/v1/alarms/%2e%2e%2fsession", "/api/v1//alarms", "/API/V1/alarms", "/api/v1/alarms/", "/api/v1/alarms;x=y",
		"/a/%2e%2e%2fapi%2fv1%2falarms", "/a/..", "/a/%00", "/calendar/..%2f", "/calendar/%00.ics", "/handover/..", "/report/",
		"//evil.example/%2f..", "/\\evil.example", "/%5cevil.example/", "/web/%", "///",
	} {
		status, head, body := h.raw(t, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		switch {
		case status == 301 || status == 307 || status == 308: // to the same, written properly
			to, err := url.Parse(head.Get("Location"))
			if err != nil || to.Host != "" || to.Scheme != "" || strings.HasPrefix(head.Get("Location"), "//") || strings.HasPrefix(head.Get("Location"), "/\\") {
				t.Errorf("%s leads to %q", path, head.Get("Location"))
			}
		case status == 200 && (path == "/web/index.html" || path == "///"), status >= 500, status < 400:
			t.Errorf("%s answers %d: %.80s", path, status, body)
		}
		for _, inside := range []string{"package dashboards", "root:", "{{", "[core]", "# HELP"} {
			if strings.Contains(body, inside) {
				t.Errorf("%s shows %q", path, inside)
			}
		}
		if status >= 400 && (strings.Contains(body, "passwd") || strings.Contains(body, "evil")) {
			t.Errorf("%s repeats what was asked: %.200s", path, body)
		}
	}
}

// A method is what it says.
func TestAttackMethods(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	centre := h.caller(t, "centre")
	path := "/api/v1/alarms/" + string(a.ID)
	n := len(h.acted())
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "post", "POSTX"} {
		for _, at := range []string{path + "/take", "/a/" + h.token(a, "p-1"), "/api/v1/links/" + h.token(a, "p-1") + "/take"} {
			if method == "CONNECT" {
				continue // the client has its own ideas of it; below it is raw
			}
			status, text, head := centre.do(method, at, "", "X-Secret", "echo-me")
			if strings.Contains(text, "echo-me") || strings.Contains(text, "telecare=") || head.Get("X-Secret") != "" {
				t.Errorf("%s %s sends back what came: %s", method, at, text)
			}
			if status < 400 && !(strings.HasPrefix(at, "/a/") && (method == "GET" || method == "HEAD")) {
				t.Errorf("%s %s answers %d", method, at, status)
			}
		}
	}
	for _, request := range []string{"TRACE /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-Secret: echo-me\r\n\r\n", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"} {
		status, _, body := h.raw(t, request)
		if strings.Contains(body, "echo-me") || status < 400 && !strings.HasPrefix(request, "GET") {
			t.Errorf("%.20q answers %d: %s", request, status, body)
		}
	}
	if got := h.acted(); len(got) != n {
		t.Errorf("they did %+v", got[n:])
	}
}

// Links in calls begin with the address that telecare.yaml says, whatever Host
// a request has.
func TestAttackHost(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	for _, path := range []string{"/", "/a/x", "/report", "/handover", "/api/v1/session", "/nothing"} {
		for _, method := range []string{"GET", "POST"} {
			_, head, body := h.raw(t, method+" "+path+" HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			if strings.Contains(body+fmt.Sprint(head), "evil.example") {
				t.Errorf("%s %s repeats the host: %v %.200s", method, path, head, body)
			}
		}
	}
	if link := h.Link(h.alarm(t, "d-1"), "p-1"); !strings.HasPrefix(link, h.url+"/a/") {
		t.Errorf("the link is %s", link)
	}
}

// Every answer of every route says that it is not to be framed, sniffed, read
// elsewhere or kept; only the page's own files may be kept, to be asked for anew.
func TestAttackHeaders(t *testing.T) {
	w := newWard(same)
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"night": {}}
	h := newHouse(t, w, nil)
	h.Press("d-1")
	paths := []string{"/", "/nothing", "/report", "/handover", "/a/x", "/a/" + h.token(h.alarm(t, "d-1"), "p-1"), "/calendar/x", "/calendar/" + h.calendarToken("night") + ".ics", "/api/", "/api/v1/live"}
	for name := range h.files {
		paths = append(paths, "/web/"+name)
	}
	for _, pattern := range h.routes.patterns {
		if path := pattern[strings.Index(pattern, "/"):]; !strings.Contains(path, "{") {
			paths = append(paths, path)
		}
	}
	for key := range operations(h.api.OpenAPI()) {
		_, path, _ := strings.Cut(key, " ")
		paths = append(paths, apiRoot+strings.NewReplacer("{id}", "x", "{token}", "x").Replace(path))
	}
	for _, who := range []string{"", "centre"} {
		c := h.caller(t, who)
		for _, path := range paths {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
				if method == "POST" && strings.HasPrefix(path, "/api/") {
					continue // TestWhoMay
				}
				_, _, head := c.do(method, path, "")
				csp := head.Get("Content-Security-Policy")
				if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "base-uri 'none'") || !strings.Contains(csp, "object-src 'none'") {
					t.Errorf("%s %s: the policy is %q", method, path, csp)
				}
				for key, want := range map[string]string{
					"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
					"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
				} {
					if head.Get(key) != want {
						t.Errorf("%s %s: %s is %q", method, path, key, head.Get(key))
					}
				}
				if cache := head.Get("Cache-Control"); cache != "no-store" && !(cache == "no-cache" && (slices.Contains([]string{"/", "/sw.js", "/offline"}, path) || strings.HasPrefix(path, "/web/"))) {
					t.Errorf("%s %s: Cache-Control is %q", method, path, cache)
				}
				for _, key := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
					if head.Get(key) != "" {
						t.Errorf("%s %s says %s: %s", method, path, key, head.Get(key))
					}
				}
			}
		}
	}
	if !slices.Contains(paths, "/web/app.js") {
		t.Error("the page's files are not tried")
	}
}

package smshttp

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/notifytest"

	"github.com/google/go-cmp/cmp"
)

func call() alerting.Call {
	c := notifytest.Call()
	c.ID = "a-1/3" // a gateway gets it back in a URL
	c.Place, c.Link, c.Address = `Room 12 & "hall" </b> {to}`, "https://care.example.org/a/x", "+48 600-100-200"
	return c
}

// asked is what a gateway was asked.
type asked struct {
	Method string
	Query  url.Values
	Header http.Header
	Body   string
}

// sink is an SMS gateway that answers in one way.
func sink(t *testing.T, status int, body string) (address string, got *asked) {
	got = &asked{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*got = asked{r.Method, r.URL.Query(), r.Header, string(b)}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func gateway(t *testing.T, cfg Config) *Gateway {
	t.Helper()
	cfg.Name = "sms"
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// word is why it was not accepted, "" when it was.
func TestKannel(t *testing.T) {
	address, got := sink(t, http.StatusAccepted, "0: Accepted for delivery")
	k := Kannel{
		URL: address + "/cgi-bin/sendsms", Username: "tele", Password: "p&q=1 ż", From: "48600", SMSC: "one",
		Reports: "http://127.0.0.1:8080/hooks/sms/secret/report",
	}
	if retry, err := gateway(t, k.Config()).Notify(t.Context(), call()); err != nil || retry {
		t.Fatal(retry, err)
	}
	text := got.Query.Get("text")
	if !strings.Contains(text, "Fall") || !strings.Contains(text, `Room 12 & "hall" </b> {to}`) || !strings.HasSuffix(text, " https://care.example.org/a/x\n1 = I am coming, 2 = I cannot") {
		t.Errorf("text: %q", text)
	}
	got.Query.Del("text")
	want := url.Values{
		"username": {"tele"}, "password": {"p&q=1 ż"}, "from": {"48600"}, "smsc": {"one"}, "to": {"+48600100200"},
		"charset": {"UTF-8"}, "coding": {"0"}, "validity": {"15"}, "dlr-mask": {"19"},
		"dlr-url": {"http://127.0.0.1:8080/hooks/sms/secret/report?alarm=a-1&message=a-1%2F3&status=%d"},
	}
	if diff := cmp.Diff(want, got.Query); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Nobody can answer a name, nor us where nothing comes back to.
	for _, deaf := range []Kannel{{From: "Telecare", Reports: k.Reports}, {From: k.From}} {
		deaf.URL = k.URL
		if _, err := gateway(t, deaf.Config()).Notify(t.Context(), call()); err != nil || !strings.HasSuffix(got.Query.Get("text"), " https://care.example.org/a/x") {
			t.Errorf("%+v: %v, text %q", deaf, err, got.Query.Get("text"))
		}
	}
	if _, err := gateway(t, k.Config()).Notify(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	// What Kannel makes of dlr-url comes back as a receipt.
	back, err := url.Parse(strings.Replace(got.Query.Get("dlr-url"), "%d", "2", 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(back.Query(), "")
	if want := (Receipt{"a-1", "a-1/3", "2"}); err != nil || r != want {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestAnswers(t *testing.T) {
	ok, number := regexp.MustCompile(`^OK:`), regexp.MustCompile(`^ERROR:13`)
	for name, x := range map[string]struct {
		status int
		body   string
		sent   Says
		refuse Says
		retry  bool
		word   string
	}{
		"2xx is sent":                {200, "whatever", Says{}, Says{}, false, ""},
		"5xx is tried again":         {503, "", Says{}, Says{}, true, "status 503"},
		"4xx is tried again":         {404, "", Says{}, Says{}, true, "status 404"},
		"a redirect is no answer":    {302, "", Says{}, Says{}, true, "status 302"},
		"refused by its status":      {400, "", Says{}, Says{Status: []int{400}}, false, "status 400"},
		"sent by its body":           {200, "OK:17", Says{Body: ok}, Says{Body: number}, false, ""},
		"refused by its body":        {200, "ERROR:13", Says{Body: ok}, Says{Body: number}, false, "status 200"},
		"neither":                    {200, "ERROR:101", Says{Body: ok}, Says{Body: number}, true, "garbage"},
		"nothing":                    {200, "", Says{Body: ok}, Says{}, true, "garbage"},
		"another status than agreed": {200, "", Says{Status: []int{202}}, Says{}, true, "garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := sink(t, x.status, x.body)
			retry, err := gateway(t, Config{URL: address + "?to={to}&text={text}", Sent: x.sent, Refused: x.refuse}).Notify(t.Context(), call())
			if retry != x.retry || notifytest.Word(err) != x.word {
				t.Errorf("retry %v, %q", retry, notifytest.Word(err))
			}
		})
	}
}

// What stands in a place's name stays in its field, in all kinds of body.
func TestTemplate(t *testing.T) {
	const text = `ALARM: Fall, Room 12 & "hall" </b> {to}, 02:00 https://care.example.org/a/x`
	read := map[string]func(*testing.T, asked) (to, text string){
		"application/json": func(t *testing.T, a asked) (string, string) {
			var m struct{ To, Text string }
			if err := json.Unmarshal([]byte(a.Body), &m); err != nil {
				t.Fatal(err, a.Body)
			}
			return m.To, m.Text
		},
		"text/xml; charset=utf-8": func(t *testing.T, a asked) (string, string) {
			var m struct {
				To   string `xml:"to"`
				Text string `xml:"text"`
			}
			if err := xml.Unmarshal([]byte(a.Body), &m); err != nil {
				t.Fatal(err, a.Body)
			}
			return m.To, m.Text
		},
		"": func(t *testing.T, a asked) (string, string) {
			q, err := url.ParseQuery(a.Body)
			if err != nil || a.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Fatal(err, a.Header)
			}
			return q.Get("to"), q.Get("text")
		},
	}
	for kind, body := range map[string]string{
		"application/json": `{"to": "{to}", "text": "{text}", "more": {}}`, "text/xml; charset=utf-8": "<sms><to>{to}</to><text>{text}</text></sms>", "": "to={to}&text={text}",
	} {
		address, got := sink(t, 200, "")
		cfg := Config{URL: address + "/{id}", Headers: map[string]string{"X-Id": "{id}", "Authorization": "Bearer {secret}"}, Body: body, Secret: "hush"}
		if kind != "" {
			cfg.Headers["Content-Type"] = kind
		}
		if _, err := gateway(t, cfg).Notify(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		to, said := read[kind](t, *got)
		if got.Method != http.MethodPost || to != "+48600100200" || said != text || got.Header.Get("X-Id") != "a-1/3" || got.Header.Get("Authorization") != "Bearer hush" {
			t.Errorf("%s: %q %q %q %v", kind, got.Method, to, said, got.Header)
		}
	}
}

func TestNew(t *testing.T) {
	for name, x := range map[string]struct {
		cfg  Config
		want string
	}{
		"no url":               {Config{Body: "{to}{text}"}, "url: needs http"},
		"no host":              {Config{URL: "https://?{to}{text}"}, "url: needs http"},
		"another scheme":       {Config{URL: "ftp://a/{to}{text}"}, "url: needs http"},
		"the host":             {Config{URL: "https://{to}.example.org/{text}"}, "part of the machine's name"},
		"a placeholder":        {Config{URL: "https://a/{to}{text}{colour}"}, `"{colour}" is no placeholder`},
		"no text":              {Config{URL: "https://a/{to}"}, "{text} is nowhere"},
		"no number":            {Config{URL: "https://a/{text}"}, "{to} is nowhere"},
		"a header in a header": {Config{URL: "https://a/{to}{text}", Headers: map[string]string{"A": "b\r\nC: d"}}, "cannot be a header"},
	} {
		if _, err := New(x.cfg); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoSecretInErrors(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1/hush?to={to}&text={text}", "http://hush.invalid/hush?to={to}&text={text}"} {
		_, err := gateway(t, Config{URL: address, Timeout: 5 * time.Second}).Notify(t.Context(), call())
		if err == nil || strings.Contains(strings.ReplaceAll(err.Error(), "hush.invalid", ""), "hush") || strings.Contains(err.Error(), "600") {
			t.Errorf("%v", err)
		}
	}
}

func TestAddress(t *testing.T) {
	for s, want := range map[string]string{
		"+48 600 100 200": "+48600100200", "600-100-200": "600100200", "(0048) 600.100.200": "0048600100200",
		"": "", "12": "", "marta@example.org": "", "+48+600": "", "1234567890123456": "", "600;100": "",
	} {
		if got := number(s); got != want || (Address(s) == nil) != (want != "") {
			t.Errorf("%q: %q", s, got)
		}
	}
	c := call()
	c.Address = ""
	if retry, err := gateway(t, Config{URL: "http://127.0.0.1:1/{to}{text}"}).Notify(t.Context(), c); retry || notifytest.Word(err) != "no address" {
		t.Error(retry, err)
	}
}

func TestRead(t *testing.T) {
	q := url.Values{"alarm": {"a"}, "message": {"m"}, "status": {""}, "state": {"DELIVRD"}}
	if r, err := Read(q, "state"); err != nil || r.Status != "DELIVRD" {
		t.Error(r, err)
	}
	for _, q := range []url.Values{{}, {"alarm": {"a"}, "status": {"1"}}, {"alarm": {"a"}, "message": {"m"}}} {
		if _, err := Read(q, ""); !errors.Is(err, ErrNoReport) {
			t.Errorf("%v: %v", q, err)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("a={to}&b={text}", "x&y")
	f.Add(`{"a":{"b":"{text}"}}`, `"`)
	f.Fuzz(func(t *testing.T, s, value string) {
		p, err := parse(s)
		if err != nil {
			return
		}
		if got := p.fill(values{"to": "{to}", "text": "{text}", "from": "{from}", "secret": "{secret}", "id": "{id}", "coding": "{coding}", "report": "{report}"}); got != s {
			t.Errorf("%q became %q", s, got)
		}
		p.write = url.QueryEscape
		p.fill(values{"to": value, "text": value})
		if b := inJSON(value); !json.Valid([]byte(`"` + b + `"`)) {
			t.Errorf("%q is no JSON", b)
		}
	})
}

func TestSilent(t *testing.T) {
	for status, want := range map[int]string{400: "", 403: "login", 503: "status 503"} {
		address, got := sink(t, status, "")
		err := gateway(t, Kannel{URL: address, Username: "a", Password: "b"}.Config()).Test(t.Context())
		if notifytest.Word(err) != want || got.Query.Has("to") || got.Query.Get("password") != "b" {
			t.Errorf("%d: %v, asked %v", status, err, got.Query)
		}
	}
	address, got := sink(t, 200, "")
	if err := gateway(t, Config{URL: address + "/?{to}{text}"}).Test(t.Context()); err != nil || got.Method != "" {
		t.Error(err, got)
	}
	if err := gateway(t, Config{URL: "http://127.0.0.1:1/?{to}{text}"}).Test(t.Context()); notifytest.Word(err) != "refused" {
		t.Error(err)
	}
}

package gatewaytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Prometheus is a running Prometheus. Its methods are for the test's goroutine.
type Prometheus struct {
	URL string

	t testing.TB
}

// Series is one answer of Prometheus: its labels and values in order of time.
type Series struct {
	Labels map[string]string
	Values []float64
}

// Numbers reports whether a value of it is one.
func (s Series) Numbers() bool {
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			return true
		}
	}
	return false
}

// StartPrometheus starts a real Prometheus with a configuration file, which may
// name others beside it.
func StartPrometheus(t testing.TB, config string) *Prometheus {
	t.Helper()
	address := FreePort(t)
	p := &Prometheus{URL: "http://" + address, t: t}
	serve(t, program(t, "prometheus"), p.URL+"/-/ready",
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(t.TempDir(), "tsdb"), "--web.listen-address="+address)
	return p
}

// StartAlertmanager starts a real Alertmanager at an address.
func StartAlertmanager(t testing.TB, config, address string) {
	t.Helper()
	serve(t, program(t, "prometheus-alertmanager"), "http://"+address+"/-/ready",
		"--config.file="+config, "--storage.path="+filepath.Join(t.TempDir(), "am"), "--web.listen-address="+address, "--cluster.listen-address=")
}

// Promtool runs promtool and returns what it says; its error is whether it was
// content.
func Promtool(t testing.TB, in io.Reader, args ...string) (string, error) {
	t.Helper()
	return says(program(t, "promtool"), in, args...)
}

// Amtool runs amtool.
func Amtool(t testing.TB, args ...string) (string, error) {
	t.Helper()
	return says(program(t, "amtool"), nil, args...)
}

func says(path string, in io.Reader, args ...string) (string, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdin = in
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// serve runs a server until the test ends, and waits until it answers.
func serve(t testing.TB, path, ready string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // "signal: killed" is what was asked for
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(path), said.Bytes()[max(0, said.Len()-4000):])
		}
	})
	client := &http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if res, err := client.Get(ready); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ended:
			t.Fatalf("%s has ended; it said:\n%s", path, said.Bytes())
		case <-time.After(20 * time.Millisecond): // the next look at a real condition
		}
	}
	t.Fatalf("%s does not answer at %s", path, ready)
}

// Query asks for now.
func (p *Prometheus) Query(t testing.TB, expr string) []Series {
	t.Helper()
	return p.ask(t, "query", expr, url.Values{})
}

// Range asks for a time, with a value every step.
func (p *Prometheus) Range(t testing.TB, expr string, from, to time.Time, step time.Duration) []Series {
	t.Helper()
	unix := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
	return p.ask(t, "query_range", expr, url.Values{"start": {unix(from)}, "end": {unix(to)}, "step": {fmt.Sprint(step.Seconds())}})
}

// Labels asks for the values of a label of the series that match.
func (p *Prometheus) Labels(t testing.TB, label, match string) []string {
	t.Helper()
	var values []string
	if err := json.Unmarshal(p.get(t, "label/"+label+"/values", url.Values{"match[]": {match}}), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func (p *Prometheus) ask(t testing.TB, how, expr string, with url.Values) []Series {
	t.Helper()
	with.Set("query", expr)
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  json.RawMessage
			Values []json.RawMessage
		}
	}
	if err := json.Unmarshal(p.get(t, how, with), &data); err != nil {
		t.Fatalf("prometheus: %v", err)
	}
	var out []Series
	for _, r := range data.Result {
		s := Series{Labels: r.Metric}
		if r.Value != nil {
			r.Values = append(r.Values, r.Value)
		}
		for _, raw := range r.Values { // [time, "value"]
			var pair [2]any
			if err := json.Unmarshal(raw, &pair); err != nil {
				t.Fatalf("prometheus: %v", err)
			}
			v, err := strconv.ParseFloat(fmt.Sprint(pair[1]), 64)
			if err != nil {
				t.Fatalf("prometheus: %v", err)
			}
			s.Values = append(s.Values, v)
		}
		out = append(out, s)
	}
	return out
}

func (p *Prometheus) get(t testing.TB, what string, with url.Values) json.RawMessage {
	t.Helper()
	res, err := (&http.Client{Timeout: 10 * time.Second}).Get(p.URL + "/api/v1/" + what + "?" + with.Encode())
	if err != nil {
		t.Fatalf("prometheus: %v", err)
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("prometheus: %v %s in %s", err, answer.Error, with)
	}
	return answer.Data
}

// Inbox is a webhook receiver of Alertmanager's.
type Inbox struct {
	URL    string
	Alerts chan Alert
}

// Alert is one that Alertmanager has sent.
type Alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// Await waits for an alert.
func (in *Inbox) Await(t testing.TB, within time.Duration, is func(Alert) bool) Alert {
	t.Helper()
	deadline := time.After(within)
	for {
		select {
		case a := <-in.Alerts:
			if is(a) {
				return a
			}
			t.Logf("another alert: %s %v", a.Status, a.Labels)
		case <-deadline:
			t.Fatalf("no such alert within %s", within)
		}
	}
}

// NewInbox starts one.
func NewInbox(t testing.TB) *Inbox {
	t.Helper()
	in := &Inbox{Alerts: make(chan Alert, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ Alerts []Alert }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, a := range message.Alerts {
			in.Alerts <- a
		}
	}))
	t.Cleanup(server.Close)
	in.URL = server.URL
	return in
}

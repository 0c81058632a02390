package gatewaytest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
)

// Influx is a running InfluxDB 1.8 with authentication. Its methods are for the
// test's goroutine.
type Influx struct {
	URL    string // http://127.0.0.1:port; the port stays over Kill and Start
	Token  string // of a user who may read and write
	Org    string // 1.8 has none
	Bucket string // "database/retention policy"

	t       testing.TB
	path    string
	config  string
	log     string
	process *exec.Cmd // nil while it is down
}

// Influxd starts a real InfluxDB 1.8 with authentication, a database and a
// retention policy of 30 days.
func Influxd(t testing.TB) *Influx {
	t.Helper()
	path := program(t, "influxd")
	dir := t.TempDir()
	address := FreePort(t)
	in := &Influx{
		URL: "http://" + address, Token: "gw:gw-password", Bucket: "telecare/events",
		t: t, path: path, config: filepath.Join(dir, "influxd.conf"), log: filepath.Join(dir, "influxd.log"),
	}
	// https://docs.influxdata.com/influxdb/v1/administration/config/
	config := fmt.Sprintf(`reporting-disabled = true
bind-address = %q
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
[monitor]
  store-enabled = false
[http]
  bind-address = %q
  auth-enabled = true
  flux-enabled = true
  log-enabled = false
`, FreePort(t), filepath.Join(dir, "meta"), filepath.Join(dir, "data"), filepath.Join(dir, "wal"), address)
	if err := os.WriteFile(in.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if in.process != nil {
			in.Kill()
		}
	})
	in.Start()
	// The first user may be made without being one.
	in.Do("CREATE USER admin WITH PASSWORD 'admin-password' WITH ALL PRIVILEGES")
	in.Do("CREATE USER gw WITH PASSWORD 'gw-password'")
	in.Empty()
	return in
}

// Empty makes the database anew. A start takes seconds, this milliseconds.
func (in *Influx) Empty() {
	in.t.Helper()
	in.Do("DROP DATABASE telecare")
	in.Do("CREATE DATABASE telecare WITH DURATION 30d REPLICATION 1 SHARD DURATION 1d NAME events")
	in.Do("GRANT ALL ON telecare TO gw")
}

// Do runs an InfluxQL statement as the administrator.
func (in *Influx) Do(statement string) {
	in.t.Helper()
	req, err := http.NewRequestWithContext(in.t.Context(), http.MethodPost, in.URL+"/query?"+url.Values{"q": {statement}}.Encode(), nil)
	if err != nil {
		in.t.Fatal(err)
	}
	req.SetBasicAuth("admin", "admin-password")
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		in.t.Fatalf("influxd: %s: %v", statement, err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || bytes.Contains(said, []byte(`"error"`)) { // errors come with status 200, too
		in.t.Fatalf("influxd: %s: %s: %s", statement, res.Status, said)
	}
}

// Query runs a Flux query and returns its records, all tables in a row.
func (in *Influx) Query(t testing.TB, flux string) []map[string]any {
	t.Helper()
	client := influxdb2.NewClient(in.URL, in.Token)
	defer client.Close()
	res, err := client.QueryAPI(in.Org).Query(t.Context(), flux)
	if err != nil {
		t.Fatalf("influxd: %v in\n%s", err, flux)
	}
	defer res.Close()
	var got []map[string]any
	for res.Next() {
		got = append(got, res.Record().Values())
	}
	if err := res.Err(); err != nil {
		t.Fatalf("influxd: %v in\n%s", err, flux)
	}
	return got
}

// Start starts it again on the same port, with the same folder, and waits until
// it answers.
func (in *Influx) Start() {
	in.t.Helper()
	if in.process != nil {
		in.t.Fatal("influxd is running already")
	}
	log, err := os.OpenFile(in.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		in.t.Fatal(err)
	}
	defer log.Close() // it has its own
	in.process = exec.Command(in.path, "run", "-config", in.config)
	in.process.Stdout, in.process.Stderr = log, log
	if err := in.process.Start(); err != nil {
		in.process = nil
		in.t.Fatalf("start influxd: %v", err)
	}
	client := &http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		res, err := client.Get(in.URL + "/ping")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusNoContent {
				return
			}
		}
		<-time.After(10 * time.Millisecond) // the next look at a real condition
	}
	said, _ := os.ReadFile(in.log)
	in.t.Fatalf("influxd does not answer at %s; it said:\n%s", in.URL, said)
}

// Kill ends it as a power cut would.
func (in *Influx) Kill() {
	in.t.Helper()
	if in.process == nil {
		in.t.Fatal("influxd is not running")
	}
	p := in.process
	in.process = nil
	if err := p.Process.Kill(); err != nil {
		in.t.Errorf("kill influxd: %v", err)
	}
	_ = p.Wait() // "signal: killed" is what was asked for
}

// Stop freezes it: it accepts connections and says nothing.
func (in *Influx) Stop() { in.signal(freeze) }

// Cont lets it go on.
func (in *Influx) Cont() { in.signal(thaw) }

func (in *Influx) signal(send func(*os.Process) error) {
	in.t.Helper()
	if in.process == nil {
		in.t.Fatal("influxd is not running")
	}
	if err := send(in.process.Process); err != nil {
		in.t.Fatalf("signal influxd: %v", err)
	}
}

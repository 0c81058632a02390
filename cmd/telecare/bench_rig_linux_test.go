package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// What a run of the figures has in its registry: pendants that press, at the
// broker behind us and at our own, and sensors that only tell.
const (
	pressers = 1000
	sensors  = 1000
)

// rig is the world in which telecare and the relay are measured: the same
// mosquitto, the same InfluxDB, the same phone.
type rig struct {
	t      *testing.T
	broker *gatewaytest.Broker
	influx *gatewaytest.Influx
	phone  *callee

	telecare, relay string // the binaries
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, broker: gatewaytest.Mosquitto(t), influx: gatewaytest.Influxd(t), phone: newCallee(t)}
	dir := t.TempDir()
	r.telecare, r.relay = filepath.Join(dir, "telecare"), filepath.Join(dir, "relay")
	if ready := os.Getenv("TELECARE_BENCH_BINARY"); ready != "" { // one with a profiler in it, say
		r.telecare = ready
	} else {
		build(t, r.telecare, ".") // as `make build` does
	}
	build(t, r.relay, "./testdata/relay")
	return r
}

func build(t *testing.T, to, from string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, from)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", from, err, out)
	}
}

// running is a process under measurement.
type running struct {
	name string
	cmd  *exec.Cmd
	own  string // telecare's embedded broker
	home *home  // nil for the relay
	rig  *rig
}

// startTelecare starts the gateway in a new folder, with a registry of its own.
func (r *rig) startTelecare() *running {
	r.t.Helper()
	return r.startWith(benchRegistry())
}

func (r *rig) startWith(registry string) *running {
	r.t.Helper()
	h := &home{t: r.t, dir: r.t.TempDir(), page: gatewaytest.FreePort(r.t)}
	own := gatewaytest.FreePort(r.t)
	h.write("telecare.yaml", fmt.Sprintf(`site: lipowa
data: data
page:
  listen: %s
  accounts: [{name: centre, password_hash: %q, person: centre, role: centre}]
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q}
`, h.page, passwordHash, r.broker.URL, own, r.phone.url, phoneSecret, r.influx.URL, r.influx.Token, r.influx.Bucket))
	h.write("registry.yaml", registry)
	apply := exec.Command(r.telecare, "apply", "-f", "registry.yaml")
	apply.Dir = h.dir
	if out, err := apply.CombinedOutput(); err != nil {
		r.t.Fatalf("apply: %v\n%s", err, out)
	}
	p := &running{name: "telecare", rig: r, home: h, own: own, cmd: exec.Command(r.telecare, "run")}
	p.cmd.Dir = h.dir
	log, err := os.Create(filepath.Join(h.dir, "log"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close() // it has its own
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(p.stop)
	h.eventually("the gateway is ready", 20*time.Second, func() bool {
		res, err := http.Get("http://" + h.page + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	h.eventually("mosquitto", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })
	return p
}

// startRelay starts the thing to be compared with.
func (r *rig) startRelay() *running {
	r.t.Helper()
	p := &running{name: "relay", cmd: exec.Command(r.relay, "-broker", r.broker.URL, "-webhook", r.phone.url,
		"-influx", r.influx.URL, "-token", r.influx.Token, "-bucket", r.influx.Bucket)}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(p.stop)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		r.t.Fatalf("the relay says %q, %v", line, err)
	}
	return p
}

// stop ends the process at once; it may be called twice.
func (p *running) stop() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // "signal: killed" is what was asked for
	if p.home != nil {
		p.rig.forget("telecare-lipowa-house")
	}
}

// forget ends a session that mosquitto keeps for somebody who is gone: it would
// go on filling at the next one's cost.
func (r *rig) forget(session string) {
	c := paho.NewClient(paho.NewClientOptions().AddBroker(r.broker.URL).SetClientID(session).SetCleanSession(true).SetAutoReconnect(false))
	if t := c.Connect(); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		r.t.Errorf("end the session %q: %v", session, t.Error())
	}
	c.Disconnect(0)
}

// cpu is the processor time that the process has used. [proc_pid_stat(5)]
func (p *running) cpu(t *testing.T) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * (time.Second / 100) // USER_HZ is 100 on every Linux that Go knows
}

// peak is the most memory that the process ever had, in MiB.
func (p *running) peak(t *testing.T) float64 {
	t.Helper()
	return p.memory(t, "VmHWM:")
}

// memory is a line of the process's status, in MiB. [proc_pid_status(5)]
func (p *running) memory(t *testing.T, what string) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, what); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return float64(kb) / 1024
		}
	}
	t.Fatalf("no %s", what)
	return 0
}

// benchRegistry has a place for each presser, so that a call says who pressed.
func benchRegistry() string {
	var places, list strings.Builder
	device := func(key, address, role string) {
		fmt.Fprintf(&places, "  - {key: %s, name: %s}\n", key, key)
		fmt.Fprintf(&list, "  - {key: %s, name: %s, address: %s, role: %s, place: %s}\n", key, key, address, role, key)
	}
	for i := range pressers {
		for _, kind := range []string{"idle", "busy"} {
			name := fmt.Sprintf("%s%d", kind, i)
			device(name, "zigbee2mqtt/"+name, "panic")
		}
		name := fmt.Sprintf("own%d", i)
		device(name, "telecare/"+name, "panic")
	}
	for i := range sensors {
		fmt.Fprintf(&list, "  - {key: s%d, name: s%d, address: zigbee2mqtt/s%d, role: panic, place: idle0}\n", i, i, i)
	}
	return `site: lipowa
zone: Europe/Warsaw
last_resort: centre
default_policy: ward
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [phone]}
  - {key: centre, name: Centre, role: centre, channels: [phone]}
policies:
  - key: ward
    steps: [{call: [marta], wait: 1h}]
places:
` + places.String() + "devices:\n" + list.String()
}

// callee is a phone that only notes when it was called about which place.
type callee struct {
	url string

	mu    sync.Mutex
	calls map[string]time.Time
}

func newCallee(t *testing.T) *callee {
	c := &callee{calls: map[string]time.Time{}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.url = s.URL + "/call"
	return c
}

func (c *callee) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	at := time.Now()
	var call struct{ Place string }
	if err != nil || json.Unmarshal(b, &call) != nil {
		http.Error(w, "not a call", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, again := c.calls[call.Place]; !again {
		c.calls[call.Place] = at
	}
}

// called gives when each place was called about, and forgets it.
func (c *callee) called() map[string]time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.calls
	c.calls = map[string]time.Time{}
	return out
}

func (c *callee) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls)
}

// points counts what InfluxDB has.
func (r *rig) points() int {
	r.t.Helper()
	q := url.Values{"db": {"telecare"}, "q": {"SELECT count(temperature) FROM events.device"}, "u": {"admin"}, "p": {"admin-password"}}
	res, err := http.Get(r.influx.URL + "/query?" + q.Encode())
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var said struct {
		Results []struct {
			Series []struct{ Values [][]any }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		r.t.Fatal(err)
	}
	if len(said.Results) == 0 || len(said.Results[0].Series) == 0 {
		return 0
	}
	return int(said.Results[0].Series[0].Values[0][1].(float64))
}

// machine says on what the figures were taken.
func machine() string {
	model, memory := "unknown processor", ""
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if _, name, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(line, "model name") {
				model = strings.TrimSpace(name)
				break
			}
		}
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		memory = strings.Join(strings.Fields(strings.SplitN(string(b), "\n", 2)[0]), " ")
	}
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("%s, %d cores, %s, %s/%s, %s; load before: %s", model, runtime.NumCPU(), memory, runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.TrimSpace(string(load)))
}

// dialTCP connects to a tcp:// address.
func dialTCP(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

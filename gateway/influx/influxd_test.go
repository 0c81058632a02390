package influx

import (
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

func config(in *gatewaytest.Influx) Config {
	return Config{URL: in.URL, Token: in.Token, Org: in.Org, Bucket: in.Bucket}
}

// TestInfluxd runs the stories below on one server, which takes seconds to start.
func TestInfluxd(t *testing.T) {
	in := gatewaytest.Influxd(t)
	for name, story := range map[string]func(*testing.T, *gatewaytest.Influx){
		"takes points and alarms":       influxdTakesPointsAndAlarms,
		"killed":                        influxdKilled,
		"frozen":                        influxdFrozen,
		"refuses the token":             influxdRefusesTheToken,
		"poison":                        influxdPoison,
		"beyond retention":              influxdBeyondRetention,
		"ends between write and delete": forwarderEndsBetweenWriteAndDelete,
	} {
		t.Run(name, func(t *testing.T) {
			in.Empty()
			story(t, in)
		})
	}
}

// stored checks that exactly the samples 0 to n are in InfluxDB, once each.
func stored(t testing.TB, in *gatewaytest.Influx, n int) {
	t.Helper()
	rows := in.Query(t, `from(bucket: "telecare/events") |> range(start: -1d)
		|> filter(fn: (r) => r._measurement == "device" and r._field == "rssi")
		|> group() |> sort(columns: ["_time"])`)
	if len(rows) != n {
		t.Fatalf("%d points in influxdb, want %d", len(rows), n)
	}
	for i, row := range rows {
		s := sample(i)
		if at := row["_time"].(time.Time); !at.Equal(s.At) || row["_value"] != s.Readings[1].Value ||
			row["device"] != string(s.Device) || row["site"] != "ward-3" || row["kind"] != s.Kind || row["source"] != s.Source {
			t.Fatalf("point %d is %v", i, row)
		}
	}
}

func influxdTakesPointsAndAlarms(t *testing.T, in *gatewaytest.Influx) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	f := start(t, config(in), s)
	raised := alerting.Alarm{ID: "a-1", Kind: devices.Fall, Outcome: alerting.Helped, RaisedAt: now, NotifiedAt: now.Add(250 * time.Millisecond),
		AckedAt: now.Add(9 * time.Second), AttendedAt: now.Add(time.Minute), ClosedAt: now.Add(5 * time.Minute)}
	nasty := devices.Sample{Device: `d\`, Kind: "a b,c=d", Source: "x\ny\xff\\,z=1", At: now, Readings: []devices.Reading{{Quantity: "läuft, a=b", Value: 1}}}
	if err := s.Append(t.Context(), append(samples(0, 10), nasty), []alerting.Alarm{raised}); err != nil {
		t.Fatal(err)
	}
	f.waitEmpty(t)
	if got := f.Stats(); got.Written != 12 || got.Poisoned != 0 {
		t.Errorf("%+v", got)
	}
	stored(t, in, 10)
	got := map[string]any{}
	for _, row := range in.Query(t, `from(bucket: "telecare/events") |> range(start: -1d) |> filter(fn: (r) => r._measurement == "alarm")`) {
		if row["kind"] != "fall" || row["outcome"] != "helped" || row["site"] != "ward-3" || !row["_time"].(time.Time).Equal(now) {
			t.Errorf("%v", row)
		}
		got[row["_field"].(string)] = row["_value"]
	}
	if len(got) != 4 || got["notify"] != 0.25 || got["acknowledge"] != 9.0 || got["attend"] != 60.0 || got["close"] != 300.0 {
		t.Errorf("%v", got)
	}
	rows := in.Query(t, `from(bucket: "telecare/events") |> range(start: -1d) |> filter(fn: (r) => r._field == "läuft, a=b")`)
	if len(rows) != 1 || rows[0]["device"] != "d_" || rows[0]["kind"] != "a b,c=d" || rows[0]["source"] != "x_y__,z=1" {
		t.Errorf("%v", rows)
	}
}

// InfluxDB dies and comes back again and again while points go on coming.
func influxdKilled(t *testing.T, in *gatewaytest.Influx) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	f := start(t, config(in), s)
	n := 0
	more := func(batches int) {
		for range batches {
			mustAppend(t, s, n, n+20)
			n += 20
		}
	}
	more(1)
	f.waitEmpty(t)
	for range 2 {
		more(20)
		in.Kill() // with points under way
		more(20)
		f.wait(t, func() bool { return f.Ready() != nil })
		in.Start()
		f.waitEmpty(t)
	}
	f.stop()
	stored(t, in, n)
	if got := f.Stats(); got.Written < int64(n) || got.Poisoned != 0 || got.Dropped != 0 {
		t.Errorf("%+v of %d", got, n)
	}
	if len(f.faults) < 2 || f.faults[len(f.faults)-1] != "well" {
		t.Errorf("faults %q", f.faults)
	}
}

// An InfluxDB that holds the connection and says nothing is left after the
// timeout, and Append notices nothing of it.
func influxdFrozen(t *testing.T, in *gatewaytest.Influx) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	cfg := config(in)
	cfg.Timeout = 500 * time.Millisecond
	f := start(t, cfg, s)
	mustAppend(t, s, 0, 10)
	f.waitEmpty(t)
	in.Stop()
	for i := 10; i < 500; i += 10 {
		mustAppend(t, s, i, i+10)
	}
	f.wait(t, func() bool { return slices.Contains(f.told(), "timeout") })
	if got := s.Stats(); got.Points != 490 {
		t.Errorf("%+v", got)
	}
	in.Cont()
	f.waitEmpty(t)
	stored(t, in, 500)
}

// A wrong token costs nothing: what was kept arrives when the token is put
// right, here or there.
func influxdRefusesTheToken(t *testing.T, in *gatewaytest.Influx) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	for i := 0; i < 100; i += 10 {
		mustAppend(t, s, i, i+10)
	}
	wrong := config(in)
	for token, why := range map[string]string{"gw:wrong": "status 401: check the token", "": "status 401: check the token"} {
		wrong.Token = token
		f := start(t, wrong, s)
		f.wait(t, func() bool { return slices.Contains(f.told(), why) })
		f.stop()
	}
	wrong = config(in)
	wrong.Bucket = "elsewhere/events"
	f := start(t, wrong, s)
	f.wait(t, func() bool { return len(f.told()) > 0 })
	f.stop()
	// 1.8 does not tell a missing database from one that is not ours.
	if !strings.HasPrefix(f.faults[0], "status 40") || f.Ready() == nil {
		t.Errorf("%q, %v", f.faults, f.Ready())
	}
	if got := s.Stats(); got.Points != 100 || got.Poisoned != 0 || got.Dropped != 0 {
		t.Errorf("%+v", got)
	}

	wrong = config(in)
	wrong.Token = "gw:another"
	f = start(t, wrong, s)
	f.wait(t, func() bool { return len(f.told()) > 0 })
	in.Do("SET PASSWORD FOR gw = 'another'")
	f.waitEmpty(t)
	f.stop()
	in.Do("SET PASSWORD FOR gw = 'gw-password'") // for the next
	stored(t, in, 100)
}

// One point that InfluxDB will never take, among ten thousand good ones.
func influxdPoison(t *testing.T, in *gatewaytest.Influx) {
	c := influxdb2.NewClient(in.URL, in.Token)
	defer c.Close()
	// Somebody's text where a number belongs, in the same shard.
	if err := c.WriteAPIBlocking("", in.Bucket).WriteRecord(t.Context(), encodedTime(`device,site=x humidity="wet"`)); err != nil {
		t.Fatal(err)
	}
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	all := samples(0, 10_000)
	sick := devices.Sample{Device: "d-sick", At: now, Readings: []devices.Reading{{Quantity: devices.Humidity, Value: 50}}}
	all = slices.Insert(all, rand.IntN(10_000), sick)
	if err := s.Append(t.Context(), all, nil); err != nil {
		t.Fatal(err)
	}
	f := start(t, config(in), s)
	f.waitEmpty(t)
	stored(t, in, 10_000)
	if got := f.Stats(); got != (Stats{Written: 10_000, Poisoned: 1}) {
		t.Errorf("%+v", got)
	}
	if len(f.told()) != 0 {
		t.Errorf("faults %q", f.told())
	}
	got, err := s.Poisons(t.Context())
	if err != nil || len(got) != 1 || !strings.Contains(got[0].Line, "d-sick") || !strings.Contains(got[0].Message, "field type conflict") {
		t.Errorf("%v, %v", got, err)
	}
}

func encodedTime(line string) string {
	lines, _ := encode("x", samples(0, 1), nil)
	return line + string(lines[strings.LastIndex(string(lines), " "):])
}

// After weeks without InfluxDB the oldest points are beyond its retention: they
// are set aside as they come, not one by one.
func influxdBeyondRetention(t *testing.T, in *gatewaytest.Influx) {
	s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
	old := samples(0, 3000)
	for i := range old {
		old[i].At = old[i].At.AddDate(0, 0, -60)
	}
	if err := s.Append(t.Context(), old, nil); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, 0, 100)
	f := start(t, config(in), s)
	f.waitEmpty(t)
	stored(t, in, 100)
	if got := f.Stats(); got != (Stats{Written: 100, Poisoned: 3000}) {
		t.Errorf("%+v", got)
	}
}

// The gateway ends between InfluxDB's answer and the spool's commit: the points
// are written again and are the same points.
func forwarderEndsBetweenWriteAndDelete(t *testing.T, in *gatewaytest.Influx) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := mustSpool(t, path, 1<<30)
	mustAppend(t, s, 0, 300)
	f := NewForwarder(config(in), s, slog.New(slog.DiscardHandler), func(bool, string) {})
	if _, err := f.connect(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.write(t.Context(), mustNext(t, s, maxPoints, maxBytes).lines); err != nil {
		t.Fatal(err)
	}
	stored(t, in, 300)
	s.Close() // without settle

	s = mustSpool(t, path, 1<<30)
	g := start(t, config(in), s)
	g.waitEmpty(t)
	stored(t, in, 300)
	if got := g.Stats().Written; got != 300 {
		t.Errorf("%d were written again", got)
	}
}

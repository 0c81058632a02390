package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telecare/alerting/report"
	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"
)

// TestReportAgrees: presses on two buttons behind mosquitto, answered by the
// centre in four ways. What the command, the interface, InfluxDB and the metrics say
// of them is the same, while the gateway runs and when it does not.
func TestReportAgrees(t *testing.T) {
	beside(t)
	broker, influx := gatewaytest.Mosquitto(t), gatewaytest.Influxd(t)
	secret := []byte("between the gateway and the phones")
	phone := gatewaytest.NewPhone(t, secret)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
channels:
  - {name: marta-phone, type: webhook, url: %q, secret: %q}
  - {name: jan-phone, type: webhook, url: %q, secret: %q}
influx: {url: %q, token: %q, bucket: %q}
`, broker.URL, phone.URL, secret, phone.URL, secret, influx.URL, influx.Token, influx.Bucket), registryOf)
	h.start()
	h.eventually("the broker is there", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })
	zigbee := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: broker.URL})
	t.Cleanup(func() { zigbee.Close(t.Context()) })

	var alarms struct{ Alarms []struct{ ID, State string } }
	open := func() string {
		h.get("centre", "/api/v1/alarms?state=open", &alarms)
		if len(alarms.Alarms) == 0 {
			return ""
		}
		return alarms.Alarms[0].ID
	}
	for _, answers := range [][]string{{"take", "arrive", "close helped"}, {"arrive", "close hurt"}, {"close mistake"}, {"take", "close test"}} {
		if err := zigbee.Press(t.Context(), "Anna bedroom"); err != nil {
			t.Fatal(err)
		}
		id := ""
		h.eventually("an alarm", 10*time.Second, func() bool { id = open(); return id != "" })
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
		h.eventually("its call accepted", 10*time.Second, func() bool {
			var a struct {
				Calls []struct{ State string }
			}
			h.get("centre", "/api/v1/alarms/"+id, &a)
			return len(a.Calls) > 0 && a.Calls[0].State == "delivered"
		})
		for _, answer := range answers {
			action, outcome, _ := strings.Cut(answer, " ")
			h.command(slices.DeleteFunc([]string{"alarms", action, id, "--outcome", outcome}, func(s string) bool {
				return outcome == "" && (s == "--outcome" || s == "")
			})...)
		}
	}

	now := report.Report{}
	if err := json.Unmarshal([]byte(h.command("report", "--json")), &now); err != nil {
		t.Fatal(err)
	}
	if x := now.Totals; x.All != 4 || x.Counted != 3 || x.Tests != 1 || x.False != 1 || x.Open != 0 || now.Lines[0].Verdict != report.Met {
		t.Errorf("totals %+v, lines %+v", x, now.Lines)
	}
	rows := rowsOf(t, h.command("report", "--csv"))
	col := func(row []string, name string) string { return row[slices.Index(report.Columns(), name)] }
	if len(rows) != 4 || col(rows[0], "place") != "Room 3" || col(rows[0], "acknowledged_by") != "Information centre" || col(rows[3], "test") != "test" {
		t.Fatalf("the CSV has %q", rows)
	}
	byAPI := rowsOf(t, string(h.body("centre", "/api/v1/report?format=csv")))
	for i := range rows {
		if !slices.Equal(rows[i], byAPI[i]) {
			t.Errorf("the command says %q, the interface %q", rows[i], byAPI[i])
		}
	}
	if text := h.command("report"); !strings.Contains(text, "Lipowa House: ") || !strings.Contains(text, "Information centre") || !strings.Contains(text, "3 of 3") {
		t.Errorf("as a table:\n%s", text)
	}
	anonymous := h.command("report", "--anonymous") + h.command("report", "--anonymous", "--csv") + h.command("report", "--anonymous", "--json")
	for _, name := range []string{"Room 3", "Marta", "Information centre", "Aniela", "Lipowa", "Anna"} {
		if strings.Contains(anonymous, name) {
			t.Errorf("an anonymous report names %q", name)
		}
	}
	technician := string(h.body("technician", "/report")) + string(h.body("technician", "/api/v1/report")) + string(h.body("technician", "/api/v1/report?format=csv"))
	if strings.Contains(technician, "Information centre") || strings.Contains(technician, `"person"`) || !strings.Contains(technician, "Room 3") {
		t.Error("a technician is shown who came, or not where")
	}

	// InfluxDB has the same seconds, alarm by alarm.
	fields := map[string]string{"notify": "call_s", "acknowledge": "acknowledge_s", "attend": "attend_s", "close": "close_s"}
	var points []map[string]any
	h.eventually("four alarms in InfluxDB", 20*time.Second, func() bool {
		points = influx.Query(t, `from(bucket:"telecare/events") |> range(start:-1h) |> filter(fn: (r) => r._measurement == "alarm")`)
		n := 0
		for _, p := range points {
			if p["_field"] == "close" {
				n++
			}
		}
		return n == 4
	})
	sums, counts := map[string]float64{}, map[string]float64{}
	for _, row := range rows {
		raised, err := time.Parse(time.RFC3339, col(row, "raised_at"))
		if err != nil {
			t.Fatal(err)
		}
		for field, column := range fields {
			want := col(row, column)
			got := ""
			for _, p := range points {
				if at, ok := p["_time"].(time.Time); ok && p["_field"] == field && at.Truncate(time.Second).Equal(raised) && p["outcome"] == col(row, "outcome") {
					got = strconv.FormatFloat(math.Round(p["_value"].(float64)*1000)/1000, 'f', 3, 64)
				}
			}
			if got != want {
				t.Errorf("alarm %s: the report says %s = %q, InfluxDB %q", col(row, "number"), column, want, got)
			}
			if v, err := strconv.ParseFloat(want, 64); err == nil {
				sums[column] += v
				counts[column]++
			}
		}
	}
	// The metrics have their sums; tests are in them.
	m := h.metrics()
	for name, column := range map[string]string{"acknowledge": "acknowledge_s", "attend": "attend_s", "close": "close_s"} {
		name = "telecare_time_to_" + name + "_seconds"
		if m[name+"_count"] != counts[column] || math.Abs(m[name+"_sum"]-sums[column]) > 0.01 {
			t.Errorf("%s: %v in %v alarms, the report %v in %v", name, m[name+"_sum"], m[name+"_count"], sums[column], counts[column])
		}
	}

	// Without the gateway, and after a restart, it is the same; the restart shows.
	h.stop()
	offline := rowsOf(t, h.command("report", "--csv"))
	h.start()
	again := rowsOf(t, h.command("report", "--csv"))
	for i := range rows {
		if !slices.Equal(rows[i], offline[i]) || !slices.Equal(rows[i], again[i]) {
			t.Errorf("running %q, stopped %q, restarted %q", rows[i], offline[i], again[i])
		}
	}
	now = report.Report{}
	if err := json.Unmarshal([]byte(h.command("report", "--json")), &now); err != nil || len(now.Known.Gaps) != 1 || now.Known.Otherwise != 0 {
		t.Errorf("%v: known is %+v", err, now.Known)
	}
	if out, status := h.status("report", "--month", "2026-13"); status != 1 || !strings.Contains(out, "write one such as 2026-10") {
		t.Errorf("a wrong month: %d %s", status, out)
	}
}

func rowsOf(t *testing.T, text string) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader([]byte(text))).ReadAll()
	if err != nil || len(all) == 0 || !slices.Equal(all[0], report.Columns()) {
		t.Fatalf("not the CSV: %v\n%s", err, text)
	}
	return all[1:]
}

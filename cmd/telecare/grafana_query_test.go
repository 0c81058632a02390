package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// What Grafana does with a dashboard, as far as it matters for its queries: it
// puts values in the place of variables, and asks the data source.

// board is a dashboard as somebody else reads it.
type board struct {
	UID        string
	Templating struct {
		List []struct {
			Type, Name, Query string
			Datasource        struct{ Type string }
			AllValue          string
		}
	}
	Panels []struct {
		Title   string
		Type    string
		Targets []struct {
			RefID        string
			Datasource   struct{ Type string }
			Expr         string
			Instant      bool
			Query        string
			RawQuery     bool
			ResultFormat string
		}
	}
}

func readBoards(t *testing.T, dir string) []board {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "grafana", "dashboards", "*.json"))
	if err != nil || len(names) != 3 {
		t.Fatalf("%d dashboards in %s, want 3 (%v)", len(names), dir, err)
	}
	var out []board
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var one board
		if err := json.Unmarshal(b, &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, one)
	}
	return out
}

// asker asks the real servers what a dashboard asks.
type asker struct {
	influx     *gatewaytest.Influx
	prometheus *gatewaytest.Prometheus
	// chosen are the values of the dashboard's variables; one that is not there
	// is "All".
	chosen map[string]string
}

var (
	inBraces = regexp.MustCompile(`\$\{([a-z]+)(:[a-z]+)?\}`)
	bare     = regexp.MustCompile(`\$([a-z]+)\b`)
)

// fill puts values in the place of Grafana's variables, ours and its own. A tag
// in an alias ($tag_…) is not in a query.
func (a asker) fill(query string) string {
	to := time.Now()
	from := to.Add(-10 * time.Minute)
	query = strings.NewReplacer(
		// https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables
		"$__rate_interval", "4s", // four times the scrape interval, at least
		"$__interval", "10s",
		"$timeFilter", fmt.Sprintf("time >= %dms and time <= %dms", from.UnixMilli(), to.UnixMilli()),
		"v.timeRangeStart", from.UTC().Format(time.RFC3339Nano), "v.timeRangeStop", to.UTC().Format(time.RFC3339Nano),
		"v.windowPeriod", (10 * time.Second).String(), "v.defaultBucket", `"`+a.influx.Bucket+`"`,
	).Replace(query)
	value := func(name string) string {
		if v, ok := a.chosen[name]; ok {
			return v
		}
		return ".*"
	}
	query = inBraces.ReplaceAllStringFunc(query, func(m string) string { return value(inBraces.FindStringSubmatch(m)[1]) })
	return bare.ReplaceAllStringFunc(query, func(m string) string { return value(m[1:]) })
}

// series is how many there are with a number in them, for one query.
func (a asker) series(t *testing.T, q question) int {
	t.Helper()
	query := a.fill(q.query)
	if strings.Contains(query, "$") && !strings.Contains(query, "$/") { // the end of a regular expression
		t.Fatalf("a variable is left in %s", query)
	}
	n := 0
	switch {
	case q.kind == "prometheus":
		now := time.Now()
		got := a.prometheus.Query
		if !q.instant {
			got = func(t testing.TB, expr string) []gatewaytest.Series {
				return a.prometheus.Range(t, expr, now.Add(-time.Minute), now, time.Second)
			}
		}
		for _, s := range got(t, query) {
			if s.Numbers() {
				n++
			}
		}
	case q.ql:
		for _, s := range a.influx.Select(t, query) {
			if len(s.Values) > 0 {
				n++
			}
		}
	default:
		n = len(a.influx.Query(t, query))
	}
	return n
}

// question is one query of one panel.
type question struct {
	where, kind, query string
	instant, ql        bool
}

func questions(boards ...board) (out []question) {
	for _, b := range boards {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				out = append(out, question{fmt.Sprintf("%s, panel %q, query %s", b.UID, p.Title, q.RefID), q.Datasource.Type, q.Expr + q.Query, q.Instant, q.RawQuery})
			}
		}
	}
	return out
}

// empty are those of the questions that have no answer yet.
func (a asker) empty(t *testing.T, all []question) (out []question) {
	t.Helper()
	for _, q := range all {
		if a.series(t, q) == 0 {
			out = append(out, q)
		}
	}
	return out
}

var labelValues = regexp.MustCompile(`^label_values\((.+), ([a-z]+)\)$`)

// choices are the values that a dashboard offers for each of its variables.
func (a asker) choices(t *testing.T, b board) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, v := range b.Templating.List {
		if v.Type != "query" {
			continue
		}
		if v.AllValue != ".*" {
			t.Errorf("%s: variable %s has %q for all", b.UID, v.Name, v.AllValue)
		}
		switch query := a.fill(v.Query); {
		case v.Datasource.Type == "prometheus":
			m := labelValues.FindStringSubmatch(query)
			if m == nil {
				t.Fatalf("variable %s: %s", v.Name, query)
			}
			out[v.Name] = a.prometheus.Labels(t, m[2], m[1])
		case strings.HasPrefix(query, "SHOW"):
			for _, s := range a.influx.Select(t, query) {
				for _, row := range s.Values {
					out[v.Name] = append(out[v.Name], fmt.Sprint(row[1]))
				}
			}
		default:
			for _, row := range a.influx.Query(t, query) {
				out[v.Name] = append(out[v.Name], fmt.Sprint(row["_value"]))
			}
		}
	}
	return out
}

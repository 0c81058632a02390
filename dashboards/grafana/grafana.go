// Package grafana writes what technicians look at: dashboards, data sources and
// their provisioning for Grafana, alert rules for Prometheus, and an example
// for Alertmanager.
//
// It guarantees that what it writes asks only for what the gateway has: every
// query of every panel and every rule is run by a test against a real InfluxDB
// and a real Prometheus that a running gateway feeds, and each answers with a
// series; names are held to those of the gateway; and the dashboards keep to
// Grafana's schema. A Grafana has not seen them: none was at hand.
package grafana

import (
	"bytes"
	"fmt"
	"strings"
)

// Influx is the language in which InfluxDB is asked.
type Influx string

// Languages. Flux is what InfluxDB 2.x speaks, and a 1.8 with flux-enabled =
// true. InfluxQL is what every 1.x speaks as it is, without that line.
const (
	Flux     Influx = "flux"
	InfluxQL Influx = "influxql"
)

// Options say where things are. The zero value of each is what an installation
// on one machine has.
type Options struct {
	Influx        Influx // Flux when empty
	InfluxURL     string
	Org           string
	Bucket        string // "database/retention" for InfluxDB 1.x
	PrometheusURL string
	Alertmanager  string // host:port
	Gateway       string // host:port of the page, where /metrics is
	TLS           bool   // and it speaks https
	Site          string
}

func (o Options) defaults() Options {
	for _, one := range []struct {
		is *string
		or string
	}{
		{(*string)(&o.Influx), string(Flux)}, {&o.InfluxURL, "http://127.0.0.1:8086"}, {&o.Bucket, "telecare/events"},
		{&o.PrometheusURL, "http://127.0.0.1:9090"}, {&o.Alertmanager, "127.0.0.1:9093"}, {&o.Gateway, "127.0.0.1:8080"}, {&o.Site, "home"},
	} {
		if *one.is == "" {
			*one.is = one.or
		}
	}
	return o
}

// File is one that is written, at a path with slashes under the chosen folder.
type File struct {
	Path    string
	Content []byte
}

// Files makes all of them.
func Files(o Options) ([]File, error) {
	o = o.defaults()
	if o.Influx != Flux && o.Influx != InfluxQL {
		return nil, fmt.Errorf("language %q of InfluxDB: it is %q or %q", o.Influx, Flux, InfluxQL)
	}
	files := []File{{"README.md", o.readme()}}
	for _, d := range o.dashboards() {
		files = append(files, File{"grafana/dashboards/" + d.UID + ".json", d.json()})
	}
	rules, err := o.rules()
	if err != nil {
		return nil, err
	}
	return append(files,
		File{"grafana/provisioning/dashboards/telecare.yaml", o.provider()},
		File{"grafana/provisioning/datasources/telecare.yaml", o.datasources()},
		File{"prometheus/prometheus.yml", o.prometheus()},
		File{"prometheus/telecare.rules.yml", rules},
		File{"alertmanager/alertmanager.yml", o.alertmanager()},
	), nil
}

// Ours reports whether a file was written from here, so that it may be written
// anew: never what somebody else wrote, such as a prometheus.yml.
func Ours(content []byte) bool {
	return bytes.Contains(content, []byte("ritten by `telecare grafana`")) || bytes.Contains(content, []byte(`"uid": "telecare-`))
}

func (o Options) dashboards() []*dashboard {
	return []*dashboard{o.devicesDashboard(), o.alarmsDashboard(), o.gatewayDashboard()}
}

// influx is how InfluxDB is asked.
func (o Options) influx() influx {
	_, policy, _ := strings.Cut(o.Bucket, "/")
	return influx{language: o.Influx, policy: policy}
}

// timeColumn is what the time is called in a table.
func (o Options) timeColumn() string {
	if o.Influx == InfluxQL {
		return "Time"
	}
	return "_time"
}

// everything is what a variable is at first.
var everything = selection{Text: "All", Value: "$__all"}

// dashboard begins one.
func (o Options) dashboard(uid, title, description, from string) *dashboard {
	d := &dashboard{
		UID: uid, Title: title, Description: description, Tags: []string{"telecare"}, Timezone: "browser", Editable: true, GraphTooltip: 1,
		SchemaVersion: 39, // of Grafana 11; a newer one migrates it
		Refresh:       "30s", Time: timeRange{from, "now"}, Annotations: annotations{List: []any{}},
		Links: []link{{Title: "Telecare", Type: "dashboards", Icon: "external link", Tooltip: "The other dashboards", Tags: []string{"telecare"}, IncludeVars: false, KeepTime: true}},
	}
	d.Templating.List = []variable{
		{Type: "datasource", Name: "prometheus", Label: "Prometheus", Query: "prometheus", Current: selection{"Telecare Prometheus", uidPrometheus}},
	}
	if uid != "telecare-gateway" {
		d.Templating.List = append(d.Templating.List,
			variable{Type: "datasource", Name: "influx", Label: "InfluxDB", Query: "influxdb", Current: selection{"Telecare InfluxDB", uidInflux}})
	}
	return d
}

// variable chooses among a tag's values.
func (in influx) variable(tag, label, measurement string, filters ...string) variable {
	return variable{Type: "query", Name: tag, Label: label, Datasource: influxRef, Query: in.values(measurement, tag, filters...),
		Multi: true, IncludeAll: true, AllValue: ".*", Refresh: 2, Sort: 1, Current: everything}
}

// prometheusVariable chooses among a label's values.
func prometheusVariable(name, label, query string) variable {
	return variable{Type: "query", Name: name, Label: label, Datasource: prometheusRef, Query: query,
		Multi: true, IncludeAll: true, AllValue: ".*", Refresh: 2, Sort: 1, Current: everything}
}

// by names the series of a panel by a tag. InfluxQL has an alias for it.
func (in influx) by(tag string, p *panel) *panel {
	if in.language == Flux {
		p.named(tag)
	}
	return p
}

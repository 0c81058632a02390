package grafana

import (
	"fmt"
	"strings"
)

// The data sources of our provisioning. Dashboards take them unless another one
// is chosen at their top.
const (
	uidPrometheus = "telecare-prometheus"
	uidInflux     = "telecare-influx"
)

// datasources: https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
// and, for InfluxDB, …/datasources/influxdb/. $NAME is taken from Grafana's
// environment, so that no password stands in a file.
func (o Options) datasources() []byte {
	head := fmt.Sprintf(`# Data sources for Grafana, written by `+"`telecare grafana`"+`: put it into
# /etc/grafana/provisioning/datasources. $TELECARE_INFLUX_… come from Grafana's
# environment (/etc/default/grafana-server).
apiVersion: 1
datasources:
  - name: Telecare Prometheus
    uid: %s
    type: prometheus
    access: proxy
    url: %q
    jsonData:
      timeInterval: 5s      # scrape_interval in prometheus.yml
      httpMethod: POST
  - name: Telecare InfluxDB
    uid: %s
    type: influxdb
    access: proxy
    url: %q
`, uidPrometheus, o.PrometheusURL, uidInflux, o.InfluxURL)
	if o.Influx == Flux {
		org := o.Org
		if org == "" {
			org = "telecare" // 1.8 has none, and Grafana wants a word
		}
		return []byte(head + fmt.Sprintf(`    jsonData:
      version: Flux
      organization: %q
      defaultBucket: %q
    secureJsonData:
      # A token that may read the bucket. InfluxDB 1.8: user:password, and
      # flux-enabled = true under [http] in influxdb.conf.
      token: $TELECARE_INFLUX_TOKEN
`, org, o.Bucket))
	}
	database, _, _ := strings.Cut(o.Bucket, "/")
	return []byte(head + fmt.Sprintf(`    user: $TELECARE_INFLUX_USER       # one who may only read
    jsonData:
      version: InfluxQL
      dbName: %q
      httpMode: POST
    secureJsonData:
      password: $TELECARE_INFLUX_PASSWORD
`, database))
}

func (o Options) provider() []byte {
	return []byte(`# Dashboards for Grafana, written by ` + "`telecare grafana`" + `: put it into
# /etc/grafana/provisioning/dashboards, and the dashboards where path says.
apiVersion: 1
providers:
  - name: telecare
    folder: Telecare
    type: file
    allowUiUpdates: false      # change a copy; the next version brings new ones
    updateIntervalSeconds: 30
    options:
      path: /var/lib/grafana/dashboards/telecare
`)
}

func (o Options) prometheus() []byte {
	scheme := ""
	if o.TLS {
		scheme = "    scheme: https               # for a certificate of your own: tls_config: {ca_file: …}\n"
	}
	return []byte(fmt.Sprintf(`# An example for Prometheus, written by `+"`telecare grafana`"+`. Where there is a
# prometheus.yml already, take over the job, the rules and the label site.
global:
  scrape_interval: 5s
  evaluation_interval: 5s
rule_files:
  - telecare.rules.yml
alerting:
  alertmanagers:
    - static_configs:
        - targets: [%q]
scrape_configs:
  - job_name: telecare          # the rules go by this name
%s    static_configs:
      - targets: [%q]
        labels: {site: %q}      # the dashboards choose by it
`, o.Alertmanager, scheme, o.Gateway, o.Site))
}

func (o Options) alertmanager() []byte {
	return []byte(`# An example for Alertmanager, written by ` + "`telecare grafana`" + `: who is told what of
# the technicians. People in need are not called from here: the gateway does that.
route:
  receiver: technicians
  group_by: [alertname, site]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 12h
  routes:
    - matchers: [severity="critical"]
      receiver: technicians-now
      group_wait: 0s
      repeat_interval: 15m
receivers:
  # Put your own in place of the addresses: a mail gateway, a pager, a chat.
  - name: technicians
    webhook_configs:
      - url: http://127.0.0.1:9099/technicians
        send_resolved: true
  - name: technicians-now
    webhook_configs:
      - url: http://127.0.0.1:9099/technicians-now
        send_resolved: true
inhibit_rules:
  # A journal that cannot be written is why the gateway is not ready: one page.
  - source_matchers: [alertname="TelecareDegraded"]
    target_matchers: [alertname="TelecareNotReady"]
    equal: [instance]
`)
}

func (o Options) readme() []byte {
	return []byte(fmt.Sprintf(`# Dashboards and alerts for telecare

Written by %[1]stelecare grafana%[1]s for InfluxDB in %[2]s; write them anew after an upgrade.

| from here | to | then |
|---|---|---|
| %[1]sgrafana/provisioning/%[1]s | %[1]s/etc/grafana/provisioning/%[1]s | set the secrets below, restart Grafana |
| %[1]sgrafana/dashboards/*.json%[1]s | %[1]s/var/lib/grafana/dashboards/telecare/%[1]s | or import them by hand and choose the data sources at the top |
| %[1]sprometheus/telecare.rules.yml%[1]s | %[1]s/etc/prometheus/%[1]s | %[1]spromtool check rules%[1]s, reload Prometheus |
| %[1]sprometheus/prometheus.yml%[1]s | what it has into yours | the job must be called telecare |
| %[1]salertmanager/alertmanager.yml%[1]s | what it has into yours | put in your own receivers, %[1]samtool check-config%[1]s |

Secrets are taken from Grafana's environment: %[3]s.

*Devices*: who is heard, silent or unknown, batteries, signal. *Alarms*: how long people waited, with the limits of 60 s and 180 s. *Gateway*: whether it keeps up.
Only opaque ids are in them; the gateway's own page knows who is behind one.

%[4]s

Every query and rule is tested against InfluxDB 1.8.10, Prometheus 2.42 and Alertmanager 0.25. A real Grafana was not at hand: the dashboards keep to Grafana's schema, but nobody has seen them drawn.
`, "`", map[Influx]string{Flux: "Flux", InfluxQL: "InfluxQL"}[o.Influx],
		map[Influx]string{Flux: "`TELECARE_INFLUX_TOKEN` (for InfluxDB 1.8 `user:password`)", InfluxQL: "`TELECARE_INFLUX_USER` and `TELECARE_INFLUX_PASSWORD`"}[o.Influx],
		map[Influx]string{
			Flux:     "Flux is what InfluxDB 2.x speaks; a 1.8 does with `flux-enabled = true` under `[http]`. Where that cannot be, or for an older 1.x, write them with `--influx influxql`.",
			InfluxQL: "InfluxQL is what every InfluxDB 1.x speaks as it is. For 2.x write them with `--influx flux`: InfluxQL there needs a mapping of databases first.",
		}[o.Influx]))
}

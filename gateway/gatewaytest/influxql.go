package gatewaytest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Table is one series of an answer in InfluxQL.
type Table struct {
	Name    string            `json:"name"`
	Tags    map[string]string `json:"tags"`
	Columns []string          `json:"columns"`
	Values  [][]any           `json:"values"`
}

// Select runs a query in InfluxQL on the database of the bucket, as Grafana's
// user would.
func (in *Influx) Select(t testing.TB, query string) []Table {
	t.Helper()
	database, _, _ := strings.Cut(in.Bucket, "/")
	user, password, _ := strings.Cut(in.Token, ":")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.URL+"/query?"+url.Values{"db": {database}, "q": {query}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		t.Fatalf("influxd: %v in\n%s", err, query)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("influxd: %v in\n%s", err, query)
	}
	var answer struct {
		Error   string
		Results []struct {
			Error  string
			Series []Table
		}
	}
	if err := json.Unmarshal(said, &answer); err != nil || answer.Error != "" || len(answer.Results) != 1 || answer.Results[0].Error != "" {
		t.Fatalf("influxd: %v: %s in\n%s", err, said, query)
	}
	return answer.Results[0].Series
}

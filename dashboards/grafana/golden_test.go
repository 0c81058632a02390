package grafana

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite files/, which shows what is written")

// The folder files is what `telecare grafana` writes by default: for people who
// look before they install, and so that a change of a dashboard is seen as one.
func TestFiles(t *testing.T) {
	files, err := Files(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll("files"); err != nil {
			t.Fatal(err)
		}
	}
	wanted := map[string]bool{}
	for _, f := range files {
		path := filepath.Join("files", filepath.FromSlash(f.Path))
		wanted[path] = true
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, f.Content) {
			t.Errorf("%s is not what is written now (%v): go test ./dashboards/grafana -update", path, err)
		}
	}
	err = filepath.WalkDir("files", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !wanted[path] {
			t.Errorf("%s is not written any more: go test ./dashboards/grafana -update", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOptions(t *testing.T) {
	if _, err := Files(Options{Influx: "sql"}); err == nil || !strings.Contains(err.Error(), `"sql"`) {
		t.Errorf("language sql: %v", err)
	}
	files, err := Files(Options{Influx: InfluxQL, InfluxURL: "http://db:1", Bucket: "care/year", PrometheusURL: "http://prom:2", Alertmanager: "am:3", Gateway: "gw:4", TLS: true, Site: "lipowa"})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, f := range files {
		all += string(f.Content)
		if !Ours(f.Content) {
			t.Errorf("%s is not known for ours", f.Path)
		}
	}
	if Ours([]byte("global: {scrape_interval: 5s}")) {
		t.Error("somebody else's prometheus.yml is taken for ours")
	}
	for _, want := range []string{`"http://db:1"`, `dbName: "care"`, `\"year\".\"device\"`, `"http://prom:2"`, `"am:3"`, `"gw:4"`, "scheme: https", `site: "lipowa"`} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing has %s", want)
		}
	}
	if strings.Contains(all, "v.defaultBucket") {
		t.Error("Flux among InfluxQL")
	}
}

// What a reader of a dashboard may expect of every panel.
func TestPanels(t *testing.T) {
	variable := regexp.MustCompile(`\$\{?([a-z]+)\b`)
	for _, language := range []Influx{Flux, InfluxQL} {
		for _, d := range (Options{Influx: language}).defaults().dashboards() {
			ids, titles, cells := map[int]bool{}, map[string]bool{}, map[[2]int]string{}
			variables := map[string]bool{}
			for _, v := range d.Templating.List {
				variables[v.Name] = true
			}
			for _, one := range d.Panels {
				id, at := 0, place{}
				switch p := one.(type) {
				case *row:
					id, at = p.ID, p.GridPos
				case *panel:
					id, at = p.ID, p.GridPos
					if !strings.HasSuffix(p.Description, ".") || len(p.Description) < 15 {
						t.Errorf("%s: panel %q has no description", d.UID, p.Title)
					}
					if p.Title == "" || titles[p.Title] {
						t.Errorf("%s: title %q is empty or there twice", d.UID, p.Title)
					}
					titles[p.Title] = true
					if p.Type != "table" && p.FieldConfig.Defaults.Unit == "" && p.FieldConfig.Defaults.Mappings == nil {
						t.Errorf("%s: panel %q has neither unit nor words", d.UID, p.Title)
					}
					b, err := json.Marshal(p)
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range variable.FindAllStringSubmatch(string(b), -1) {
						if !variables[m[1]] && m[1] != "tag" {
							t.Errorf("%s: panel %q uses $%s, which the dashboard does not have", d.UID, p.Title, m[1])
						}
					}
					seen := map[string]bool{}
					for _, m := range regexp.MustCompile(`"refId":"([A-Z]?)"`).FindAllStringSubmatch(string(b), -1) {
						if m[1] == "" || seen[m[1]] {
							t.Errorf("%s: panel %q has two queries %q", d.UID, p.Title, m[1])
						}
						seen[m[1]] = true
					}
				}
				if ids[id] {
					t.Errorf("%s: id %d is there twice", d.UID, id)
				}
				ids[id] = true
				for x := at.X; x < at.X+at.W; x++ {
					for y := at.Y; y < at.Y+at.H; y++ {
						if other := cells[[2]int{x, y}]; other != "" || x > 23 {
							t.Errorf("%s: %d is over %s, or beyond the edge", d.UID, id, other)
						}
						cells[[2]int{x, y}] = fmt.Sprint(id)
					}
				}
			}
		}
	}
}

package grafana

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// schema is one of Grafana's, in JSON Schema draft 7: the part of it that those
// use. A keyword that is not known here fails, so that nothing is waved through.
type schema struct {
	root map[string]any
}

func load(t testing.TB, name string) schema {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "schema", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(b, &root); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return schema{root}
}

// definition checks a value by one of the schema's definitions.
func (s schema) definition(name string, value any) []string {
	d, ok := s.root["definitions"].(map[string]any)[name].(map[string]any)
	if !ok {
		return []string{"the schema has no definition " + name}
	}
	return s.check(d, value, "")
}

func (s schema) check(rule map[string]any, value any, at string) (problems []string) {
	complain := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s: ", cmpOr(at, "/"))+fmt.Sprintf(format, args...))
	}
	for keyword, arg := range rule {
		switch keyword {
		case "description", "default", "format", "deprecated", "x-deprecation-message", "definitions", "$schema", "properties", "required":
			// properties and required belong to additionalProperties
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/definitions/")
			d, ok := s.root["definitions"].(map[string]any)[name].(map[string]any)
			if !ok {
				complain("no definition %s", name)
				continue
			}
			problems = append(problems, s.check(d, value, at)...)
		case "type":
			if !isType(arg.(string), value) {
				complain("%v is no %s", value, arg)
			}
		case "const":
			if value != arg {
				complain("%v is not %v", value, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), value) {
				complain("%v is none of %v", value, arg)
			}
		case "minLength":
			if v, ok := value.(string); ok && float64(len(v)) < arg.(float64) {
				complain("%q is too short", v)
			}
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
			v, ok := value.(float64)
			limit := arg.(float64)
			if ok && (keyword == "minimum" && v < limit || keyword == "maximum" && v > limit || keyword == "exclusiveMinimum" && v <= limit || keyword == "exclusiveMaximum" && v >= limit) {
				complain("%v breaks %s %v", v, keyword, limit)
			}
		case "items":
			list, _ := value.([]any)
			for i, v := range list {
				problems = append(problems, s.check(arg.(map[string]any), v, fmt.Sprintf("%s/%d", at, i))...)
			}
		case "allOf", "anyOf", "oneOf":
			fits, why := 0, []string{}
			for _, one := range arg.([]any) {
				p := s.check(one.(map[string]any), value, at)
				if len(p) == 0 {
					fits++
				}
				why = append(why, p...)
			}
			if keyword == "allOf" && fits < len(arg.([]any)) || keyword == "anyOf" && fits == 0 || keyword == "oneOf" && fits != 1 {
				complain("fits %d of %s: %s", fits, keyword, strings.Join(why, "; "))
			}
		case "additionalProperties":
			object, ok := value.(map[string]any)
			if !ok {
				continue
			}
			known, _ := rule["properties"].(map[string]any)
			for _, key := range list(rule["required"]) {
				if _, there := object[key]; !there {
					complain("%s is missing", key)
				}
			}
			for key, v := range object {
				if p, ok := known[key].(map[string]any); ok {
					problems = append(problems, s.check(p, v, at+"/"+key)...)
				} else if other, ok := arg.(map[string]any); ok {
					problems = append(problems, s.check(other, v, at+"/"+key)...)
				} else if arg == false {
					complain("%s is not known", key)
				}
			}
		default:
			complain("the keyword %s of the schema is not known here", keyword)
		}
	}
	if _, ok := rule["additionalProperties"]; !ok && rule["properties"] != nil {
		complain("the schema has properties and does not say whether there may be others")
	}
	return problems
}

func list(v any) (out []string) {
	all, _ := v.([]any)
	for _, one := range all {
		out = append(out, one.(string))
	}
	return out
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func isType(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

// kinds are the panels that are used, and the schemas of their options.
var kinds = map[string]string{
	"timeseries": "timeseries", "stat": "stat", "table": "table", "state-timeline": "statetimeline", "bargauge": "bargauge",
}

// inspect checks a whole dashboard: by Grafana's schema of one, and each panel's
// options, field settings, queries and unit by theirs.
func inspect(t testing.TB, b []byte) (problems []string) {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	problems = load(t, "dashboard").definition("Dashboard", d)
	units := load(t, "units").root["definitions"].(map[string]any)
	known := map[any]bool{}
	for _, u := range units {
		known[u.(map[string]any)["const"]] = true
	}
	for _, one := range d["panels"].([]any) {
		p := one.(map[string]any)
		if p["type"] == "row" {
			continue
		}
		complain := func(what string, found []string) {
			for _, f := range found {
				problems = append(problems, fmt.Sprintf("panel %q, %s%s", p["title"], what, f))
			}
		}
		name, ok := kinds[p["type"].(string)]
		if !ok {
			complain("type ", []string{p["type"].(string) + " has no schema"})
			continue
		}
		s := load(t, name)
		complain("options", s.definition("Options", p["options"]))
		config := p["fieldConfig"].(map[string]any)
		defaults := config["defaults"].(map[string]any)
		if custom, ok := defaults["custom"]; ok {
			complain("custom", s.definition("FieldConfig", custom))
		}
		if u, ok := defaults["unit"]; ok && !known[u] {
			complain("unit ", []string{fmt.Sprintf("%v is not known", u)})
		}
		for _, o := range config["overrides"].([]any) {
			for _, property := range o.(map[string]any)["properties"].([]any) {
				property := property.(map[string]any)
				if property["id"] == "custom.cellOptions" {
					complain("cell", load(t, "table").definition("TableColorTextCellOptions", property["value"]))
				}
			}
		}
		for _, target := range p["targets"].([]any) {
			target := target.(map[string]any)
			if target["datasource"].(map[string]any)["type"] == "prometheus" {
				complain("query", load(t, "prometheus").definition("Dataquery", target))
			}
		}
	}
	return problems
}

func TestSchema(t *testing.T) {
	for _, language := range []Influx{Flux, InfluxQL} {
		for _, d := range (Options{Influx: language}).defaults().dashboards() {
			for _, p := range inspect(t, d.json()) {
				t.Errorf("%s, %s: %s", d.UID, language, p)
			}
		}
	}
}

// The test above can fail.
func TestSchemaIsNoticed(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`"graphTooltip": 1`, `"graphTooltip": 7`, "none of"},
		{`"schemaVersion": 39,`, ``, "schemaVersion is missing"},
		{`"tags": [`, `"tagz": [], "tags": [`, "tagz is not known"},
		{`"drawStyle": "line"`, `"drawStyle": "zigzag"`, "zigzag"},
		{`"graphMode": "none"`, `"graphMode": 1`, "graphMode"},
		{`"justifyMode": "center",`, ``, "justifyMode is missing"},
		{`"unit": "bytes"`, `"unit": "bites"`, "bites is not known"},
		{`"format": "table"`, `"format": "chair"`, "chair"},
		{`"w": 4,`, `"w": 25,`, "25"},
		{`"mode": "absolute"`, `"mode": "absolut"`, "absolut"},
	} {
		good := string((Options{}).defaults().gatewayDashboard().json())
		broken := strings.Replace(good, c.from, c.to, 1)
		if broken == good {
			t.Errorf("%s is not there", c.from)
			continue
		}
		if found := strings.Join(inspect(t, []byte(broken)), "\n"); !strings.Contains(found, c.want) {
			t.Errorf("%s as %s: %q, want %q", c.from, c.to, found, c.want)
		}
	}
}

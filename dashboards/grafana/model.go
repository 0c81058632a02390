package grafana

import (
	"bytes"
	"encoding/json"
)

// The part of Grafana's dashboard model that is used here: see testdata/schema.

type dashboard struct {
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	Timezone      string      `json:"timezone"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"` // 1: one crosshair in all panels
	SchemaVersion int         `json:"schemaVersion"`
	Refresh       string      `json:"refresh"`
	Time          timeRange   `json:"time"`
	Annotations   annotations `json:"annotations"`
	Templating    templating  `json:"templating"`
	Links         []link      `json:"links"`
	Panels        []any       `json:"panels"` // *panel or *row

	grid layout
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type annotations struct {
	List []any `json:"list"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	Type       string    `json:"type"`
	Name       string    `json:"name"`
	Label      string    `json:"label"`
	Query      string    `json:"query"`
	Datasource *ref      `json:"datasource,omitempty"`
	Current    selection `json:"current,omitzero"`
	Multi      bool      `json:"multi,omitempty"`
	IncludeAll bool      `json:"includeAll,omitempty"`
	AllValue   string    `json:"allValue,omitempty"`
	Refresh    int       `json:"refresh,omitempty"` // 1: when the dashboard is opened; 2: when its time changes
	Sort       int       `json:"sort,omitempty"`    // 1: by name
}

type selection struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

type link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	TargetBlank bool     `json:"targetBlank"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
}

type ref struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type row struct {
	Type      string `json:"type"`
	ID        int    `json:"id"`
	Title     string `json:"title"`
	Collapsed bool   `json:"collapsed"`
	GridPos   place  `json:"gridPos"`
	Panels    []any  `json:"panels"`
}

type panel struct {
	Type            string           `json:"type"`
	ID              int              `json:"id"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      *ref             `json:"datasource,omitempty"`
	GridPos         place            `json:"gridPos"`
	Interval        string           `json:"interval,omitempty"` // the shortest $__interval
	Targets         []any            `json:"targets,omitempty"`
	Transformations []transformation `json:"transformations,omitempty"`
	FieldConfig     fieldConfig      `json:"fieldConfig"`
	Options         map[string]any   `json:"options"`
}

type place struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

type transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []override    `json:"overrides"`
}

type fieldDefaults struct {
	DisplayName string         `json:"displayName,omitempty"`
	Unit        string         `json:"unit,omitempty"`
	Decimals    *int           `json:"decimals,omitempty"`
	Min         *float64       `json:"min,omitempty"`
	Max         *float64       `json:"max,omitempty"`
	NoValue     string         `json:"noValue,omitempty"`
	Color       map[string]any `json:"color,omitempty"`
	Mappings    []mapping      `json:"mappings,omitempty"`
	Thresholds  *thresholds    `json:"thresholds,omitempty"`
	Custom      map[string]any `json:"custom,omitempty"`
}

// override changes the fields of some names. Grafana's schema wants the options
// of a matcher and the values of properties to be objects.
type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

type property struct {
	ID    string         `json:"id"`
	Value map[string]any `json:"value"`
}

type mapping struct {
	Type    string          `json:"type"`
	Options map[string]text `json:"options"`
}

type text struct {
	Text  string `json:"text"`
	Color string `json:"color,omitempty"`
	Index int    `json:"index"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

type step struct {
	Value *float64 `json:"value"` // nil: from minus infinity
	Color string   `json:"color"`
}

// Queries, as the data sources take them.

type promQuery struct {
	RefID        string `json:"refId"`
	Datasource   *ref   `json:"datasource"`
	EditorMode   string `json:"editorMode"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat,omitempty"`
	Format       string `json:"format"`
	Range        bool   `json:"range"`
	Instant      bool   `json:"instant"`
}

type fluxQuery struct {
	RefID      string `json:"refId"`
	Datasource *ref   `json:"datasource"`
	Query      string `json:"query"`
}

type influxqlQuery struct {
	RefID        string `json:"refId"`
	Datasource   *ref   `json:"datasource"`
	RawQuery     bool   `json:"rawQuery"`
	Query        string `json:"query"`
	ResultFormat string `json:"resultFormat"` // time_series or table
	Alias        string `json:"alias,omitempty"`
}

// layout puts panels side by side on Grafana's 24 columns, and below when the
// line is full.
type layout struct{ x, y, high, ids int }

func (l *layout) place(w, h int) place {
	if l.x+w > 24 {
		l.line()
	}
	p := place{X: l.x, Y: l.y, W: w, H: h}
	l.x += w
	l.high = max(l.high, h)
	return p
}

func (l *layout) line() { l.x, l.y, l.high = 0, l.y+l.high, 0 }

func (l *layout) id() int {
	l.ids++
	return l.ids
}

// row begins a row with a title.
func (d *dashboard) row(title string) {
	d.grid.line()
	d.Panels = append(d.Panels, &row{Type: "row", ID: d.grid.id(), Title: title, GridPos: d.grid.place(24, 1), Panels: []any{}})
}

// add puts a panel at the next place.
func (d *dashboard) add(w, h int, p *panel) {
	p.ID, p.GridPos = d.grid.id(), d.grid.place(w, h)
	if p.FieldConfig.Overrides == nil {
		p.FieldConfig.Overrides = []override{}
	}
	d.Panels = append(d.Panels, p)
}

func (d *dashboard) json() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // queries have < and >
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		panic(err) // only values that JSON does not know, and there are none
	}
	return b.Bytes()
}

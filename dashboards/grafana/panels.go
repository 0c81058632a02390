package grafana

import "fmt"

// Colours, by what they mean. They are never the only sign: a value, a word or
// a line stands beside them.
const (
	good    = "green"
	soon    = "orange"
	bad     = "red"
	neutral = "blue"
)

func at(v float64) *float64 { return &v }
func digits(n int) *int     { return &n }

// limits are thresholds: a colour from the bottom, and others from a value on.
func limits(base string, steps ...step) *thresholds {
	return &thresholds{Mode: "absolute", Steps: append([]step{{Color: base}}, steps...)}
}

func legend(mode string, calcs ...string) map[string]any {
	if calcs == nil {
		calcs = []string{}
	}
	return map[string]any{"displayMode": mode, "placement": "bottom", "showLegend": true, "calcs": calcs}
}

func tooltip() map[string]any { return map[string]any{"mode": "multi", "sort": "desc"} }

func last() map[string]any {
	return map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
}

// stat is one number, coloured by its limits.
func stat(title, description, unit string, l *thresholds, targets ...any) *panel {
	return &panel{
		Type: "stat", Title: title, Description: description, Targets: targets, Datasource: sourceOf(targets),
		FieldConfig: fieldConfig{Defaults: fieldDefaults{Unit: unit, Thresholds: l, Color: map[string]any{"mode": "thresholds"}, NoValue: "none"}},
		Options: map[string]any{
			"graphMode": "none", "colorMode": "value", "justifyMode": "center", "textMode": "auto", "wideLayout": true,
			"showPercentChange": false, "percentChangeColorMode": "standard", "orientation": "auto", "reduceOptions": last(),
		},
	}
}

// graph is lines over time.
func graph(title, description, unit string, targets ...any) *panel {
	return &panel{
		Type: "timeseries", Title: title, Description: description, Targets: targets, Datasource: sourceOf(targets),
		FieldConfig: fieldConfig{Defaults: fieldDefaults{
			Unit: unit, Color: map[string]any{"mode": "palette-classic"},
			Custom: map[string]any{
				"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": 8, "showPoints": "auto", "pointSize": 5,
				"spanNulls": false, "axisSoftMin": 0, "thresholdsStyle": map[string]any{"mode": "off"},
				"stacking": map[string]any{"mode": "none", "group": "A"},
			},
		}},
		Options: map[string]any{"legend": legend("table", "lastNotNull", "max"), "tooltip": tooltip()},
	}
}

// with sets what a graph draws otherwise.
func (p *panel) with(key string, value any) *panel {
	p.FieldConfig.Defaults.Custom[key] = value
	return p
}

// stacked draws areas on top of each other, bars stacked bars.
func (p *panel) stacked() *panel {
	return p.with("stacking", map[string]any{"mode": "normal", "group": "A"}).with("fillOpacity", 60).with("lineWidth", 0)
}

// bars draws a bar for each point.
func (p *panel) bars() *panel { return p.with("drawStyle", "bars").stacked() }

// dots draws single points, for what happens now and then.
func (p *panel) dots() *panel {
	return p.with("drawStyle", "points").with("showPoints", "always").with("pointSize", 7)
}

// lines draws the limits across the graph.
func (p *panel) lines(l *thresholds) *panel {
	p.FieldConfig.Defaults.Thresholds = l
	return p.with("thresholdsStyle", map[string]any{"mode": "dashed"})
}

func (p *panel) between(low, high float64) *panel {
	p.FieldConfig.Defaults.Min, p.FieldConfig.Defaults.Max = at(low), at(high)
	return p
}

// named shows series by a label instead of by all of them.
func (p *panel) named(label string) *panel {
	p.FieldConfig.Defaults.DisplayName = "${__field.labels." + label + "}"
	return p
}

// fromZero lets a bar begin at zero.
func (p *panel) fromZero() *panel {
	p.FieldConfig.Defaults.Min = at(0)
	return p
}

func (p *panel) unit(u string) *panel {
	p.FieldConfig.Defaults.Unit = u
	return p
}

// signed lets an axis begin where the values do: below zero.
func (p *panel) signed() *panel {
	delete(p.FieldConfig.Defaults.Custom, "axisSoftMin")
	return p
}

func (p *panel) none(words string) *panel {
	p.FieldConfig.Defaults.NoValue = words
	return p
}

// words shows words instead of the numbers 0, 1, 2, …
func (p *panel) words(w ...text) *panel {
	options := map[string]text{}
	for i, t := range w {
		t.Index = i
		options[fmt.Sprint(i)] = t
	}
	p.FieldConfig.Defaults.Mappings = []mapping{{Type: "value", Options: options}}
	return p
}

// every is the shortest step of a query.
func (p *panel) every(interval string) *panel {
	p.Interval = interval
	return p
}

// gauges is a bar for each series, with its name and number.
func gauges(title, description, unit string, l *thresholds, targets ...any) *panel {
	return &panel{
		Type: "bargauge", Title: title, Description: description, Targets: targets, Datasource: sourceOf(targets),
		FieldConfig: fieldConfig{Defaults: fieldDefaults{Unit: unit, Thresholds: l, Color: map[string]any{"mode": "thresholds"}}},
		Options: map[string]any{
			"displayMode": "basic", "valueMode": "color", "namePlacement": "left", "showUnfilled": true, "sizing": "auto",
			"minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 40, "orientation": "horizontal", "reduceOptions": last(),
			"legend": map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
		},
	}
}

// timeline is a band of words for each series.
func timeline(title, description string, targets ...any) *panel {
	return &panel{
		Type: "state-timeline", Title: title, Description: description, Targets: targets, Datasource: sourceOf(targets),
		FieldConfig: fieldConfig{Defaults: fieldDefaults{Color: map[string]any{"mode": "thresholds"}, Thresholds: limits(neutral),
			Custom: map[string]any{"fillOpacity": 70, "lineWidth": 0}}},
		Options: map[string]any{
			"showValue": "always", "rowHeight": 0.9, "mergeValues": true, "alignValue": "left", "perPage": 20,
			"legend": legend("list"), "tooltip": map[string]any{"mode": "single", "sort": "none"},
		},
	}
}

// table shows the columns, in this order, under these names; others are left
// out.
func table(title, description string, columns [][2]string, targets ...any) *panel {
	rename, index, keep := map[string]any{}, map[string]any{}, []string{}
	for i, c := range columns {
		rename[c[0]], index[c[0]] = c[1], i
		keep = append(keep, c[0])
	}
	return &panel{
		Type: "table", Title: title, Description: description, Targets: targets, Datasource: sourceOf(targets),
		Transformations: []transformation{
			{ID: "filterFieldsByName", Options: map[string]any{"include": map[string]any{"names": keep}}},
			{ID: "organize", Options: map[string]any{"renameByName": rename, "indexByName": index, "excludeByName": map[string]any{}}},
		},
		FieldConfig: fieldConfig{Defaults: fieldDefaults{Custom: map[string]any{"align": "auto", "inspect": false, "filterable": true}}},
		Options:     map[string]any{"frameIndex": 0, "showHeader": true, "cellHeight": "sm"},
	}
}

// paint colours the cells of a column by limits; their numbers stay.
func (p *panel) paint(column string, l *thresholds) *panel {
	steps := []any{}
	for _, s := range l.Steps {
		steps = append(steps, map[string]any{"value": s.Value, "color": s.Color})
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
		Matcher: matcher{ID: "byNames", Options: map[string]any{"mode": "include", "names": []string{column}}},
		Properties: []property{
			{ID: "thresholds", Value: map[string]any{"mode": l.Mode, "steps": steps}},
			{ID: "color", Value: map[string]any{"mode": "thresholds"}},
			{ID: "custom.cellOptions", Value: map[string]any{"type": "color-text"}},
		},
	})
	return p
}

func sourceOf(targets []any) *ref {
	switch t := targets[0].(type) {
	case *promQuery:
		return t.Datasource
	case *fluxQuery:
		return t.Datasource
	case *influxqlQuery:
		return t.Datasource
	}
	panic(fmt.Sprintf("query of type %T", targets[0]))
}

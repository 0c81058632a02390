package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"telecare/devices"
	"telecare/gateway/strictyaml"
)

var (
	quantity    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
)

// unit is that of a reading which names none.
func unit(q devices.Quantity) string {
	switch q {
	case devices.Battery, devices.Humidity:
		return "%"
	case devices.Voltage:
		return "V"
	case devices.RSSI:
		return "dBm"
	case devices.SNR:
		return "dB"
	case devices.Temperature:
		return "°C"
	case devices.Illuminance:
		return "lx"
	}
	return ""
}

// rawNumber is a number as it is written.
type rawNumber float64

// UnmarshalText reads it.
func (n *rawNumber) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f-f != 0 {
		return fmt.Errorf("%q is no number; write one such as 0.001", text)
	}
	*n = rawNumber(f)
	return nil
}

// mappings checks how messages are read that no format knows.
func (c *checker) mappings(at string, list []rawMapping) []Mapping {
	var out []Mapping
	for i, r := range list {
		at := fmt.Sprintf("%s.mappings[%d]", at, i)
		m := Mapping{Topic: r.Topic, Device: r.Device, Field: r.Field, Quantity: devices.Quantity(r.Reading), Unit: r.Unit, Scale: float64(r.Scale)}
		c.filter(at+".topic", r.Topic)
		c.template(at+".device", r.Device, strings.Count(r.Topic, "+")+strings.Count(r.Topic, "#"))
		if len(r.Values) == 0 && r.Reading == "" {
			c.Errorf(at, `reads nothing; add values:, such as values: [{is: pressed, means: button}], or reading:, such as reading: battery`)
		}
		m.Values, m.Normal = c.values(at, r)
		switch {
		case r.Reading == "" && (r.Unit != "" || r.Scale != 0):
			c.Errorf(at, "unit and scale belong to a reading; add reading:, such as reading: battery")
		case r.Reading != "" && !quantity.MatchString(r.Reading):
			c.Errorf(at+".reading", "%q is no name of a reading; use small letters, such as battery or temperature", r.Reading)
		case r.Reading != "" && r.Unit == "":
			m.Unit = unit(m.Quantity)
		case len(r.Unit) > 32:
			c.Errorf(at+".unit", "too long; use at most 32 letters")
		}
		out = append(out, m)
	}
	return out
}

// template checks a device's name.
func (c *checker) template(at, name string, wildcards int) {
	if strings.ContainsAny(placeholder.ReplaceAllString(name, ""), "{}") {
		c.Errorf(at, `%q has a brace too many; write {1} for what the first + stands for, or {serial} for a field of the payload`, name)
		return
	}
	for _, p := range placeholder.FindAllStringSubmatch(name, -1) {
		if n, err := strconv.Atoi(p[1]); p[1] == "" || err == nil && (n < 1 || n > wildcards) {
			c.Errorf(at, "%q means nothing; the topic has %d of + and #, counted from {1}", p[0], wildcards)
		}
	}
}

// values checks what values mean, and which are normal.
func (c *checker) values(at string, r rawMapping) (map[string]devices.Kind, []string) {
	values, normal := map[string]devices.Kind{}, []string(nil)
	small := func(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
	for i, v := range r.Values {
		at := fmt.Sprintf("%s.values[%d]", at, i)
		k := devices.Kind(v.Means)
		if !slices.Contains(devices.Kinds(), k) {
			var all []string
			for _, known := range devices.Kinds() {
				all = append(all, string(known))
			}
			hint := "write one of: " + strings.Join(all, ", ")
			if near := strictyaml.Nearest(v.Means, all); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			c.Errorf(at+".means", "%q is nothing that can happen; %s", v.Means, hint)
		}
		if was, twice := values[small(v.Is)]; twice && was != k {
			c.Errorf(at+".is", "%q means two things; capitals do not count", small(v.Is))
		}
		if small(v.Is) == "" {
			c.Errorf(at+".is", "missing; write a value of the field, such as is: pressed")
		}
		values[small(v.Is)] = k
	}
	for i, word := range r.Normal {
		if _, both := values[small(word)]; both {
			c.Errorf(fmt.Sprintf("%s.normal[%d]", at, i), "%q is among the values, too; it can be one of both", word)
		}
		normal = append(normal, small(word))
	}
	if len(normal) > 0 && len(values) == 0 {
		c.Errorf(at+".normal", "ends nothing; add values:, which it ends")
	}
	return values, normal
}

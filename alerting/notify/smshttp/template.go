package smshttp

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
)

// values are what placeholders stand for.
type values map[string]string

// names are the placeholders that there are.
func names() []string { return []string{"to", "text", "from", "secret", "id", "coding", "report"} }

// template is a text with placeholders, and how they are written in it. A brace
// that is none is written as itself: JSON is full of them.
type template struct {
	parts []part
	write func(string) string // nil: as it is
}

// part is text, then a placeholder; "" for none.
type part struct{ text, name string }

func parse(s string) (template, error) {
	var t template
	for {
		at, name, rest := cut(s)
		if name == "" {
			if at >= 0 {
				return t, fmt.Errorf("%q is no placeholder; there are {%s}", rest, strings.Join(names(), "}, {"))
			}
			t.parts = append(t.parts, part{text: s})
			return t, nil
		}
		t.parts = append(t.parts, part{s[:at], name})
		s = rest
	}
}

// cut finds the first placeholder. name is "" where there is none; then at is -1,
// or rest is what looks like one and is not.
func cut(s string) (at int, name, rest string) {
	for i := 0; i < len(s); i++ {
		if s[i] != '{' {
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return -1, "", ""
		}
		word := s[i+1 : i+end]
		if slices.Contains(names(), word) {
			return i, word, s[i+end+1:]
		}
		if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") == "" {
			return i, "", s[i : i+end+1]
		}
	}
	return -1, "", ""
}

func (t template) fill(v values) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		if p.name == "" {
			continue
		}
		value := v[p.name]
		if t.write != nil {
			value = t.write(value)
		}
		b.WriteString(value)
	}
	return b.String()
}

// writerFor is how a value is written in a body of this type.
func writerFor(contentType string) func(string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return url.QueryEscape // a body without a type is taken for a form
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return inJSON
	case kind == "application/xml" || kind == "text/xml" || strings.HasSuffix(kind, "+xml"):
		return inXML
	case kind == "text/plain":
		return nil
	}
	return url.QueryEscape
}

// inJSON writes a value for between two quotation marks.
func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // no string is refused
	}
	return string(b[1 : len(b)-1])
}

func inXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}

// headerValue keeps a value fit for a header line.
func headerValue(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

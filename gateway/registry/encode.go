package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// encode writes a document in the order of its fields.
func encode(d *data) ([]byte, error) {
	b, err := yaml.MarshalWithOptions(d, yaml.IndentSequence(true), yaml.CustomMarshaler(text))
	if err != nil {
		return nil, fmt.Errorf("write the document: %w", err)
	}
	return b, nil
}

// plain is text that needs no quotes: a word and more words, nothing in them
// that YAML could take for something else.
var plain = regexp.MustCompile(`^[\p{L}]([\p{L}\p{N}_./() -]*[\p{L}\p{N}_./()])?$`)

// text writes everything else in double quotes with JSON's escapes, which are
// YAML's too. The library's own choice of style loses tabs and lone line breaks
// and does not quote "? a".
func text(s string) ([]byte, error) {
	reserved := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if plain.MatchString(s) && !strings.Contains(s, "  ") && !slices.Contains(reserved, strings.ToLower(s)) {
		return []byte(s), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

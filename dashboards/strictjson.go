package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

var errTwice = errors.New("a name stands twice in one object")

// unmarshal reads a body in which no name stands twice, also not in other letters:
// what is checked would be one of the two, and what is read the other. encoding/json
// takes names in any case, the last of them, and the library's checks find another.
func unmarshal(b []byte, v any) error {
	if err := namedOnce(b); err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func namedOnce(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	var open []map[string]bool // the names of each object that is open; nil: an array
	isName := false
	for {
		t, err := d.Token()
		if err != nil {
			return nil // the end, or what Unmarshal says better
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			isName = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if isName {
				names, name := open[len(open)-1], strings.ToLower(strings.ToUpper(t)) // ſ is an s, too
				if names[name] {
					return errTwice
				}
				names[name], isName = true, false
				continue
			}
		}
		isName = len(open) > 0 && open[len(open)-1] != nil
	}
}

package mqtt

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"unicode/utf8"
)

// FuzzFields holds the walk against encoding/json.
func FuzzFields(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Payload))
	}
	f.Add([]byte(`{ "a" : [1,{"b":"}"}] , "\u0062\"":"\\" , "a":null,"":-1e9 } `))
	f.Add([]byte(`{"a":"\"}","b":true}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		payload = bytes.TrimSpace(payload)
		if !utf8.Valid(payload) || checkObject(payload) != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(payload, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{}
		for k, v := range fields(payload) {
			got[k] = json.RawMessage(v)
		}
		if !maps.EqualFunc(want, got, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Fatalf("%s\nwant %q\ngot  %q", payload, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
		}
	})
}

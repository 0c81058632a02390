package mqtt

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzValid holds valid to encoding/json.
func FuzzValid(f *testing.F) {
	for _, s := range []string{
		``, ` `, `{}`, `[]`, `{"a":1}`, ` { "a" : [ 1 , true , null ] , "b" : "x" } `, `{"a":1,}`, `[1,]`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `[1 2]`, `{} {}`,
		`0`, `-0`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `1E-07`, `-1.5e3`, `+1`, `1_0`, `NaN`, `tru`, `true1`, `nulll`, `falsE`,
		`"`, `"a`, `"\`, `"\u12"`, `"\u12aF"`, `"\u12ag"`, `"\x"`, "\"\t\"", "\"\x7f\"", "\"\xff\"", `"a\"b"`, "\ufeff{}", "[\x0b]", `{"a":1}}`, `[}`, `{]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := valid(b), json.Valid(b); got != want {
			t.Errorf("%q: %v, want %v", b, got, want)
		}
	})
}

func TestValidIsBounded(t *testing.T) {
	for _, n := range []int{100, deepest, deepest + 1, maxPayload / 2} {
		b := []byte(strings.Repeat("[", n) + strings.Repeat("]", n))
		if got, want := valid(b), json.Valid(b); got != want {
			t.Errorf("%d deep: %v, want %v", n, got, want)
		}
	}
}

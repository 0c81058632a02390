package words

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
)

type unsaid struct {
	format string
	values []any
}

func (u unsaid) Error() string           { return fmt.Sprintf(u.format, u.values...) }
func (u unsaid) Unsaid() (string, []any) { return u.format, u.values }

func TestMistake(t *testing.T) {
	inner := unsaid{"did you mean %q?", []any{"panic"}}
	for _, x := range []struct {
		err    error
		pl     string
		untold []string
	}{
		{unsaid{"%q is no role; %s", []any{"panik", inner}}, "„panik” to nie znaczenie; czy chodzi o „panic”?", nil},
		{fmt.Errorf("so: %w", inner), "czy chodzi o „panic”?", nil},
		{unsaid{"%q is no role; %s", []any{"100%", errors.New("100% new")}}, "„100%” to nie znaczenie; 100% new", []string{"100% new"}},
		{unsaid{"%d new of %d", []any{1, 2}}, "1 new of 2", []string{"%d new of %d"}},
		{errors.New("nothing"), "nic", nil},
	} {
		if got := Mistake(Polish, x.err); got != x.pl {
			t.Errorf("%v is %q, want %q", x.err, got, x.pl)
		}
		if got := Untold(Polish, x.err); !slices.Equal(got, x.untold) {
			t.Errorf("%v: untold %q, want %q", x.err, got, x.untold)
		}
		if got := Mistake(English, x.err); got != x.err.Error() {
			t.Errorf("in English %q", got)
		}
	}
	if len(Mistakes()) != len(polishOfMistakes()) || !slices.IsSorted(Mistakes()) {
		t.Error("they are not all listed")
	}
	for k := range maps.Keys(polishOfMistakes()) {
		if k == "" || polishOfMistakes()[k] == "" {
			t.Errorf("%q says nothing", k)
		}
	}
}

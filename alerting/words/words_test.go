package words

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"telecare/alerting"
	"telecare/devices"
)

// leaves calls f with every text of a value and the way to it; functions are
// called with numbers and texts of several kinds.
func leaves(path string, v reflect.Value, f func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		f(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(path+"."+v.Type().Field(i).Name, v.Field(i), f)
		}
	case reflect.Map:
		if v.Len() == 0 {
			f(path, "")
		}
		for _, k := range v.MapKeys() {
			leaves(fmt.Sprintf("%s[%s]", path, k), v.MapIndex(k), f)
		}
	case reflect.Func:
		if v.IsNil() {
			f(path, "")
			return
		}
		f(path, "a function")
	default:
		panic(path + " is of no kind that this test knows")
	}
}

func texts(w Words) map[string]string {
	out := map[string]string{}
	leaves("", reflect.ValueOf(w), func(path, text string) { out[path] = text })
	return out
}

// differences says what is wrong between two catalogues.
func differences(en, pl Words) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	a, b := texts(en), texts(pl)
	same := map[string]bool{".Roles[radar]": true, ".call.Alarm": true}
	for path, text := range a {
		other, ok := b[path]
		switch {
		case !ok:
			bad("%s is not said in Polish", path)
		case text == "" || other == "":
			bad("%s is empty", path)
		case strings.Count(text, "{name}") != strings.Count(other, "{name}"):
			bad("%s: %q and %q do not name the same", path, text, other)
		case text == other && text != "a function" && !same[path]:
			bad("%s is %q in both languages", path, text)
		case strings.HasSuffix(text, ".") != strings.HasSuffix(other, "."):
			bad("%s: %q and %q do not end alike", path, text, other)
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			bad("%s is not said in English", path)
		}
	}
	return problems
}

func TestBothLanguagesSayEverything(t *testing.T) {
	for _, p := range differences(english(), polish()) {
		t.Error(p)
	}
	// The test can fail.
	for name, spoil := range map[string]func(*Words){
		"a kind is missing":        func(w *Words) { delete(w.Kinds, devices.Fall) },
		"a word too many":          func(w *Words) { w.Problems["new"] = "Nowe." },
		"a name is lost":           func(w *Words) { w.Faults[alerting.Silent] = Broken{"brak sygnału", "źle"} },
		"left in English":          func(w *Words) { w.Outcomes[alerting.TestAlarm] = "Test" },
		"a function is missing":    func(w *Words) { w.call.Presses = nil },
		"a page has nothing to do": func(w *Words) { w.Pages.NoPageDo = "" },
	} {
		w := polish()
		spoil(&w)
		if len(differences(english(), w)) != 1 {
			t.Errorf("%s: found %q, want one difference", name, differences(english(), w))
		}
	}
}

// Whatever the domain can name has words.
func TestEverythingHasWords(t *testing.T) {
	for _, l := range Langs() {
		w := In(l)
		has := func(what string, ok bool) {
			if !ok {
				t.Errorf("%s: no words for %s", l, what)
			}
		}
		n := 0
		for _, k := range devices.Kinds() {
			if k.RaisesAlarm() {
				n++
				has("the kind "+string(k), w.Kinds[k] != "")
				has("the role "+string(k), w.Roles[k] != "")
			}
		}
		n++
		has("technical alarms", w.Kinds[alerting.Technical] != "")
		if len(w.Kinds) != n {
			t.Errorf("%s: words for %d kinds of alarm, and there are %d", l, len(w.Kinds), n)
		}
		for _, f := range alerting.FaultTypes() {
			what, means := w.Fault(f.Code, "Radar 7")
			has("the fault "+string(f.Code), w.Faults[f.Code].What != "" && means != "" && !strings.Contains(what, "{"))
		}
		if len(w.Faults) != len(alerting.FaultTypes()) {
			t.Errorf("%s: words for %d faults, and there are %d", l, len(w.Faults), len(alerting.FaultTypes()))
		}
		for _, o := range alerting.Outcomes() {
			has("the outcome "+string(o), w.Outcomes[o] != "" && w.Ended[o] != "")
		}
		for _, s := range []alerting.State{alerting.Raised, alerting.Acknowledged, alerting.Attended, alerting.Closed} {
			has("the state "+string(s), w.States[s] != "")
		}
		for _, p := range []alerting.Priority{alerting.High, alerting.Medium, alerting.Low} {
			has("the priority "+string(p), w.Priorities[p] != "")
		}
		for _, x := range []devices.Life{devices.LifeUnknown, devices.LifeHeard, devices.LifeSilent, devices.LifeUnsupervised} {
			has("the life "+string(x), w.Lives[x] != "")
		}
		for _, r := range []alerting.Refusal{
			alerting.NoSuchAlarm, alerting.AlreadyHeld, alerting.AlreadyClosed, alerting.NotClosed, alerting.NotHolder, alerting.CannotCall, alerting.TooLate,
			alerting.NoOutcome, alerting.NoSuchPlace, alerting.NotAnAlarm,
			alerting.NoSuchPerson, alerting.NoBreak,
			alerting.TooLong,
		} {
			s := w.Problem(string(r), "")
			has("the refusal "+string(r), s != "" && s != w.Problems["cannot"] && !strings.Contains(s, "{"))
		}
		if s := w.Problem(string(alerting.AlreadyHeld), "Jan Z."); !strings.HasPrefix(s, "Jan Z. ") {
			t.Errorf("%s: who has it is not said: %q", l, s)
		}
		if s := w.Problem("something new", "Jan Z."); s != w.Problems["cannot"] {
			t.Errorf("%s: a new code is %q", l, s)
		}
	}
}

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "many", 1: "one", 2: "few", 4: "few", 5: "many", 11: "many", 12: "many", 14: "many", 21: "many", 22: "few", 25: "many", 102: "few", 112: "many", 124: "few"} {
		if got := plural(n, "one", "few", "many"); got != want {
			t.Errorf("%d takes %q, want %q", n, got, want)
		}
	}
}

func TestLang(t *testing.T) {
	for in, want := range map[string]Lang{"pl_PL.UTF-8": Polish, "pl": Polish, "PL_pl": Polish, "plx": English, "en_GB": English, "C": English, "": English, "de": English} {
		if got := OfLocale(in); got != want {
			t.Errorf("locale %q is %q, want %q", in, got, want)
		}
	}
	for _, x := range []struct {
		s         string
		otherwise Lang
		want      Lang
	}{{"pl", English, Polish}, {"", Polish, Polish}, {"de", Polish, Polish}, {"de", "", English}, {"", "fr", English}} {
		if got := Or(x.s, x.otherwise); got != x.want {
			t.Errorf("Or(%q, %q) is %q, want %q", x.s, x.otherwise, got, x.want)
		}
	}
}

package dashboards

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"telecare/alerting"
	say "telecare/alerting/words"
	"telecare/devices"
)

// module is a file of the page as a script: what it imports and exports is not.
func module(t testing.TB, name string) string {
	t.Helper()
	f, ok := files()[name]
	if !ok {
		t.Fatalf("the page has no file %q", name)
	}
	src := regexp.MustCompile(`(?s)import [^;]*? from "[^"]*";`).ReplaceAllString(string(f.body), "")
	return regexp.MustCompile(`(?m)^export (default )?`).ReplaceAllString(src, "")
}

// catalogue is the page's words in a language.
func catalogue(t testing.TB, l say.Lang) (*goja.Runtime, *goja.Object) {
	t.Helper()
	vm := goja.New()
	shared := strings.TrimSuffix(strings.TrimSpace(module(t, "shared."+string(l)+".js")), ";")
	v, err := vm.RunString("const shared = " + shared + ";\n" + module(t, string(l)+".js") + "\nw")
	if err != nil {
		t.Fatalf("%s: %v", l, err)
	}
	return vm, v.ToObject(vm)
}

// said lists every text of the page's catalogue by its path. Functions are
// called with numbers, names and lists, where they take them.
func said(t testing.TB, l say.Lang) map[string]string {
	t.Helper()
	vm, w := catalogue(t, l)
	out := map[string]string{}
	var walk func(path string, v goja.Value)
	walk = func(path string, v goja.Value) {
		call, ok := goja.AssertFunction(v)
		if !ok {
			o, ok := v.(*goja.Object)
			if !ok {
				out[path] = v.String()
				return
			}
			for _, k := range o.Keys() {
				walk(path+"."+k, o.Get(k))
			}
			return
		}
		arity := int(v.ToObject(vm).Get("length").ToInteger())
		out[path] = fmt.Sprintf("takes %d", arity)
		for _, sample := range samples(path) {
			var args []goja.Value
			for range arity {
				args = append(args, vm.ToValue(sample))
			}
			x, err := call(goja.Undefined(), args...)
			if err != nil {
				t.Errorf("%s %s(%v): %v", l, path, sample, err)
				continue
			}
			text := x.String()
			for _, bad := range []string{"undefined", "NaN", "object", "null", "=>", "{"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s %s(%v) is %q", l, path, sample, text)
				}
			}
			if text == "" {
				t.Errorf("%s %s(%v) says nothing", l, path, sample)
			}
			out[fmt.Sprintf("%s(%v)", path, sample)] = text
		}
	}
	for _, k := range w.Keys() {
		walk(k, w.Get(k))
	}
	return out
}

// samples are what a sentence is tried with.
func samples(path string) []any {
	switch {
	case path == "list" || path == "cannotCome" || path == "standIn":
		return []any{[]string{"Marta W."}, []string{"Marta W.", "Jan Z."}, []string{"Ola", "Ewa", "Jan"}}
	case strings.HasPrefix(path, "history."):
		var out []any
		for _, x := range []map[string]any{
			{"who": "Marta W.", "to": "Ola B.", "you": false, "step": 2, "text": "timeout"}, {"who": "Marta W.", "to": "Ola B.", "you": true, "step": 1, "text": "stop"},
			{"who": "", "you": false, "step": 3, "text": ""}, {"who": "Jan Z.", "to": "Ola B.", "you": false, "step": 1, "text": string(alerting.Helped)},
		} {
			if x["who"] != "" || slices.Contains([]string{"history.raised", "history.step_called"}, path) {
				out = append(out, x)
			}
		}
		return out
	}
	return []any{0, 1, 2, 5, 12, 22}
}

// Both catalogues of the page have the same words, for everything there is.
func TestPageWords(t *testing.T) {
	en, pl := said(t, say.English), said(t, say.Polish)
	for k := range en {
		if _, ok := pl[k]; !ok {
			t.Errorf("%s is not said in Polish", k)
		}
	}
	// What is the same in both is listed, so that nothing is left in English.
	same := []string{"min", "h", "stars.", "keyList.", "shared.", "order.", "roles.radar", "demoWhichFall", "seconds", "alarmAt", "list", "tryError", "problems.", "times(0)", "times(1)", "closedLine(0)"}
	for k, v := range pl {
		other, ok := en[k]
		switch {
		case !ok:
			t.Errorf("%s is not said in English", k)
		case v == "":
			t.Errorf("%s is empty", k)
		case strings.HasPrefix(v, "takes ") && v != other:
			t.Errorf("%s %s arguments in Polish and %s in English", k, v, other)
		case v == other && !strings.HasPrefix(v, "takes ") && !slices.ContainsFunc(same, func(s string) bool { return strings.HasPrefix(k, s) }):
			t.Errorf("%s is %q in both", k, v)
		}
	}

	var want []string
	for _, x := range []alerting.What{
		alerting.WasRaised, alerting.PressedAgain, alerting.StepCalled, alerting.StepPassed, alerting.Rests, alerting.OnBreak, alerting.LastResort, alerting.Reached, alerting.NotReached,
		alerting.Taken, alerting.CannotCome, alerting.GivenBack, alerting.LeftToOthers, alerting.WasOffered, alerting.OfferOver, alerting.Lapsed, alerting.Arrived, alerting.HelpWanted, alerting.WasClosed, alerting.WasReopened,
		alerting.CancelledLate, alerting.MovedAgain, alerting.BackInBed, alerting.FaultsChanged, alerting.FaultsWorse, alerting.WaitsForHours, alerting.SeemsOver,
	} {
		want = append(want, "history."+string(x))
		if personal(x) {
			want = append(want, "answers."+string(x))
		}
	}
	for _, x := range []alerting.Delivery{alerting.Sending, alerting.Failing, alerting.Withdrawn, alerting.Missed} {
		want = append(want, "delivery."+string(x))
	}
	for _, x := range Looks() {
		want = append(want, "looks.whats."+x)
	}
	for _, x := range []alerting.News{alerting.NewsRaised, alerting.NewsThere, alerting.NewsClosed, alerting.NewsReopened, alerting.NewsSigns, "called"} {
		want = append(want, "own.news."+string(x))
	}
	for _, x := range []alerting.Delivery{alerting.Sending, alerting.Delivered, alerting.Failing, alerting.Missed} {
		want = append(want, "own.delivery."+string(x))
	}
	for _, k := range devices.Kinds() {
		if c, on, ok := alerting.FaultOf(k); ok && on {
			want = append(want, "faultTags."+string(c))
		}
	}
	for _, a := range []string{"take", "arrive", "close", "decline", "help", "hand-over", "reopen"} {
		want = append(want, "buttons."+a, "doing."+a)
	}
	for _, k := range want {
		if en[k] == "" || pl[k] == "" {
			t.Errorf("%s: %q in English, %q in Polish", k, en[k], pl[k])
		}
	}
	for _, x := range []struct{ key, want string }{
		{"count(1)", "1\u00a0otwarty alarm, w tym 1\u00a0nieprzyjęty"}, {"count(2)", "2\u00a0otwarte alarmy, w tym 2\u00a0nieprzyjęte"},
		{"count(5)", "5\u00a0otwartych alarmów, w tym 5\u00a0nieprzyjętych"}, {"count(12)", "12\u00a0otwartych alarmów, w tym 12\u00a0nieprzyjętych"},
		{"count(22)", "22\u00a0otwarte alarmy, w tym 22\u00a0nieprzyjęte"}, {"days(1)", "1\u00a0dzień"},
	} {
		if pl[x.key] != x.want {
			t.Errorf("%s is %q, want %q", x.key, pl[x.key], x.want)
		}
	}
}

// Every word that the page's code asks for is there, and none is kept for
// nothing.
func TestPageWordsAreUsed(t *testing.T) {
	_, w := catalogue(t, say.English)
	asked := map[string]bool{}
	for name, f := range files() {
		if path.Ext(name) != ".js" || strings.Contains(name, "shared") {
			continue
		}
		for _, m := range regexp.MustCompile(`\bw\.(\w+)`).FindAllStringSubmatch(string(f.body), -1) {
			asked[m[1]] = true
		}
	}
	for k := range asked {
		if w.Get(k) == nil {
			t.Errorf("the page asks for w.%s, which there is not", k)
		}
	}
	spare := []string{"states", "tries", "light", "dark", "night"} // for commands; by tryError; by w[mode]
	for _, k := range w.Keys() {
		if !asked[k] && !slices.Contains(spare, k) {
			t.Errorf("nothing asks for w.%s", k)
		}
	}
}

// Every code that the interface can fail with has its sentence.
func TestEveryFailureHasASentence(t *testing.T) {
	set := token.NewFileSet()
	n := 0
	for name, f := range goFiles(t, set) {
		ast.Inspect(f, func(x ast.Node) bool {
			call, ok := x.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "problem" {
				return true
			}
			if lit, ok := call.Args[1].(*ast.BasicLit); ok {
				code, _ := strconv.Unquote(lit.Value)
				n++
				for _, l := range say.Langs() {
					if say.In(l).Problems[code] == "" {
						t.Errorf("%s: the code %q has no sentence in %s", name, code, l)
					}
				}
			}
			return true
		})
	}
	if n < 10 {
		t.Errorf("found %d codes", n)
	}
}

func goFiles(t testing.TB, set *token.FileSet) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(set, name, nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = f
	}
	return out
}

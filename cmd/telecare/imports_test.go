package main_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"telecare/gateway/gatewaytest"
)

// The architecture, as a table. It holds for code that ships; tests may import
// what they need. CONTRIBUTING.md shows it in words.

// row says what the packages of a pattern may import of ours.
type row struct {
	pkg   string   // "gateway/*" matches what no other row names
	may   []string // of ours
	never []string // of anybody's; "net" stands for net/http too
	why   string
}

const everything = "..."

var house = []row{
	{pkg: "devices", may: nil,
		why: "devices is the vocabulary of all others and stands on the standard library alone"},
	{pkg: "devices/*", may: []string{"devices"},
		why: "a driver knows what a device can say, and neither who is called nor how the gateway is built"},
	{pkg: "alerting", may: []string{"devices"}, never: []string{"context", "net", "os", "sync", "log", "io", "math/rand", "crypto/rand", "runtime", "syscall"},
		why: "alerting is a pure machine: the gateway owns the clock, the locks and the world, and a night can be replayed"},
	{pkg: "alerting/words", may: []string{"alerting", "devices"},
		why: "it says in people's languages what the domain has names for, and nothing else"},
	{pkg: "alerting/report", may: []string{"alerting", "alerting/words", "devices"},
		why: "it counts what the machine has decided, and knows neither the journal nor who asks"},
	{pkg: "alerting/past", may: []string{"alerting"},
		why: "it is what is kept of an alarm, and knows neither where nor who may read it"},
	{pkg: "alerting/notify/connection", may: nil,
		why: "it has the words for a connection that failed, the same for all channels, and knows no call"},
	{pkg: "alerting/notify/*", may: []string{"alerting", "alerting/notify/connection", "alerting/words", "devices"},
		why: "a way to reach people knows what is to be said, and neither the gateway nor another way"},
	{pkg: "alerting/notify/notifytest", may: []string{"alerting", "alerting/notify/connection"},
		why: "it has what the tests of all ways to reach people start from"},
	{pkg: "alerting/notify/modem", may: []string{"alerting", "alerting/words", "alerting/notify/modem/at", "alerting/notify/modem/pdu"},
		why: "it drives a modem by a port that it is given, and knows no other way to reach people"},
	{pkg: "alerting/notify/modem/*", may: []string{"alerting/notify/modem/pdu", "devices/devicetest"},
		why: "how a modem is spoken to has nothing to do with what is said"},
	{pkg: "gateway", may: []string{"alerting", "devices", "devices/battery"},
		why: "the shell states the interfaces it needs; whoever implements them is wired in cmd/telecare"},
	{pkg: "gateway/sqlite", may: nil,
		why: "it opens files safely and knows nothing of what is in them"},
	{pkg: "gateway/strictyaml", may: nil,
		why: "it reads YAML strictly and knows nothing of what is in it"},
	{pkg: "gateway/*", may: []string{"alerting", "devices", "gateway/sqlite", "gateway/strictyaml"},
		why: "the shell's parts know the domain, and neither the shell nor each other"},
	{pkg: "gateway/archive", may: []string{"alerting", "alerting/past", "gateway/sqlite"},
		why: "it keeps what is told of alarms, and knows nothing of the journal that it comes from"},
	{pkg: "dashboards", may: []string{"alerting", "alerting/past", "alerting/report", "alerting/words", "dashboards/calendar", "devices"},
		why: "the page states the interface it needs (Desk), and knows no gateway; it serves rosters as calendars"},
	{pkg: "dashboards/*", may: []string{"alerting", "devices"},
		why: "what is shown elsewhere knows the words, and no gateway; tests hold its names to those of the gateway"},
	{pkg: "cmd/telecare", may: []string{everything},
		why: "wiring is done here and nowhere else"},
}

// only says who alone may import something.
var only = []struct {
	what []string
	by   []string
	why  string
}{
	{[]string{"github.com/tarm/serial"}, []string{"devices/serial"},
		"its unplug and its time-out look the same; what tells them apart is in one place"},
	{[]string{"github.com/dop251/goja"}, []string{"devices/codec"},
		"what makers write in JavaScript runs in a process of its own, and nowhere else"},
	{[]string{"database/sql", "modernc.org/sqlite", "github.com/pressly/goose", "github.com/jackc/pgx"},
		[]string{"gateway/sqlite", "gateway/journal", "gateway/registry", "gateway/influx", "gateway/archive", "gateway/gatewaytest"},
		"SQL stays where another store can take its place"},
	{[]string{"github.com/influxdata"}, []string{"gateway/influx", "gateway/gatewaytest"},
		"the client's defects are fenced in one place"},
	{[]string{"github.com/gorilla/websocket"}, []string{"dashboards"},
		"one reader and one writer for each connection is a rule that one place keeps"},
	{[]string{"testing", "github.com/chromedp", "telecare/gateway/gatewaytest", "telecare/alerting/notify/notifytest"}, []string{"gateway/gatewaytest", "gateway/metrics"},
		"what serves tests does not ship; metrics asks only whether it is in one"},
}

// clocks are the ways to know the time without being told.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}

const maxLines = 600

func TestArchitecture(t *testing.T) {
	for _, problem := range inspect(t, os.DirFS(gatewaytest.Checkout(t))) {
		t.Error(problem)
	}
}

// inspect checks a tree and says what is wrong with it.
func inspect(t testing.TB, tree fs.FS) (problems []string) {
	t.Helper()
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	documented := map[string]bool{} // packages that ship, and whether they have a comment
	used := map[string]bool{}       // patterns that stand for something

	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".js", ".css", ".html"}, path.Ext(name)) {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		if n := bytes.Count(src, []byte("\n")); n > maxLines && !generated.Match(src) {
			complain("%s has %d lines: a file holds one idea and does not outgrow its reader (at most %d)", name, n, maxLines)
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		documented[pkg] = documented[pkg] || f.Doc != nil
		rule := rowOf(pkg)
		if rule == nil {
			complain("package %s has no row in the import table: give it one in %s", pkg, "cmd/telecare/imports_test.go")
			return nil
		}
		used[rule.pkg] = true
		for _, spec := range f.Imports {
			if why := forbidden(rule, pkg, unquote(spec.Path.Value)); why != "" {
				complain("%s: package %s imports %s: %s", name, pkg, spec.Path.Value, why)
			}
		}
		if pkg == "alerting" {
			for _, what := range impurities(f) {
				complain("%s: %s: %s", name, what, rule.why)
			}
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				complain("%s: func init: nothing happens because something was imported; wire it in cmd/telecare", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, ok := range documented {
		if !ok {
			complain("package %s has no comment: say first what it guarantees", pkg)
		}
	}
	for _, r := range house {
		if !used[r.pkg] {
			complain("the import table has a row for %s, which is not there any more: take it out", r.pkg)
		}
	}
	for _, o := range only {
		for _, by := range o.by {
			if _, ok := documented[by]; !ok {
				complain("%s alone may import %s, but is not there any more: take it out", by, o.what[0])
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// generated is how the go command knows generated files.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// rowOf finds a package's row: its own, or that of its pattern.
func rowOf(pkg string) *row {
	for i := range house {
		if house[i].pkg == pkg {
			return &house[i]
		}
	}
	for i := range house {
		if prefix, ok := strings.CutSuffix(house[i].pkg, "/*"); ok && path.Dir(pkg) == prefix {
			return &house[i]
		}
	}
	return nil
}

// forbidden says why a package may not import something, "" when it may.
func forbidden(r *row, pkg, imported string) string {
	for _, o := range only {
		if slices.ContainsFunc(o.what, func(w string) bool { return within(imported, w) }) && !slices.Contains(o.by, pkg) {
			return fmt.Sprintf("only %s may: %s", strings.Join(o.by, " and "), o.why)
		}
	}
	if slices.ContainsFunc(r.never, func(n string) bool { return within(imported, n) }) {
		return r.why
	}
	if ours, ok := strings.CutPrefix(imported, "telecare/"); ok {
		if r.may != nil && r.may[0] == everything || slices.Contains(r.may, ours) {
			return ""
		}
		return r.why
	}
	foreign := strings.Contains(strings.Split(imported, "/")[0], ".")
	if foreign && (pkg == "devices" || pkg == "alerting") {
		return r.why
	}
	return ""
}

func within(imported, what string) bool {
	return imported == what || strings.HasPrefix(imported, what+"/")
}

// impurities finds what reads a clock, or goes on by itself.
func impurities(f *ast.File) (found []string) {
	timeName := ""
	for _, spec := range f.Imports {
		if unquote(spec.Path.Value) == "time" {
			timeName = "time"
			if spec.Name != nil {
				timeName = spec.Name.Name
			}
		}
	}
	if timeName == "." {
		found = append(found, "imports time by a dot, which hides its clock")
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && timeName != "" && x.Name == timeName && slices.Contains(clocks, n.Sel.Name) {
				found = append(found, "uses time."+n.Sel.Name)
			}
		case *ast.GoStmt:
			found = append(found, "starts a goroutine")
		case *ast.ChanType, *ast.SelectStmt:
			found = append(found, "uses a channel")
		}
		return true
	})
	return found
}

func unquote(s string) string {
	s, err := strconv.Unquote(s)
	if err != nil {
		panic(err) // the parser has accepted it
	}
	return s
}

// The test above can fail, and says why.
func TestArchitectureIsNoticed(t *testing.T) {
	sound := func() fstest.MapFS {
		tree := fstest.MapFS{}
		for _, pkg := range []string{"devices", "devices/battery", "devices/codec", "devices/serial", "alerting", "alerting/past", "alerting/report", "alerting/words", "alerting/notify/connection", "alerting/notify/notifytest", "alerting/notify/webhook", "alerting/notify/modem", "alerting/notify/modem/pdu", "gateway", "gateway/sqlite", "gateway/strictyaml",
			"gateway/journal", "gateway/registry", "gateway/influx", "gateway/archive", "gateway/gatewaytest", "gateway/metrics", "dashboards", "dashboards/grafana", "cmd/telecare"} {
			tree[pkg+"/a.go"] = &fstest.MapFile{Data: []byte("// Package x guarantees.\npackage x\n")}
		}
		return tree
	}
	if problems := inspect(t, sound()); len(problems) > 0 {
		t.Fatalf("a sound tree has problems: %q", problems)
	}
	for _, c := range []struct{ file, src, want string }{
		{"devices/b.go", `import "telecare/alerting"`, `package devices imports "telecare/alerting": devices is the vocabulary`},
		{"devices/b.go", `import "github.com/x/y"`, "standard library alone"},
		{"devices/mqtt/b.go", `import "telecare/alerting"`, "a driver knows"},
		{"devices/mqtt/b.go", `import "telecare/devices/serial"`, "a driver knows"},
		{"devices/mqtt/b.go", `import "github.com/tarm/serial"`, "only devices/serial may"},
		{"alerting/b.go", `import "sync"`, "the gateway owns the clock, the locks"},
		{"alerting/b.go", `import "log/slog"`, "pure machine"},
		{"alerting/b.go", `import "net/http"`, "pure machine"},
		{"alerting/b.go", `import "telecare/alerting/notify/webhook"`, "pure machine"},
		{"alerting/b.go", "import \"time\"\nvar T = time.Now()", "uses time.Now"},
		{"alerting/b.go", "import clock \"time\"\nvar T = clock.NewTimer", "uses time.NewTimer"},
		{"alerting/b.go", "import . \"time\"", "hides its clock"},
		{"alerting/b.go", "func f() { go f() }", "starts a goroutine"},
		{"alerting/b.go", "var c chan int", "uses a channel"},
		{"alerting/notify/webhook/b.go", `import "telecare/gateway"`, "neither the gateway nor another way"},
		{"alerting/notify/webhook/b.go", `import "telecare/alerting/notify/alarmtopic"`, "nor another way"},
		{"gateway/b.go", `import "telecare/gateway/journal"`, "wired in cmd/telecare"},
		{"gateway/b.go", `import "database/sql"`, "another store can take its place"},
		{"gateway/journal/b.go", `import "telecare/gateway"`, "neither the shell nor each other"},
		{"gateway/journal/b.go", `import "telecare/gateway/registry"`, "nor each other"},
		{"gateway/sqlite/b.go", `import "telecare/alerting"`, "knows nothing of what is in them"},
		{"dashboards/b.go", `import "telecare/gateway"`, "knows no gateway"},
		{"cmd/telecare/b.go", `import "telecare/gateway/gatewaytest"`, "what serves tests does not ship"},
		{"cmd/telecare/b.go", `import "testing"`, "what serves tests does not ship"},
		{"gateway/b.go", "func init() {}", "because something was imported"},
		{"elsewhere/b.go", "", "has no row in the import table"},
		{"gateway/b.go", strings.Repeat("\n", maxLines), "does not outgrow its reader"},
		{"dashboards/web/b.js", strings.Repeat("\n", maxLines), "does not outgrow its reader"},
	} {
		tree := sound()
		tree[c.file] = &fstest.MapFile{Data: []byte("// Package x guarantees.\npackage x\n" + c.src + "\n")}
		problems := inspect(t, tree)
		if len(problems) != 1 || !strings.Contains(problems[0], c.want) {
			t.Errorf("%s with %.60q: got %q, want one with %q", c.file, c.src, problems, c.want)
		}
	}
	for _, c := range []struct{ file, src, want string }{
		{"gateway/a.go", "package x\n", "package gateway has no comment"},
		{"dashboards/a.go", "", "a row for dashboards, which is not there any more"},
		{"gateway/influx/a.go", "", "gateway/influx alone may import"},
	} {
		tree := sound()
		tree[c.file] = &fstest.MapFile{Data: []byte(c.src)}
		if c.src == "" {
			delete(tree, c.file)
		}
		if problems := strings.Join(inspect(t, tree), "\n"); !strings.Contains(problems, c.want) {
			t.Errorf("%s as %q: got %q, want %q", c.file, c.src, problems, c.want)
		}
	}
	// What is generated, and what is allowed, is no problem.
	fine := sound()
	fine["gateway/b.go"] = &fstest.MapFile{Data: []byte("// Code generated by x. DO NOT EDIT.\n\npackage x\n" + strings.Repeat("\n", maxLines))}
	fine["gateway/journal/b.go"] = &fstest.MapFile{Data: []byte("package x\nimport (\n\"database/sql\"\n\"telecare/alerting\"\n\"telecare/gateway/sqlite\"\n)\n")}
	fine["alerting/b.go"] = &fstest.MapFile{Data: []byte("package x\nimport \"time\"\nvar D = time.Second\ntype T struct{ Now time.Time }\nfunc (t T) f() { _ = t.Now }\n")}
	fine["gateway/testdata/b.go"] = &fstest.MapFile{Data: []byte("package x\nimport \"telecare/gateway/journal\"\n")}
	fine["gateway/b_test.go"] = &fstest.MapFile{Data: []byte("package x\nimport \"telecare/gateway/journal\"\n")}
	if problems := inspect(t, fine); len(problems) > 0 {
		t.Errorf("a sound tree has problems: %q", problems)
	}
}

package dashboards

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	js "github.com/dop251/goja/ast"
	jsparser "github.com/dop251/goja/parser"
	say "telecare/alerting/words"
)

// What a reader sees is in the catalogues, and nowhere else: neither between
// the calls that draw the page, nor in its HTML, nor in the Go that writes for it.

// lettered is text with a word in it: units and signs are none.
var lettered = regexp.MustCompile(`\p{L}{2,}`)

// sentence is what reads like one wherever it stands.
var sentence = regexp.MustCompile(`^\p{Lu}\p{Ll}+([ .,:!?…]|$)|[.!?] \p{Lu}|[^\x00-\x7f]\p{L}|\p{L}[^\x00-\x7f]`)

// Attributes of elements that are read or heard.
var readOut = []string{"title", "aria-label", "alt", "placeholder", "aria-description", "aria-valuetext", "data-l", "label"}

// Literals that look like words and are none: names of keys and headers, and
// the beginning of a place's name in either language, which a small tile drops.
var technical = []string{"Enter", "Escape", "ArrowUp", "ArrowDown", "Content-Type", "Infinity"}

// literals lists the words that a script says by itself.
func literals(name, src string) ([]string, error) {
	src = strings.ReplaceAll(src, "import(", "load(")
	program, err := jsparser.ParseFile(nil, name, "(async function() {"+src+"\n})", 0)
	if err != nil {
		return nil, err
	}
	var found []string
	complain := func(s string) {
		if !slices.Contains(technical, s) {
			found = append(found, fmt.Sprintf("%s says %q by itself", name, s))
		}
	}
	var walk func(v reflect.Value, visible bool)
	text := func(s string, visible bool) {
		if visible && lettered.MatchString(s) || sentence.MatchString(s) {
			complain(s)
		}
	}
	walk = func(v reflect.Value, visible bool) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return
			}
			switch x := v.Interface().(type) {
			case *js.StringLiteral:
				text(x.Value.String(), visible)
				return
			case *js.TemplateElement:
				text(x.Parsed.String(), visible)
				return
			case *js.BinaryExpression: // what is compared is not seen
				if x.Operator.String() == "===" || x.Operator.String() == "!==" {
					visible = false
				}
			case *js.BracketExpression:
				walk(reflect.ValueOf(x.Left), visible)
				walk(reflect.ValueOf(x.Member), false)
				return
			case *js.ConditionalExpression:
				walk(reflect.ValueOf(x.Test), false)
				walk(reflect.ValueOf(x.Consequent), visible)
				walk(reflect.ValueOf(x.Alternate), visible)
				return
			case *js.AssignExpression:
				if d, ok := x.Left.(*js.DotExpression); ok && slices.Contains([]string{"textContent", "innerText", "innerHTML", "title", "alt", "ariaLabel", "placeholder"}, d.Identifier.Name.String()) {
					walk(reflect.ValueOf(x.Right), true)
					return
				}
			case *js.PropertyKeyed:
				key, _ := x.Key.(*js.StringLiteral)
				seen := key != nil && slices.Contains(readOut, key.Value.String())
				walk(reflect.ValueOf(x.Value), seen)
				return
			case *js.CallExpression:
				if id, ok := x.Callee.(*js.Identifier); ok && id.Name == "h" && len(x.ArgumentList) > 0 {
					for i, a := range x.ArgumentList {
						walk(reflect.ValueOf(a), i > 1) // the tag, its properties, and what is in it
					}
					return
				}
				visible = false
			}
			walk(v.Elem(), visible)
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "File" && v.Type().Field(i).Name != "DeclarationList" {
					walk(v.Field(i), visible)
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), visible)
			}
		}
	}
	walk(reflect.ValueOf(program.Body), false)
	return found, nil
}

func TestNoWordsBesideTheCatalogue(t *testing.T) {
	n := 0
	for name, f := range files() {
		if path.Ext(name) != ".js" || strings.Contains(name, "shared") || slices.Contains(say.Langs(), say.Lang(strings.TrimSuffix(name, ".js"))) {
			continue
		}
		n++
		found, err := literals(name, module(t, name)+"\n// "+string(f.tag))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found {
			t.Error(s)
		}
	}
	if n < 10 {
		t.Errorf("looked at %d scripts", n)
	}
	// The test can fail.
	for _, src := range []string{
		`h("p", {}, "nobody has it")`, `h("p", { title: "sound" }, w.x)`, `h("p", { "aria-label": old ? "one" : w.x })`, "h(\"p\", {}, `${n} minutes`)",
		`e.textContent = "hello"`, `document.title = "x " + "alarm"`, `say(a.id, "It did not work.")`, `const s = "Nobody has it"`, `h("b", {}, x || "never")`,
		`h("p", {}, list.map(x => h("b", {}, [x, "ago"])))`, `const t = "łazienka"`,
	} {
		if found, err := literals("spoilt", src); err != nil || len(found) != 1 {
			t.Errorf("%s: found %q (%v), want one", src, found, err)
		}
	}
	for _, src := range []string{`h("p", { class: "all quiet", key: "x" }, w.quiet)`, `a.state === "raised" ? w.x : w.y`, `h("b", {}, a === "closed" ? w.x : "✓")`, `f("GET", "/api/v1/live")`} {
		if found, err := literals("fine", src); err != nil || len(found) != 0 {
			t.Errorf("%s: found %q (%v), want none", src, found, err)
		}
	}
}

// htmlWords lists the words that a page of HTML says by itself.
func htmlWords(src string) (found []string) {
	src = regexp.MustCompile(`\{\{.*?\}\}`).ReplaceAllString(src, "")
	for _, m := range regexp.MustCompile(`>([^<]+)<`).FindAllStringSubmatch(src, -1) {
		if s := strings.TrimSpace(m[1]); lettered.MatchString(s) && s != "Telecare" { // its name
			found = append(found, s)
		}
	}
	for _, m := range regexp.MustCompile(`\b([\w-]+)="([^"]*)"`).FindAllStringSubmatch(src, -1) {
		if slices.Contains(readOut, m[1]) && lettered.MatchString(m[2]) || m[1] == "lang" && m[2] != "" {
			found = append(found, m[2])
		}
	}
	return found
}

func TestNoWordsInHTML(t *testing.T) {
	list, err := web.ReadDir("web")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range list {
		if path.Ext(e.Name()) != ".html" {
			continue
		}
		n++
		b, err := web.ReadFile("web/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range htmlWords(string(b)) {
			t.Errorf("%s says %q by itself", e.Name(), s)
		}
	}
	if n != 5 {
		t.Errorf("looked at %d pages", n)
	}
	for _, src := range []string{`<p>Connecting</p>`, `<p>{{.A}} and more</p>`, `<b title="more"></b>`, `<html lang="en">`} {
		if len(htmlWords(src)) != 1 {
			t.Errorf("%s: found %q", src, htmlWords(src))
		}
	}
}

// goWords lists what reads like a sentence in Go that writes for people. What
// describes the interface to programmers, and the log, is not for them.
func goWords(f *ast.File) (found []string) {
	like := regexp.MustCompile(`^\p{Lu}\p{Ll}+ .*|^.* \p{L}+\.$`)
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			s, ok := x.Fun.(*ast.SelectorExpr)
			if id, isID := x.Fun.(*ast.Ident); isID && slices.Contains([]string{"get", "post", "add"}, id.Name) {
				return false // operations, described for programmers
			}
			return !ok || !slices.Contains([]string{"Info", "Warn", "Error", "Errorf"}, s.Sel.Name)
		case *ast.Field:
			return x.Tag == nil // doc:"…"
		case *ast.BasicLit:
			if x.Kind == token.STRING {
				if s, err := strconv.Unquote(x.Value); err == nil && like.MatchString(s) {
					found = append(found, s)
				}
			}
		}
		return true
	})
	return found
}

func TestNoWordsInGo(t *testing.T) {
	set := token.NewFileSet()
	for _, name := range []string{"render.go", "link.go", "files.go", "failure.go", "stream.go", "live.go", "hub.go", "ward.go", "desk.go", "handler.go"} {
		f, ok := goFiles(t, set)[name]
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		for _, s := range goWords(f) {
			t.Errorf("%s says %q by itself", name, s)
		}
	}
	for _, src := range []string{`fail("Say where.")`, `problem(409, "gone").because("it is not here.")`, `lost(w, "Not here", what)`} {
		f, err := goparser.ParseFile(set, "spoilt.go", "package x\nfunc f() { "+src+" }", 0)
		if err != nil || len(goWords(f)) != 1 {
			t.Errorf("%s: found %q (%v), want one", src, goWords(f), err)
		}
	}
}

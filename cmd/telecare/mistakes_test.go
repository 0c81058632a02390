package main

import (
	"errors"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"telecare/alerting/notify/email"
	"telecare/alerting/notify/modem"
	"telecare/alerting/notify/ntfy"
	"telecare/alerting/notify/smshttp"
	"telecare/alerting/words"
	"telecare/gateway/config"
	"telecare/gateway/registry"
	"telecare/gateway/strictyaml"
)

// told checks that a mistake is told in Polish, whole.
func told(t *testing.T, err strictyaml.Text) {
	t.Helper()
	pl := words.Mistake(words.Polish, err)
	if left := words.Untold(words.Polish, err); len(left) > 0 {
		t.Errorf("%q is not said in Polish: %q", err.Error(), left)
	}
	if pl == err.Error() || strings.Contains(pl, "%!") {
		t.Errorf("%q is in Polish %q", err.Error(), pl)
	}
	// What was written stands in both.
	for _, m := range regexp.MustCompile(`^"([^"\\]+)"`).FindAllStringSubmatch(err.Error(), -1) {
		if !strings.Contains(pl, m[1]) {
			t.Errorf("%q lost %q: %q", err.Error(), m[1], pl)
		}
	}
}

// Whoever edits a record on a Polish page is told in Polish what is wrong with
// it: each of the registry's bad files is.
func TestMistakesArePolish(t *testing.T) {
	files, _ := filepath.Glob("../../gateway/registry/testdata/bad/*.yaml")
	n := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = registry.Parse(filepath.Base(file), b)
		for _, m := range registry.Mistakes(err) {
			n++
			told(t, m)
		}
	}
	if n < 150 {
		t.Errorf("only %d mistakes in %d files", n, len(files))
	}
	// Some of telecare.yaml's.
	for name, check := range map[string]func(string) error{
		"email":   func(s string) error { _, err := email.Address(s); return err },
		"smshttp": smshttp.Address, "ntfy": ntfy.Address,
		"modem": func(s string) error { _, err := modem.Number(s); return err },
	} {
		err := unsaid(check("no such 5%"), "no such 5%")
		text := strictyaml.Text{}
		if !errors.As(err, &text) {
			text = strictyaml.Text{Format: err.Error()}
		}
		if t.Run(name, func(t *testing.T) { told(t, text) }); err == nil {
			t.Errorf("%s takes it", name)
		}
	}
	for _, c := range []config.Channel{{Email: &config.Email{}}, {SMS: &config.SMS{}}, {Modem: &config.Modem{}}, {Ntfy: &config.Ntfy{}}} {
		text := strictyaml.Text{}
		if err := addressOn(c)(""); !errors.As(err, &text) {
			t.Errorf("an address that is missing: %v", err)
			continue
		}
		if len(words.Untold(words.Polish, text)) > 0 && c.Ntfy != nil {
			told(t, text)
		}
	}
}

// What is no YAML is told in Polish, too, with what to do about it.
func TestMistakesOfYAMLArePolish(t *testing.T) {
	for name, b := range map[string]string{
		"a tab": "places:\n\troom-7: {}\n", "a colon": "site: a: b\n", "a quote": "site: 'a' b\nplaces: {}\n", "no text": "site: \xff\n", "a control character": "site: a\x00\n",
		"deep": "site: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", "long": "site: [" + strings.Repeat("a,", 20000) + "]\n", "a list": "- a\n",
	} {
		_, err := registry.Parse("x", []byte(b))
		all := registry.Mistakes(err)
		if len(all) == 0 {
			t.Errorf("%s is taken", name)
		}
		for _, m := range all {
			t.Run(name, func(t *testing.T) { told(t, m) })
			if pl := words.Mistake(words.Polish, m); strings.Contains(pl, "not ") || strings.Contains(pl, "the ") {
				t.Errorf("%s is half English: %s", name, pl)
			}
		}
	}
}

// Every sentence that a check says of a record is said in Polish, and none is
// kept for nothing. Warnings are the command's alone.
func TestMistakesHaveWords(t *testing.T) {
	commands := []string{"toldOfFaults", "unseen", "blindWatches", "blindBed", "coverage", "guarantees", "vacancies", "unattended", "Warnings"}
	elsewhere := []string{ // what stands in a variable, or is another's
		"%s", "%v",
		"no telephone number with its country, such as +48 600 100 200", "no e-mail address; write one such as marta@example.org",
		"no topic of ntfy; write letters, digits, - and _ that nobody guesses, such as one that `openssl rand -hex 12` makes",
		"%q is no telephone number; write it with its country, such as \"+48 600 100 200\"",
	}
	never := []string{"cannot be read into %s", "%q is no size; write a whole number with its unit, such as 512MiB or 2GiB"} // of no record
	known, asked := words.Mistakes(), map[string]bool{}
	said := map[string]int{"Errorf": 1, "Textf": 0, "wrong": 0, "bad": 2, "report": 2}
	var text func(x ast.Expr, consts map[string]string) (string, bool)
	text = func(x ast.Expr, consts map[string]string) (string, bool) {
		switch x := x.(type) {
		case *ast.BasicLit:
			s, err := strconv.Unquote(x.Value)
			return s, err == nil
		case *ast.Ident:
			s, ok := consts[x.Name]
			return s, ok
		case *ast.BinaryExpr:
			a, ok := text(x.X, consts)
			b, ok2 := text(x.Y, consts)
			return a + b, ok && ok2
		}
		return "", false
	}
	var files []string
	for _, pattern := range []string{"../../gateway/registry/*.go", "../../gateway/strictyaml/*.go", "channels.go", "check.go"} {
		some, _ := filepath.Glob(pattern)
		files = append(files, some...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := gotoken.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || slices.Contains(commands, fn.Name.Name) {
				continue
			}
			consts := map[string]string{}
			ast.Inspect(fn, func(x ast.Node) bool {
				if v, ok := x.(*ast.ValueSpec); ok && len(v.Values) == 1 {
					if s, ok := text(v.Values[0], consts); ok {
						consts[v.Names[0].Name] = s
					}
				}
				if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil {
						asked[s] = true // one of the words that are put in
					}
				}
				call, ok := x.(*ast.CallExpr)
				if !ok {
					return true
				}
				who := ""
				switch fun := call.Fun.(type) {
				case *ast.Ident:
					who = fun.Name
				case *ast.SelectorExpr:
					who = fun.Sel.Name
					if id, ok := fun.X.(*ast.Ident); ok && (id.Name == "fmt" || id.Name == "fresh") {
						return true
					}
				}
				i, ok := said[who]
				if !ok || len(call.Args) <= i {
					return true
				}
				s, ok := text(call.Args[i], consts)
				if !ok {
					return true
				}
				if asked[s] = true; !slices.Contains(known, s) && !slices.Contains(never, s) {
					t.Errorf("%s: %q is not said in Polish", set.Position(call.Pos()), s)
				}
				return true
			})
		}
	}
	for _, k := range known {
		if !asked[k] && !slices.Contains(elsewhere, k) {
			t.Errorf("nothing says %q", k)
		}
	}
}

package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/dashboards"
	"telecare/devices"
)

// Whatever a table says through a reader has its Polish, with the same verbs and
// columns, and nothing has one that is not said.
func TestTablesInPolish(t *testing.T) {
	polish := polishTables()
	left := maps.Clone(polish)
	want := func(english string) {
		t.Helper()
		pl, ok := polish[english]
		if !ok || pl == "" || strings.Count(pl, "%") != strings.Count(english, "%") || strings.Count(pl, "\t") != strings.Count(english, "\t") {
			t.Errorf("%q is %q in Polish: write it in tablewords.go", english, pl)
		}
		delete(left, english)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if fun, ok := call.Fun.(*ast.SelectorExpr); !ok || fun.Sel.Name != "say" {
				return true
			}
			// A reader's say has the text alone, that of an alarm an action before it.
			if i := min(len(call.Args)-1, 3); i == 0 || i == 3 {
				if lit, ok := call.Args[i].(*ast.BasicLit); ok {
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					want(text)
				}
			}
			return true
		})
	}
	if len(left) == len(polish) {
		t.Fatal("nothing was found that tables say")
	}
	for _, s := range []devices.BatteryState{devices.BatteryFine, devices.BatteryEmpties, devices.BatteryUnclear} {
		want(string(s))
	}
	for _, s := range []alerting.Severity{alerting.SomebodyUnheard, alerting.SoonUnheard, alerting.Nuisance} {
		want(string(s))
	}
	for _, s := range append([]string{"nurse", "carer", "centre", "technician"}, dashboards.Looks()...) {
		want(s)
	}
	for _, w := range []alerting.What{
		alerting.WasRaised, alerting.PressedAgain, alerting.StepCalled, alerting.StepPassed, alerting.Rests, alerting.OnBreak, alerting.LastResort,
		alerting.Reached, alerting.NotReached, alerting.Taken, alerting.CannotCome, alerting.GivenBack, alerting.Lapsed, alerting.Arrived,
		alerting.HelpWanted, alerting.WasClosed, alerting.WasReopened, alerting.MovedAgain, alerting.BackInBed, alerting.CancelledLate,
		alerting.FaultsChanged, alerting.FaultsWorse, alerting.WaitsForHours, alerting.SeemsOver,
	} {
		want("history " + string(w))
	}
	for english := range left {
		t.Errorf("%q has a Polish and is said nowhere", english)
	}
}

// Faults, kinds and lives come from the words that all read.
func TestReaderOfTables(t *testing.T) {
	pl, en := newReader(words.Polish), newReader(words.English)
	for _, x := range []struct{ got, want string }{
		{en.fault("battery_low"), "battery_low"}, {pl.fault("battery_low"), "słaba bateria"}, {pl.fault("no_such"), "no_such"},
		{en.state("raised"), "raised"}, {pl.state("raised"), "nikt nie przyjął"},
		{en.life("silent"), "silent"}, {pl.life("silent"), "? brak sygnału"},
		{en.kind("fall"), "fall"}, {pl.kind("fall"), "Upadek"},
		{en.text("timeout"), "timeout"}, {pl.text("timeout"), "brak odpowiedzi na czas"}, {pl.text("hurt"), "obrażenia, wezwano lekarza"},
		{en.happened("taken"), "taken"}, {pl.happened("taken"), "przyjmuje"},
		{en.say("last resort"), "last resort"}, {pl.say("somebody's own role"), "somebody's own role"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

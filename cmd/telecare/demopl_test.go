package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"telecare/alerting/words"
	"telecare/gateway/registry"
)

// The demo's ward is the same in Polish: nothing in it is left in English, and
// nothing is translated that it has not.
func TestDemoInPolish(t *testing.T) {
	polish := demoRegistryIn(words.Polish)
	doc, err := registry.Parse("demoward.yaml", polish)
	if err != nil {
		t.Fatal(err)
	}
	english, err := registry.Parse("demoward.yaml", demoRegistryIn(words.English))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Language != "pl" || len(doc.Devices) != len(english.Devices) || len(doc.Residents) != len(english.Residents) {
		t.Errorf("another ward: language %q, %d devices, %d residents", doc.Language, len(doc.Devices), len(doc.Residents))
	}
	pairs := demoPolish()
	for i := 0; i < len(pairs); i += 2 {
		if !bytes.Contains(demoRegistry, []byte(pairs[i])) {
			t.Errorf("the ward has no %q", pairs[i])
		}
	}
	// What people read, and words that Polish has not.
	read := regexp.MustCompile(`(?:name|notes|way_in|from): +"?([^"\n,}]*)`)
	left := regexp.MustCompile(`(?i)\b(the|room|with|at|night|door|wing|floor|button|nurse|daughter|ward|needs|his|her)\b`)
	lines := 0
	for _, m := range read.FindAllStringSubmatch(string(polish), -1) {
		lines++
		if s := left.FindString(m[1]); s != "" {
			t.Errorf("%q is left in %q", s, m[1])
		}
	}
	if lines < 60 || !left.MatchString(string(demoRegistry)) {
		t.Errorf("%d texts were looked at", lines)
	}
}

// The demo's terminal speaks the reader's language.
func TestDemoPhonesInPolish(t *testing.T) {
	pl := newReader(words.Polish)
	if got := pl.say("%s  %s's phone rings: %s, %s (alarm %d)\n          %s\n"); !strings.Contains(got, "dzwoni") {
		t.Errorf("a phone rings as %q", got)
	}
}

// What reports by itself reports under the names that are registered, in Polish,
// too: else all of the ward falls silent.
func TestDemoReportsAsRegistered(t *testing.T) {
	for _, l := range []words.Lang{words.English, words.Polish} {
		for _, name := range append(demoReporters(), "Button, corridor") {
			if wire := demoWire(l)(name); !bytes.Contains(demoRegistryIn(l), []byte(`address: "zigbee2mqtt/`+wire+`"`)) {
				t.Errorf("%s: nothing is registered as %q", l, wire)
			}
		}
	}
}

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every command and flag that a person can find has its help in Polish.
func TestHelpInPolish(t *testing.T) {
	var c cli
	parser, err := kong.New(&c, kong.Vars{"version": version, "config": usualConfig()}, kong.Description("Somebody presses a pendant; somebody must come."))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range translate(parser.Model.Node, polishHelp()) {
		t.Errorf("no Polish for the help %q: write it in helppl.go", m)
	}
	for en, pl := range polishHelp() {
		if pl == "" || pl == en || strings.HasSuffix(en, ".") != strings.HasSuffix(pl, ".") {
			t.Errorf("%q is %q in Polish", en, pl)
		}
	}
	if missing := translate(parser.Model.Node, nil); len(missing) == 0 {
		t.Error("help without Polish is not noticed")
	}
}

func TestHelpFollowsTheLocale(t *testing.T) {
	for _, x := range []struct{ all, lang, want string }{
		{"", "pl_PL.UTF-8", "Uruchom bramkę"}, {"pl_PL", "en_US.UTF-8", "Uruchom bramkę"}, {"C", "pl_PL.UTF-8", "Run the gateway"}, {"", "de_DE", "Run the gateway"}, {"", "", "Run the gateway"},
	} {
		t.Setenv("LC_ALL", x.all)
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", x.lang)
		var out bytes.Buffer
		if code := Main(t.Context(), []string{"--help"}, streams{out: &out, err: &out}); code != 0 {
			t.Errorf("status %d", code)
		}
		english := !strings.HasPrefix(x.want, "Uruchom")
		if s := out.String(); !strings.Contains(s, x.want) || strings.Contains(s, "Usage:") != english || strings.Contains(s, "Run \"") != english {
			t.Errorf("with LC_ALL %q and LANG %q the help is\n%s", x.all, x.lang, s)
		}
	}
}

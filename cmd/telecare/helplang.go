package main

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"telecare/alerting/words"
)

// The help of commands in the reader's language. The English stands at the
// commands themselves, where it is read with the code, and the Polish is found
// by it: a command needs to know of no language, and a test finds what has no
// Polish yet. Logs, and what is said of files, stay in English.

// language is that of the terminal.
func language() words.Lang {
	return words.OfLocale(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")))
}

// help prints help in a language.
func help(l words.Lang) kong.HelpPrinter {
	if l != words.Polish {
		return kong.DefaultHelpPrinter
	}
	return func(o kong.HelpOptions, ctx *kong.Context) error {
		translate(ctx.Model.Node, polishHelp())
		var b bytes.Buffer
		out := ctx.Stdout
		ctx.Stdout = &b
		err := kong.DefaultHelpPrinter(o, ctx)
		ctx.Stdout = out
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, strings.NewReplacer(
			"Usage: ", "Użycie: ", "\nFlags:\n", "\nOpcje:\n", "\nCommands:\n", "\nPolecenia:\n", "\nArguments:\n", "\nArgumenty:\n",
			`Run "`, `O poleceniu mówi "`, ` --help" for more information on a command.`, ` --help".`,
		).Replace(b.String()))
		return err
	}
}

// translate puts the help of a command, and of all under it, into words. It
// returns what it has none for.
func translate(n *kong.Node, in map[string]string) (missing []string) {
	put := func(s *string) {
		if *s == "" {
			return
		}
		if t, ok := in[*s]; ok {
			*s = t
		} else {
			missing = append(missing, *s)
		}
	}
	put(&n.Help)
	put(&n.Detail)
	for _, f := range n.Flags {
		put(&f.Help)
	}
	for _, p := range n.Positional {
		put(&p.Help)
	}
	for _, c := range n.Children {
		if !c.Hidden {
			missing = append(missing, translate(c, in)...)
		}
	}
	return missing
}

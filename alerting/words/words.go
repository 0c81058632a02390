// Package words is every word that the gateway says to people, in English and
// Polish. It guarantees:
//
//   - Both languages say everything: a catalogue is one Go value of a type that
//     both share, and a test walks it and fails on what is empty, so that a
//     sentence cannot be missing in one of them.
//   - What may leave the house says kind, place, time and link, and nothing
//     more: a message is made of an alerting.Call alone.
//   - Times are the site's, whatever the machine's or the reader's zone.
//
// Sentences are functions where languages differ in order, number or ending;
// words that the page needs too (kinds, outcomes, faults, …) are data, and the
// page is served them from here, so that there is one source. A format of
// message files with placeholders and plural rules was the other way: it wants a
// parser here and one in the page, and finds a missing argument only when
// somebody reads it; the compiler finds it before.
//
// In Polish a verb in the past tells whether a man or a woman acts, and a name
// does not: sentences about people are in the present or have no subject.
package words

import (
	"slices"
	"strings"
)

// Lang is a language that people read here.
type Lang string

// The languages.
const (
	English Lang = "en"
	Polish  Lang = "pl"
)

// Langs lists them, the default first.
func Langs() []Lang { return []Lang{English, Polish} }

// Known reports whether s names a language that there is.
func Known(s string) bool { return slices.Contains(Langs(), Lang(s)) }

// Or is s where it is a language that there is, else otherwise, else English.
func Or(s string, otherwise Lang) Lang {
	switch {
	case Known(s):
		return Lang(s)
	case Known(string(otherwise)):
		return otherwise
	}
	return English
}

// OfLocale reads what LC_ALL and LANG say, such as "pl_PL.UTF-8".
func OfLocale(locale string) Lang {
	name, _, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(name, "_")
	return Or(strings.ToLower(name), English)
}

// In is the catalogue of a language; one that there is not is English.
func In(l Lang) Words {
	if l == Polish {
		return polish()
	}
	return english()
}

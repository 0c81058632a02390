package smsanswer

import (
	"slices"
	"strings"
	"unicode"
)

// Words in Polish and English, without marks over their letters.
const (
	// yes and no answer by themselves; beside are those that may stand with them.
	// Whatever else does makes it a text that answers nothing: "Nie mogę teraz
	// rozmawiać" is what telephones say by themselves.
	yes    = " tak yes ide jade biegne przyjmuje biore coming "
	no     = " nie no cannot cant "
	beside = " ja juz zaraz moge przyjde ok i am im can come on my way "
	// doubts are words behind a 1 that may make it something else: a time, a count,
	// a condition, or that it is not meant.
	doubts = " nie no not cannot cant wont dont ale but czy if jesli jezeli albo lub or raz x" +
		" h godz godzina godzine godziny hour hours m min mins minuta minute minuty minut minutes s dzien dni day days" +
		" new missed message messages call calls nowa nowe nowy nowych wiadomosc wiadomosci polaczenie nieodebrane st nd "
)

// Read says whether a text takes a call or declines it; not ok when it does
// neither, or leaves a doubt:
//
//   - Its first word is 1 or 2. Behind it there is no other number and no question
//     mark; behind a 1 no word of doubt, behind a 2 none that says yes.
//   - Or it begins with a word that says yes or no, and all others say the same or
//     stand beside it.
//
// Case, marks over letters and punctuation make no difference.
func Read(text string) (takes, ok bool) {
	said := split(text)
	if len(said) == 0 || strings.ContainsAny(text, "?？¿") {
		return false, false
	}
	switch first, rest := said[0], said[1:]; {
	case first == "1":
		return true, !slices.ContainsFunc(rest, func(w string) bool { return in(doubts, w) || counts(w) })
	case first == "2":
		return false, !slices.ContainsFunc(rest, func(w string) bool { return in(yes, w) || counts(w) })
	case in(yes, first):
		return true, !slices.ContainsFunc(rest, func(w string) bool { return !in(yes+beside, w) })
	case in(no, first):
		return false, !slices.ContainsFunc(rest, func(w string) bool { return !in(no+beside, w) })
	}
	return false, false
}

func in(list, word string) bool { return strings.Contains(list, " "+word+" ") }

// counts reports whether a word has a number in it.
func counts(word string) bool { return strings.ContainsFunc(word, unicode.IsNumber) }

// split gives the words of a text, small and without marks over their letters.
func split(text string) []string {
	plain := strings.NewReplacer("ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ó", "o", "ś", "s", "ź", "z", "ż", "z", "１", "1", "２", "2")
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r == '\'' || r == '’' {
			return -1 // a mark by itself, what joins letters, and the one in "can't"
		}
		return r
	}, plain.Replace(strings.ToLower(text)))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

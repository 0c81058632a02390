package smsanswer

import (
	"strings"
	"testing"
	"unicode"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"1": "takes", " 1 ": "takes", "1.": "takes", "１": "takes", "1️⃣": "takes", "(1)": "takes", "1!!!": "takes", "\n1\n": "takes", "„1”": "takes",
		"1 jadę": "takes", "1, już idę": "takes", "1 jestem na miejscu": "takes", "1 I am on my way": "takes", "1 tak": "takes", "1\nMarta": "takes", "1👍": "takes",
		"TAK": "takes", "tak": "takes", "Tak.": "takes", "tak, idę": "takes", "Idę": "takes", "ide\u0328": "takes", "JADĘ": "takes", "yes": "takes", "Yes, coming!": "takes", "I": "", "tak ok": "takes",
		"2": "declines", " 2.": "declines", "2 jestem chora": "declines", "2, nie mogę": "declines", "2 sorry, I cannot": "declines", "２": "declines",
		"NIE": "declines", "nie": "declines", "Nie mogę": "declines", "No, I can't": "declines", "nie, ja nie przyjdę": "declines", "no": "declines",
		// In doubt.
		"": "", "?": "", "1?": "", "tak?": "", "12": "", "1 2": "", "2 1": "", "1/2": "", "1.5": "", "1:00": "", "11": "", "1\u200d2": "", "1x": "", "21:00": "",
		"1 godzina": "", "1 godz.": "", "1 h": "", "1 min": "", "1 za 5 minut": "", "1 nowa wiadomość": "", "1 missed call": "", "1 raz": "", "1 nie": "", "1 nie mogę": "",
		"1 ale nie teraz": "", "1 czy 2": "", "1 can't": "", "2 tak": "", "2 minuty i jadę": "", "2 idę": "", "tak ale nie teraz": "", "tak nie": "", "nie tak": "",
		// What telephones say by themselves, and what is no answer.
		"Nie mogę teraz rozmawiać. Oddzwonię.": "", "I am driving": "", "No longer in use": "", "Jestem w drodze": "", "Wygrałeś 1 000 zł": "", "nr 1": "",
		"Idę na spotkanie, oddzwonię": "", "Yes, you have won!": "", "OK": "", "ok 1": "", "1️⃣2️⃣": "", "²": "", "¹": "", "Ⅰ": "", "一": "", "one": "", "noc": "", "takt": "",
	} {
		takes, ok := Read(text)
		got := ""
		if ok {
			got = map[bool]string{true: "takes", false: "declines"}[takes]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever is written, no doubt is taken for an answer.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"1", "2", "1 jadę", "TAK", "nie mogę", "1\u200d2", "1 2", "ＴＡＫ", "1️⃣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		takes, ok := Read(text)
		if !ok {
			return
		}
		numbers := 0
		for _, r := range text {
			if unicode.IsNumber(r) {
				numbers++
			}
		}
		if numbers > 1 || strings.Contains(text, "?") {
			t.Errorf("%q answers", text)
		}
		for _, more := range []string{" 1", " 2", "?", map[bool]string{true: " nie", false: " tak"}[takes]} {
			if _, ok := Read(text + more); ok {
				t.Errorf("%q answers, and %q too", text, text+more)
			}
		}
		if again, ok := Read("\n " + strings.ToUpper(text) + " . "); !ok && strings.EqualFold(strings.ToUpper(text), text) || ok && again != takes {
			t.Errorf("%q answers, and loud it does not", text)
		}
	})
}

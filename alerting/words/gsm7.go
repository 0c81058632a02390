package words

import "strings"

// gsm is the basic character set of text messages. [3GPP TS 23.038 6.2.1]
const gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// gsmTwice is its extension: a character of it takes the room of two.
// [3GPP TS 23.038 6.2.1.1]
const gsmTwice = "^{}\\[~]|€"

// plain pairs letters that a text message does not have with what is read for
// them. With one letter outside the set the whole message would have 70
// characters instead of 160.
var plain = strings.NewReplacer(
	"ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ó", "o", "ś", "s", "ź", "z", "ż", "z",
	"Ą", "A", "Ć", "C", "Ę", "E", "Ł", "L", "Ń", "N", "Ó", "O", "Ś", "S", "Ź", "Z", "Ż", "Z",
	"á", "a", "â", "a", "ã", "a", "č", "c", "ç", "c", "ď", "d", "ě", "e", "ê", "e", "ë", "e", "í", "i", "î", "i", "ï", "i",
	"ľ", "l", "ĺ", "l", "ň", "n", "ô", "o", "õ", "o", "ő", "o", "ř", "r", "š", "s", "ş", "s", "ť", "t", "ú", "u", "ů", "u", "ű", "u", "û", "u", "ý", "y", "ž", "z",
	"Á", "A", "À", "A", "Â", "A", "Č", "C", "Ď", "D", "Ě", "E", "È", "E", "Ê", "E", "Í", "I", "Ľ", "L", "Ň", "N", "Ô", "O", "Ő", "O", "Ř", "R", "Š", "S",
	"Ť", "T", "Ú", "U", "Ů", "U", "Ű", "U", "Ý", "Y", "Ž", "Z",
	"’", "'", "‘", "'", "„", `"`, "”", `"`, "“", `"`, "–", "-", "—", "-", "−", "-", "…", "...", "\u00a0", " ", "\u202f", " ", "\t", " ",
)

// GSM7 writes s in the characters that a text message has.
func GSM7(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(gsm, r) || strings.ContainsRune(gsmTwice, r) {
			return r
		}
		return '?'
	}, plain.Replace(s))
}

// septets is the room that a text takes in a message; it is all of GSM7.
func septets(s string) int {
	n := 0
	for _, r := range s {
		n++
		if strings.ContainsRune(gsmTwice, r) {
			n++
		}
	}
	return n
}

package words

import "unicode/utf16"

// howToAnswer says, in a line, how a call is answered by text message, in words
// and shortly; none where there is nothing to take.
func (w Words) howToAnswer(s said) []string {
	if s.open != w.call.Open {
		return nil
	}
	return []string{"1 = " + w.call.Take + ", 2 = " + w.call.Decline, "1 = " + w.call.Yes + ", 2 = " + w.call.No}
}

// textMessage is what a text message may say.
type textMessage struct {
	begin, kind, place, clock, link string
	answers                         []string // how it is answered, the shorter the later
}

// room is that of text messages in some letters. A message in parts gives up
// some of each part to a header. [3GPP TS 23.040 9.2.3.24.1]
type room struct {
	write     func(string) string
	size      func(string) int
	one, most int // in one part, in as many as there may be
}

// onePart is the room of a message by itself; mostLetters that of three with all
// letters, where a modem without parts takes six of each to number them.
const (
	onePart     = 160
	mostLetters = 3 * 64
)

// units is the room that a text takes with all letters.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

func (t textMessage) without() textMessage { t.answers = nil; return t }

// plain is it in the letters of GSM-7, in two parts at most.
func (t textMessage) plain() string {
	s, _ := t.in(room{GSM7, septets, onePart, 2 * 153})
	return s
}

// letters is it in all letters, in three parts at most; plain where they are not
// enough.
func (t textMessage) letters() string {
	if s, ok := t.in(room{func(s string) string { return s }, units, 70, mostLetters}); ok {
		return s
	}
	return t.plain()
}

// in leaves out what can be before it takes a second part, and shortens the place
// last of all; the link and how it is answered stay whole. False when that does
// not help.
func (t textMessage) in(r room) (string, bool) {
	begin, kind, place, link := r.write(t.begin), r.write(t.kind), r.write(t.place), ""
	if t.link != "" {
		link = " " + r.write(t.link)
	}
	full := begin + ": " + kind + ", " + place + ", " + t.clock
	tails := []string{link}
	for i, a := range t.answers {
		if a = link + "\n" + r.write(a); i == 0 {
			tails[0] = a
		} else {
			tails = append(tails, a)
		}
	}
	for _, s := range []string{full, begin + ": " + kind + ", " + place, kind + ", " + place} {
		for _, tail := range tails {
			if r.size(s+tail) <= r.one {
				return s + tail, true
			}
		}
	}
	if r.size(full+tails[0]) <= r.most {
		return full + tails[0], true
	}
	s := shortened(begin+": "+kind+", ", place, "..., "+t.clock+tails[0], r.size, r.most)
	return s, r.size(s) <= r.most
}

// shortened leaves as much of the place as there is room for beside head and tail.
func shortened(head, place, tail string, size func(string) int, most int) string {
	left, end := most-size(head+tail), 0
	for i, letter := range place {
		if left -= size(string(letter)); left < 0 {
			break
		}
		end = i + len(string(letter))
	}
	return head + place[:end] + tail
}

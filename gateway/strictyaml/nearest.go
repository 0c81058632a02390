package strictyaml

import "strings"

// Nearest finds the known word that was probably meant by a misspelt one, ""
// when none is near enough to be worth a guess. Room-7 is never a guess for
// room-8: another number is another thing.
func Nearest(word string, known []string) string {
	if len(word) > 64 {
		return "" // no word; the distance would cost more than it helps
	}
	best, least := "", 1+max(1, min(len(word)/3, 3))
	for _, k := range known {
		if d := distance([]rune(word), []rune(k)); digits(k) == digits(word) && d > 0 && d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to get from a to b.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

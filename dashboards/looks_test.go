package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/gateway/looks"
)

// years is a book of n looks, one a minute; every 20,000th is at r-2's.
func years(t testing.TB, n int) *looks.Book {
	t.Helper()
	var text bytes.Buffer
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		of := alerting.ResidentID("r-1")
		if i%20_000 == 0 {
			of = "r-2"
		}
		b, err := json.Marshal(Look{At: at.Add(time.Duration(i) * time.Minute), Person: "p-1", Role: RoleNurse, What: sawName, Alarm: alerting.AlarmID(fmt.Sprintf("a-%016d", i)), Of: []alerting.ResidentID{of}})
		if err != nil {
			t.Fatal(err)
		}
		text.Write(append(b, '\n'))
	}
	path := filepath.Join(t.TempDir(), "looks.jsonl")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return looks.Open(path, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// A long book is read from its end, a part at a time: every look comes once, and
// what is rare is found by asking on.
func TestLooksOfYears(t *testing.T) {
	const n = 60_001
	book := years(t, n)
	h := newHouse(t, newWard(same), func(o *Options) { o.Book = book })
	olga := h.caller(t, "olga")
	ask := func(query, cursor string) (out lookList) {
		t.Helper()
		if cursor != "" {
			query += "&cursor=" + cursor
		}
		text := olga.want(200, "GET", apiRoot+"/looks?"+query, "")
		if err := json.Unmarshal([]byte(text), &out); err != nil || out.More != (out.Next != "") {
			t.Fatalf("%v: %.200s", err, text)
		}
		return out
	}
	first := ask("limit=1000", "")
	last := first.Looks[len(first.Looks)-1]
	if len(first.Looks) != 1000 || first.Next == "" || first.Looks[0].Alarm != "a-0000000000060000" {
		t.Fatalf("%d looks, the newest %+v, next %q", len(first.Looks), first.Looks[0], first.Next)
	}
	book.Add([]byte(`{"what":"later"}`)) // what comes meanwhile moves nothing
	seen := 1000
	for page := first; page.Next != ""; {
		if page = ask("limit=1000", page.Next); len(page.Looks) > 0 {
			if d := last.At.Sub(page.Looks[0].At); d != time.Minute {
				t.Fatalf("after the look of %s comes that of %s", last.At, page.Looks[0].At)
			}
			last = page.Looks[len(page.Looks)-1]
		}
		seen += len(page.Looks)
	}
	if seen != n || last.Alarm != "a-0000000000000000" {
		t.Errorf("%d of %d looks, the first %+v", seen, n, last)
	}
	found, asked := 0, 0
	for page := (lookList{Next: ""}); asked == 0 || page.Next != ""; asked++ {
		page = ask("limit=10&resident=r-2", page.Next)
		found += len(page.Looks)
	}
	if found != 4 || asked < 2 {
		t.Errorf("%d looks at r-2's in %d answers", found, asked)
	}
	for _, bad := range []string{"x!", "-1", "0"} {
		olga.want(422, "GET", apiRoot+"/looks?cursor="+bad, "")
	}
}

// The newest hundred of a book of 500,000 looks.
func BenchmarkLooks(b *testing.B) {
	book := years(b, 500_000)
	h := newHouse(b, newWard(same), func(o *Options) { o.Book = book })
	token := h.program(b, "", LooksRead, PeopleRead)
	b.ResetTimer()
	for range b.N {
		token.want(200, "GET", apiRoot+"/looks?limit=100", "")
	}
}

package words_test

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

var warsaw = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Warsaw") })

func call(t testing.TB, lang string) alerting.Call {
	t.Helper()
	zone, err := warsaw()
	if err != nil {
		t.Fatal(err)
	}
	return alerting.Call{
		ID: "n", Alarm: "a-4k7m2q8n4k7m2q8n", Number: 17, Kind: "fall", Priority: alerting.High, Reason: alerting.Calling, State: alerting.Raised,
		Step: 2, Presses: 1, RaisedAt: time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC), Place: "Pokój 7, łazienka",
		Link: "https://care.example/a/" + strings.Repeat("x", 101), To: "s-1", Lang: lang, Zone: alerting.Zone{Location: zone},
	}
}

func TestCall(t *testing.T) {
	for _, x := range []struct {
		lang, subject, text, short string
	}{
		{"en", "ALARM: Fall, Pokój 7, łazienka", `Fall, Pokój 7, łazienka
Raised at 02:59:59 on 25 October.

Nobody has it yet.
Take it, or say that you cannot come:
LINK

Alarm 17, step 2.
`, "ALARM: Fall, Pokoj 7, lazienka LINK"},
		{"pl", "ALARM: Upadek, Pokój 7, łazienka", `Upadek, Pokój 7, łazienka
Zgłoszono o 02:59:59, 25 października.

Nikt jeszcze nie przyjął.
Przyjmij alarm albo zaznacz, że nie możesz przyjść:
LINK

Alarm nr 17, krok 2.
`, "ALARM: Upadek, Pokoj 7, lazienka LINK"},
	} {
		c := call(t, x.lang)
		got := words.Call(c)
		if got.Subject != x.subject {
			t.Errorf("%s: subject %q, want %q", x.lang, got.Subject, x.subject)
		}
		if want := strings.Replace(x.text, "LINK", c.Link, 1); got.Text != want {
			t.Errorf("%s: text\n%s\nwant\n%s", x.lang, got.Text, want)
		}
		if want := strings.Replace(x.short, "LINK", c.Link, 1); got.Short != want {
			t.Errorf("%s: short %q, want %q", x.lang, got.Short, want)
		}
	}
}

// The hour that comes twice: what was raised an hour later reads an hour
// earlier than the clock before it would.
func TestCallIsInTheSitesZone(t *testing.T) {
	c := call(t, "pl")
	c.RaisedAt = c.RaisedAt.Add(time.Second)
	if got := words.Call(c).Text; !strings.Contains(got, "o 02:00:00,") {
		t.Errorf("a second after 02:59:59 of summer time it is 02:00:00 of winter time:\n%s", got)
	}
	c.Zone = alerting.Zone{}
	if got := words.Call(c).Text; !strings.Contains(got, "o 01:00:00,") {
		t.Errorf("without a zone it is UTC:\n%s", got)
	}
}

// Every call that there can be has words in both languages, one line of
// subject, a short text that fits, and its link whole.
func TestEveryCall(t *testing.T) {
	short := 0
	for _, l := range words.Langs() {
		for _, k := range append(devices.Kinds(), "new_kind") {
			for _, reason := range []alerting.Reason{alerting.Calling, alerting.Again, alerting.Offered, alerting.Stopped} {
				for _, state := range []alerting.State{alerting.Raised, alerting.Acknowledged, alerting.Attended, alerting.Closed} {
					for _, place := range []string{"", "Pokój 7", "Pokój 7,\r\nBcc: x\n łazienka", strings.Repeat("Bardzo długa nazwa ", 20)} {
						for _, link := range []string{"", "https://a.example/a/b", call(t, "").Link} {
							for _, n := range []int{1, 2} {
								c := call(t, string(l))
								c.Kind, c.Reason, c.State, c.Place, c.Link, c.Presses, c.Late = string(k), reason, state, place, link, n, n == 2
								m := words.Call(c)
								if m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || strings.HasPrefix(m.Subject, ":") {
									t.Fatalf("%+v: subject %q", c, m.Subject)
								}
								if strings.Contains(m.Text, "%!") || strings.Contains(m.Text, "\n\n\n") || strings.Contains(m.Text, "\r") || strings.Contains(m.Text, "{") {
									t.Fatalf("%+v: text %q", c, m.Text)
								}
								over := reason == alerting.Stopped && state == alerting.Closed
								if link != "" && strings.Contains(m.Text, "\n"+link+"\n") == over {
									t.Fatalf("%+v: text %q", c, m.Text)
								}
								if words.GSM7(m.Short) != m.Short || utf8.RuneCountInString(m.Short) > 306 || strings.HasSuffix(m.Short, link) != (reason != alerting.Stopped || link == "") {
									t.Fatalf("%+v: short %q", c, m.Short)
								}
								if len(place) < 10 && link != c.Link && utf8.RuneCountInString(m.Short) > 160 {
									t.Fatalf("%+v: short %q takes two parts", c, m.Short)
								}
								how := strings.HasSuffix(words.GSM7(m.Letters), words.GSM7(m.Take+", 2 = "+m.Decline)) || strings.HasSuffix(m.Letters, "\n1 = TAK, 2 = NIE") || strings.HasSuffix(m.Letters, "\n1 = YES, 2 = NO")
								if open := strings.Contains(m.Answered, "\n1 = "); open != how || words.GSM7(m.Answered) != m.Answered || utf8.RuneCountInString(m.Answered) > 306 ||
									!open && m.Answered != m.Short || !strings.Contains(m.Answered, link) && reason != alerting.Stopped {
									t.Fatalf("%+v: answered %q, letters %q", c, m.Answered, m.Letters)
								}
								if utf8.RuneCountInString(m.Letters) > 192 && m.Letters != m.Answered || !strings.Contains(m.Letters, link) && reason != alerting.Stopped {
									t.Fatalf("%+v: letters %q", c, m.Letters)
								}
								if len(place) < 10 && link == "https://a.example/a/b" && utf8.RuneCountInString(m.Answered) > 160 {
									t.Fatalf("%+v: %q takes two parts", c, m.Answered)
								}
								short++
							}
						}
					}
				}
			}
		}
	}
	if short == 0 {
		t.Fatal("no call was tried")
	}
}

func TestGSM7(t *testing.T) {
	for in, want := range map[string]string{
		"Zażółć gęślą jaźń": "Zazolc gesla jazn", "“a” – b…": `"a" - b...`, "żeby\u00a0€5 [x]": "zeby €5 [x]", "é ü Å": "é ü Å", "здравей": "???????",
	} {
		if got := words.GSM7(in); got != want {
			t.Errorf("GSM7(%q) is %q, want %q", in, got, want)
		}
	}
}

// A drill is said first of all in every message, also in a text that has room
// for little else.
func TestDrill(t *testing.T) {
	for lang, want := range map[string]string{"en": "DRILL", "pl": "ĆWICZENIA"} {
		for _, place := range []string{"Pokój 7", strings.Repeat("Bardzo długa nazwa ", 20)} {
			for _, link := range []string{"", call(t, "").Link} {
				c := call(t, lang)
				c.Drill, c.Place, c.Link = true, place, link
				m := words.Call(c)
				if !strings.HasPrefix(m.Subject, want+": ") || !strings.Contains(m.Short, words.GSM7(want)) {
					t.Errorf("%s: %q, %q", lang, m.Subject, m.Short)
				}
				c.Drill = false
				if real := words.Call(c); strings.Contains(real.Subject+real.Text+real.Short, want) {
					t.Errorf("a real one says %s: %+v", want, real)
				}
			}
		}
	}
}

func TestCallWithAName(t *testing.T) {
	c := call(t, "pl")
	c.Who, c.Link = "Anna\nŻółć", "https://care.example/a/x"
	got := words.Call(c)
	if want := "ALARM: Upadek, Anna Żółć, Pokój 7, łazienka"; got.Subject != want {
		t.Errorf("subject %q, want %q", got.Subject, want)
	}
	if want := "ALARM: Upadek, Anna Zolc, Pokoj 7, lazienka, 02:59 https://care.example/a/x"; got.Short != want {
		t.Errorf("short %q, want %q", got.Short, want)
	}
}

// A technician's call says what is wrong, what it hangs on, how many faults there
// are and who is without a button, in both languages, and no alarm.
func TestCallOfFaults(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Fault: connection lost, zigbee", "41 faults: connection lost, silent.", "Devices at: Room 7.", "2 people are without a working button: Room 7; Room 8.", "Nobody is left", "Everybody is without", "It has got worse"},
		"pl": {"Usterka: brak połączenia, zigbee", "41 usterek: brak połączenia, brak sygnału.", "Urządzenia: Room 7.", "Bez działającego przycisku: 2 osoby, Room 7; Room 8.", "Nikt nie został bez", "Wszyscy są bez", "Jest gorzej"},
	} {
		c := call(t, lang)
		c.Kind, c.Place = string(alerting.Technical), "zigbee"
		c.Faults = &alerting.CallFaults{
			Root: "zigbee", Count: 41, Codes: []alerting.FaultCode{alerting.LinkLost, alerting.Silent}, At: []string{"Room 7"},
			Without: []string{"Room 7", "Room 8"}, People: 2,
		}
		m := words.Call(c)
		for _, s := range want[1:4] {
			if m.Subject != want[0] || !strings.Contains(m.Text, s+"\n") {
				t.Errorf("%s: subject %q, no %q in\n%s", lang, m.Subject, s, m.Text)
			}
		}
		if !strings.Contains(m.Short, words.GSM7(want[3])) || words.GSM7(m.Short) != m.Short || strings.Contains(m.Text+m.Short+m.Subject, "ALARM") {
			t.Errorf("%s: %q", lang, m.Short)
		}
		c.Faults.People, c.Faults.Everybody = 0, false
		if m := words.Call(c); !strings.Contains(m.Text, want[4]) || strings.Contains(m.Text, want[5]) {
			t.Errorf("%s: %s", lang, m.Text)
		}
		c.Faults.Everybody, c.Reason, c.State = true, alerting.Again, alerting.Acknowledged
		if m := words.Call(c); !strings.Contains(m.Text, want[5]) || !strings.Contains(m.Text, want[6]) {
			t.Errorf("%s: %s", lang, m.Text)
		}
	}
}

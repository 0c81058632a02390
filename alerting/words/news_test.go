package words_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/alerting/words"
)

func news(t testing.TB, lang string, n alerting.CallNews) alerting.Call {
	c := call(t, lang)
	n.At = time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC)
	c.RaisedAt = n.At.Add(-10 * time.Minute)
	c.Reason, c.Link, c.Who, c.Place, c.News = alerting.Informing, "", "Anna Nowak", "Pokój 7", &n
	return c
}

// TestNews: what a carer reads, in one text message.
func TestNews(t *testing.T) {
	today, before := time.Date(2026, 11, 17, 6, 12, 0, 0, time.UTC), time.Date(2026, 11, 16, 20, 40, 0, 0, time.UTC)
	midnight := time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC) // of the site
	signs := func(s alerting.CallSigns) alerting.CallNews {
		return alerting.CallNews{What: alerting.NewsSigns, Signs: &s}
	}
	both := func(s alerting.CallSigns) alerting.CallNews {
		n := signs(s)
		n.Shared = true
		return n
	}
	for _, x := range []struct {
		news   alerting.CallNews
		en, pl string
	}{
		{alerting.CallNews{What: alerting.NewsRaised}, "For information: Fall, Anna Nowak, Pokój 7, 09:00. Help is being called.", "Do wiadomości: Upadek, Anna Nowak, Pokój 7, 09:00. Wzywamy pomoc."},
		{alerting.CallNews{What: alerting.NewsRaised, Shared: true}, "For information: Fall, Anna Nowak, Pokój 7, 09:00. Help is being called. It may be of somebody else in the room.",
			"Do wiadomości: Upadek, Anna Nowak, Pokój 7, 09:00. Wzywamy pomoc. Może to być inna osoba z pokoju."},
		{alerting.CallNews{What: alerting.NewsThere}, "Somebody is there: Fall, Anna Nowak, Pokój 7, 09:00.", "Pomoc na miejscu: Upadek, Anna Nowak, Pokój 7, 09:00."},
		{alerting.CallNews{What: alerting.NewsClosed, Outcome: alerting.Ambulance}, "Over: Fall, Anna Nowak, Pokój 7, 09:00. Ambulance called.", "Zakończono: Upadek, Anna Nowak, Pokój 7, 09:00. Wezwano pogotowie."},
		{alerting.CallNews{What: alerting.NewsReopened}, "Not over after all: Fall, Anna Nowak, Pokój 7, 09:00. Somebody sees to it.", "Jednak nie zakończono: Upadek, Anna Nowak, Pokój 7, 09:00. Ktoś się tym zajmuje."},
		{signs(alerting.CallSigns{Last: today, By: alerting.SawDoor, Sensors: 3, Heard: 3}), "Anna Nowak, Pokój 7, 09:00. Last sign of life 07:12 (door). All as usual.",
			"Anna Nowak, Pokój 7, 09:00. Ostatni znak życia 07:12 (drzwi). Wszystko jak zwykle."},
		{signs(alerting.CallSigns{Last: midnight, By: alerting.SawBed, Sensors: 1, Heard: 1}), "Anna Nowak, Pokój 7, 09:00. Last sign of life 00:00 (bed). All as usual.",
			"Anna Nowak, Pokój 7, 09:00. Ostatni znak życia 00:00 (łóżko). Wszystko jak zwykle."},
		{signs(alerting.CallSigns{Last: midnight.Add(-1), By: alerting.SawBed, Sensors: 1, Heard: 1}), "Anna Nowak, Pokój 7, 09:00. No sign of life today so far. The last: 16 November 23:59 (bed).",
			"Anna Nowak, Pokój 7, 09:00. Dziś brak znaku życia. Ostatni: 16 listopada 23:59 (łóżko)."},
		{signs(alerting.CallSigns{Last: today, By: alerting.SawMovement, Sensors: 3, Heard: 1}), "Anna Nowak, Pokój 7, 09:00. Last sign of life 07:12 (movement). 2 of 3 sensors not heard.",
			"Anna Nowak, Pokój 7, 09:00. Ostatni znak życia 07:12 (ruch). Czujniki, które milczą: 2 z 3."},
		{signs(alerting.CallSigns{Sensors: 2, Heard: 2}), "Anna Nowak, Pokój 7, 09:00. No sign of life so far.", "Anna Nowak, Pokój 7, 09:00. Brak znaku życia."},
		{signs(alerting.CallSigns{Last: before, By: alerting.SawMovement, Sensors: 2, HeardAt: before}), "Anna Nowak, Pokój 7, 09:00. Nothing is known: no sensor is heard since 16 November 21:40.",
			"Anna Nowak, Pokój 7, 09:00. Nic nie wiadomo: czujniki milczą, ostatni sygnał 16 listopada 21:40."},
		{signs(alerting.CallSigns{Sensors: 2}), "Anna Nowak, Pokój 7, 09:00. Nothing is known: no sensor has been heard yet.", "Anna Nowak, Pokój 7, 09:00. Nic nie wiadomo: żaden czujnik jeszcze się nie odezwał."},
		{signs(alerting.CallSigns{}), "Anna Nowak, Pokój 7, 09:00. Nothing is known: there is no sensor.", "Anna Nowak, Pokój 7, 09:00. Nic nie wiadomo: nie ma tam czujnika."},
		{signs(alerting.CallSigns{Last: today, By: alerting.SawPress, Sensors: 1, Heard: 1, Alarm: true}), "Anna Nowak, Pokój 7, 09:00. An alarm is open. Last sign of life 07:12 (button).",
			"Anna Nowak, Pokój 7, 09:00. Trwa alarm. Ostatni znak życia 07:12 (przycisk)."},
		{signs(alerting.CallSigns{Last: before, By: alerting.SawDoor, Sensors: 1, Heard: 1, Away: true}), "Anna Nowak, Pokój 7, 09:00. Said to be away. No sign of life today so far. The last: 16 November 21:40 (door).",
			"Anna Nowak, Pokój 7, 09:00. Zgłoszono nieobecność. Dziś brak znaku życia. Ostatni: 16 listopada 21:40 (drzwi)."},
		{both(alerting.CallSigns{Last: today, By: alerting.SawDoor, Sensors: 3, Heard: 3}), "Anna Nowak, Pokój 7, 09:00. Last sign of life 07:12 (door). It may have been somebody else in the room.",
			"Anna Nowak, Pokój 7, 09:00. Ostatni znak życia 07:12 (drzwi). Mogła to być inna osoba z pokoju."},
	} {
		for lang, want := range map[string]string{"en": x.en, "pl": x.pl} {
			got := words.Call(news(t, lang, x.news))
			if got.Line != want {
				t.Errorf("it says\n\t%s, and not\n\t%s", got.Line, want)
			}
			if short := words.GSM7(want); got.Short != short || len(short) > 160 {
				t.Errorf("text message of %d\n\t%s", len(got.Short), got.Short)
			}
			if got.Subject == "" || got.Notice == "" || !strings.Contains(got.Text, "Anna Nowak") || got.Take != "" {
				t.Errorf("%+v", got)
			}
			if got.Answered != got.Short {
				t.Errorf("a hint how to answer: %q", got.Answered)
			}
		}
	}
}

// TestNewsOfAnywhere: a long name takes no second message, and no line of its own.
func TestNewsOfAnywhere(t *testing.T) {
	for _, lang := range []string{"en", "pl"} {
		for _, place := range []string{strings.Repeat("Ż", 200), strings.Repeat("{", 200), "", "a\nb"} {
			for _, n := range []alerting.CallNews{{What: alerting.NewsClosed, Outcome: alerting.Mistake, Shared: true}, {What: alerting.NewsSigns, Signs: &alerting.CallSigns{Sensors: 1}}} {
				c := news(t, lang, n)
				c.Place, c.Who = place, place
				got := words.Call(c)
				if room := utf8.RuneCountInString(got.Short) + strings.Count(got.Short, "{"); room > 160 || strings.Contains(got.Short, "\n") {
					t.Errorf("%d: %s", room, got.Short)
				}
			}
		}
	}
}

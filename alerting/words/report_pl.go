package words

import (
	"fmt"
	"strings"
	"time"

	"telecare/alerting"
)

func polishReport() Report {
	return Report{
		Name: "Raport", Month: func(m time.Month, year int) string { return fmt.Sprintf("%s %d", nominative(m), year) },
		Decimals:  func(s string) string { return strings.ReplaceAll(s, ".", ",") },
		Long:      func(h, m int) string { return fmt.Sprintf("%d godz. %02d min", h, m) },
		FromUntil: "{a} do {b}", Made: "Sporządzono {a}.", Zone: "Dni i godziny według strefy {a}.",
		SoFar:     "Okres się nie skończył: to stan dotychczasowy.",
		NotWhole:  "Dziennik zaczyna się {a}: co było wcześniej, nie wiadomo i nie jest liczone.",
		Nothing:   "O tym okresie nic nie wiadomo: dziennik zaczyna się później.",
		Otherwise: "To wydanie rozstrzyga inaczej {n} zapisów niż wydanie z tamtego czasu: wtedy mogło być inaczej, niż tu stoi.",
		Gap:       "Bramka nie działała do {b}; ostatni wcześniejszy zapis jest z {a}.",
		MoreGaps:  "Oraz {n} innych przerw.",
		Unsettled: "Alarmy, które mogą się jeszcze zmienić: {n}. Są otwarte albo zamknięto je przed niespełna dziesięcioma minutami.",
		Incident: map[alerting.FaultCode]string{
			alerting.ClockStepped: "Zegar był zły albo przestawiony, od {a} do {b}: godziny mogą być błędne.",
			alerting.StoreDown:    "Nie można było zapisać dziennika, od {a} do {b}: czegoś z tego czasu może brakować.",
		},
		Lasting: "teraz", None: "brak alarmów",

		Limits: "Przyjęte przez człowieka", Waits: "Jak długo trwało", Misses: "Nie w ciągu 60 sekund", Totals: "Alarmy", Outcomes: "Jak się skończyły",
		Kinds: "Według rodzaju", Places: "Według miejsca", Times: "Według godziny", People: "Kogo wzywano", Lapses: "Przyjęte, ale bez dotarcia lub zamknięcia na czas",
		Late: "Zgłoszone z opóźnieniem", Open: "Otwarte na koniec", Devices: "Urządzenia",

		LimitsNote:  "Od zgłoszenia do chwili, gdy człowiek pierwszy raz przyjął alarm, był na miejscu albo go zamknął. Przyjęcie wiadomości przez kanał lub telefon to nie odpowiedź. Bez prób i ćwiczeń.",
		WaitsNote:   "Tyle procent czekało nie dłużej. Liczone z alarmów, które tak daleko doszły; ostatnia kolumna liczy pozostałe.",
		MissesNote:  "Każdy alarm raz, z tym, czego próbowano, zanim przyjął go człowiek.",
		PeopleNote:  "Liczone są alarmy, każdy raz dla jednej osoby. Bez odpowiedzi: ktoś inny przyjął wcześniej.",
		LapsesNote:  "Zgłoszono je ponownie i wezwano innych. Do limitów liczy się pierwsze przyjęcie, także to, które wygasło.",
		LateNote:    "Czas liczy się od chwili, gdy je usłyszano. Jak długo ktoś czekał wcześniej, nie wiadomo.",
		OpenNote:    "Niezamknięte, gdy okres się skończył, albo teraz, gdy jeszcze trwa.",
		DevicesNote: "Z czasu, w którym bramka działała. Milczenie liczy się od chwili, gdy o nim wiadomo: musi minąć czas nadzoru.",

		Limit: "W ciągu", Asked: "wymagane", Kept: "w terminie", Share: "udział", Verdict: "ocena", Source: "kto wymaga", Of: "{a} z {b}",
		Verdicts: map[string]string{"met": "spełnione", "not_met": "NIE SPEŁNIONE", "no_alarms": "brak alarmów"},
		Sources:  map[string]string{"tsa": "norma TSA", "en": "TSA, dawniej"},
		Pending:  "Jeszcze nie wiadomo: {n}, których nikt nie przyjął i które mają jeszcze czas.",

		What: "do chwili", Count: "alarmów", Median: "mediana", P90: "90%", P95: "95%", P99: "99%", Worst: "najdłużej", Without: "bez",
		Milestones: map[alerting.Milestone]string{
			alerting.ToCall: "przyjęcia pierwszego wezwania przez kanał", alerting.ToAcknowledge: "przyjęcia przez człowieka", alerting.ToAttend: "dotarcia na miejsce", alerting.ToClose: "zamknięcia",
		},

		Number: "nr", Raised: "zgłoszono", Kind: "rodzaj", Place: "miejsce", Waited: "czekano", By: "potem", Tried: "próby", Until: "do",
		Nobody:  "nikt",
		Results: map[string]string{"reached": "dotarło", "not_reached": "nie dotarło", "no_result": "bez wyniku", "declined": "nie może przyjść", "nobody": "nie ma kogo wezwać"},
		More:    "i jeszcze {n}", Step: "krok {n}",

		All: "wszystkie", Counted: "liczone", Tests: "próby", Drills: "ćwiczenia", Cancelled: "upadki odwołane przez osobę", Lates: "z opóźnieniem", ByHand: "zgłoszone ręcznie", StillOpen: "jeszcze niezamknięte",
		False: "fałszywe alarmy", Lapsed: "przyjęte i wygasłe", Reopened: "otwarte ponownie",

		Alarms: "alarmy", Within60: "w 60 s", Within180: "w 180 s", NotClosed: "niezamknięte", NoPlace: "miejsce nieznane",
		Who: "kto", Called: "wezwania", Took: "przyjęcia", Declined: "odmowy", GaveBack: "oddane", LapsedBy: "wygasłe", Unheard: "bez odpowiedzi", MedianTake: "mediana do przyjęcia",
		Held: "trwało", Acked: "przyjęto", Closed: "zamknięto",
		Device: "urządzenie", Well: "sprawne", Silent: "milczy", Faulty: "usterka", Cut: "bez łącza", Unknown: "nie wiadomo",
		Fleet:        "Sprawne przez {a} czasu, wszystkie nadzorowane urządzenia razem ({n}).",
		Unsupervised: "Urządzenia, które nie dają znaku życia: {n}. Czy działają, wiadomo po naciśnięciu.",
		NoDevices:    "brak nadzorowanych urządzeń", AllWell: "każde urządzenie było sprawne, gdy bramka działała",

		Beside: "Obok poprzedniego miesiąca",
		Choose: "Wybierz okres", Show: "Pokaż", AsCSV: "Alarmy jako CSV", AsJSON: "Całość jako JSON", Print: "Aby wydrukować, użyj polecenia przeglądarki.", Back: "Wszystkie alarmy",
		SignIn: "Zaloguj się na pierwszej stronie, potem wróć.", NotYours: "To konto nie może czytać raportów.", Wrong: "Tego okresu nie można pokazać:",
		Busy:       "Raportu nie udało się teraz sporządzić. Spróbuj ponownie.",
		MonthLabel: "Miesiąc", FromLabel: "Pierwszy dzień", ToLabel: "Ostatni dzień", Anonymous: "Bez nazwisk",
	}
}

// nominative is a month by itself.
func nominative(m time.Month) string {
	return [...]string{"styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień"}[m-1]
}

package words

import (
	"cmp"
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func polish() Words {
	return Words{
		Kinds: map[devices.Kind]string{
			devices.Panic: "Wezwanie pomocy", devices.Fall: "Upadek", devices.Inactivity: "Brak ruchu", devices.Medical: "Alarm medyczny",
			devices.Smoke: "Dym", devices.Gas: "Gaz", devices.CO: "Czad", devices.Heat: "Wysoka temperatura", devices.Flood: "Zalanie",
			devices.Intruder: "Włamanie", devices.Wandering: "Oddalenie się", devices.BedExit: "Opuszczenie łóżka",
			alerting.Technical: "Usterka",
		},
		Roles: map[devices.Kind]string{
			devices.Panic: "wezwanie", devices.Fall: "upadek", devices.Inactivity: "brak ruchu", devices.Medical: "alarm medyczny",
			devices.Smoke: "dym", devices.Gas: "gaz", devices.CO: "czad", devices.Heat: "temperatura", devices.Flood: "zalanie",
			devices.Intruder: "włamanie", devices.Wandering: "oddalenie się", devices.BedExit: "opuszczenie łóżka",
			devices.Cancel: "odwołanie upadku", "pendant": "przycisk", "radar": "radar",
		},
		Priorities: map[alerting.Priority]string{
			alerting.High: "Wysoki priorytet.", alerting.Medium: "Średni priorytet.", alerting.Low: "Niski priorytet.",
		},
		States: map[alerting.State]string{
			alerting.Raised: "nikt nie przyjął", alerting.Acknowledged: "w drodze", alerting.Attended: "na miejscu", alerting.Closed: "zamknięty",
		},
		Outcomes: map[alerting.Outcome]string{
			alerting.Helped: "Pomoc udzielona, bez obrażeń", alerting.Hurt: "Obrażenia: wezwano lekarza", alerting.Ambulance: "Wezwano pogotowie",
			alerting.NotNeeded: "Pomoc nie była potrzebna", alerting.Mistake: "Pomyłka człowieka lub czujnika", alerting.TestAlarm: "Próba",
			alerting.Cancelled: "Odwołany na miejscu", alerting.DrillAlarm: "Ćwiczenia",
			alerting.Fixed: "Naprawiono", alerting.FaultsOver: "Ustąpiło samo",
		},
		Ended: map[alerting.Outcome]string{
			alerting.Helped: "pomoc udzielona", alerting.Hurt: "obrażenia, wezwano lekarza", alerting.Ambulance: "wezwano pogotowie",
			alerting.NotNeeded: "pomoc niepotrzebna", alerting.Mistake: "pomyłka", alerting.TestAlarm: "próba",
			alerting.Cancelled: "odwołany",
			alerting.Fixed:     "naprawiono", alerting.FaultsOver: "ustąpiło samo",
		},
		Lives: map[devices.Life]string{
			devices.LifeUnknown: "? stan nieznany", devices.LifeHeard: "daje znak życia", devices.LifeSilent: "? brak sygnału", devices.LifeUnsupervised: "bez nadzoru",
		},
		Faults: map[alerting.FaultCode]Broken{
			alerting.BatteryLow:     {"{name}: słaba bateria", "gdy się wyczerpie, urządzenie zamilknie"},
			alerting.BatteryUnclear: {"{name}: baterii nie można ufać", "procenty, napięcie i ostrzeżenie nie zgadzają się ze sobą; włóż nową"},
			alerting.LostPress:      {"{name}: być może zginęło wezwanie", "urządzenie odezwało się bez żadnej zmiany; zapytaj osobę, potem naciśnij na próbę i sprawdź baterię"},
			alerting.AnswerLost:     {"{name}: nie przekazano, że pomoc nadchodzi", "pomoc i tak nadchodzi; sprawdź lampę albo syrenę"},
			alerting.Silent:         {"{name}: brak sygnału", "wezwanie z tego urządzenia może nie dotrzeć"},
			alerting.TestDue:        {"{name}: pora na próbę", "nie daje znaku życia, a ostatnie naciśnięcie było dawno; naciśnij go podczas próby"},
			alerting.WatchBlind:     {"{name}: czuwanie nie działa", "wszystkie czujniki milczą; nie wiadomo, czy ktoś się tam porusza"},
			alerting.Tampered:       {"{name}: otwarcie lub zdjęcie", "urządzenie może nie działać"},
			alerting.MainsLost:      {"{name}: brak zasilania z sieci", "działa na baterii"},
			alerting.DeviceFault:    {"{name}: urządzenie zgłasza usterkę", "wezwanie z niego może nie dotrzeć"},
			alerting.LinkLost:       {"{name}: brak połączenia", "nie słychać żadnego urządzenia na tym łączu"},
			alerting.ChainDown:      {"{name}: brak sygnału", "nie słychać żadnego urządzenia, które przez to łączy się z nami"},
			alerting.CodecDown:      {"{name}: ten kodek nie odczytuje swoich urządzeń", "wezwanie z nich nie dotrze; zastąp go działającym plikiem producenta"},
			alerting.ScreenAway:     {"{name}: brak ekranu, który zadzwoni", "nikt nie ma otwartej strony na tym koncie; zamiast tego dzwonimy na następny kontakt"},
			alerting.ChannelDown:    {"{name}: nie można wzywać", "tą drogą nikogo nie powiadomimy"},
			alerting.ContactBad:     {"{name}: tą drogą nie do powiadomienia", "adres jest odrzucany albo nie ma tego kanału; popraw go w rejestrze"},
			alerting.StoreDown:      {"Nie można zapisać dziennika", "wezwania działają; urządzenia prześlą swoje wiadomości ponownie"},
			alerting.SpoolDown:      {"Nie można zapisać odczytów", "alarmy działają bez zmian"},
			alerting.InfluxDown:     {"InfluxDB nie odpowiada", "odczyty czekają tutaj"},
			alerting.ClockStepped:   {"Przestawiono zegar", "wcześniejsze godziny mogą być błędne"},
			alerting.NotGuaranteed:  {"{name}: nadaje z QoS 0", "co zginie po drodze, nie zostanie wysłane ponownie; ustaw qos: 1 (Zigbee2MQTT: device_options)"},
			alerting.RosterHole:     {"{name}: w ciągu doby zabraknie osoby na dyżurze", "wezwany zostałby tylko kontakt awaryjny; wyznacz kogoś na dyżur"},
			alerting.ConfigRefused:  {"Zmieniony plik telecare.yaml nie działa", "zawiera błędy, nadal działa poprzedni; `telecare reload` je wymieni"},
			alerting.RegistryDown:   {"Nie można odczytać rejestru", "wzywani są ci, którzy byli w nim ostatnio, a jego zmiany nie działają; `telecare doctor` powie, co zrobić"},
		},
		Tries: map[string]string{
			"timeout": "brak odpowiedzi na czas", "failed": "błąd", "refused": "odmowa", "unreachable": "brak połączenia", "tls": "brak bezpiecznego połączenia",
			"login": "odmowa logowania", "unencodable": "nie da się zapisać", "no address": "brak adresu", "no such channel": "nie ma takiego kanału", "not arrived": "nie dotarło", "garbage": "odpowiedź niezrozumiała",
			"no screen": "nie ma żadnego ekranu", "not shown": "ekran tego nie pokazał", "no phone": "żaden telefon tej osoby nie jest włączony", "screen muted": "ekran nie może zadzwonić",
			"no modem": "brak modemu albo modem milczy", "no sim": "brak karty SIM", "pin": "karta SIM wymaga PIN-u", "no network": "brak sieci komórkowej", "busy": "zajęte", "in line": "najpierw inne wezwania", "not ringing": "nie zadzwonił",
		},
		Problems: map[string]string{
			string(alerting.NoSuchAlarm):              "Nie ma tu takiego alarmu.",
			string(alerting.AlreadyHeld):              "Ktoś inny ma już ten alarm.",
			string(alerting.AlreadyHeld) + " by name": "{name} ma już ten alarm.",
			string(alerting.AlreadyClosed):            "Ten alarm jest już zamknięty.",
			string(alerting.NotHolder):                "Alarm może przekazać tylko ten, kto go ma.",
			string(alerting.CannotCall):               "Tej osoby nie można wezwać albo to ona ma ten alarm.",
			string(alerting.NotClosed):                "Ten alarm nie jest zamknięty.",
			string(alerting.TooLate):                  "Alarm zamknięto ponad 10 minut temu. Zgłoś nowy.",
			string(alerting.NoOutcome):                "Zaznacz, jak się skończyło, potem zamknij.",
			string(alerting.NoSuchPlace):              "Wskaż miejsce: tego nie ma na liście.",
			string(alerting.NotAnAlarm):               "Wskaż, co się dzieje: to nie jest rodzaj alarmu.",
			string(alerting.NoSuchPerson):             "Nie ma tu osoby o takim identyfikatorze.",
			string(alerting.NoBreak):                  "Przerwa kończy się w ciągu najbliższych 12 godzin.",
			"only_yourself":                           "Przerwę zgłasza się za siebie; za innych może to zrobić centrum.",
			string(alerting.TooLong):                  "To za długo: nieobecność najwyżej 14 dni, drzwi godzina, próba cztery godziny.",
			"no_such_link":                            "Ten link jest niepełny albo nie pochodzi stąd.",
			"no_such_action":                          "Na alarm można odpowiedzieć: take, decline, arrive, help, close, reopen.",
			"edited":                                  "Ktoś w międzyczasie zmienił rejestr. Obejrzyj wpis jeszcze raz, potem zapisz.",
			"no_such_record":                          "Nie ma już takiego wpisu.",
			"nothing_to_undo":                         "Tego nie da się już cofnąć: ktoś zmienił rejestr albo minęło więcej niż 15 minut.",
			"not_their_name":                          "To nie jest nazwisko tej osoby. Nic nie zostało usunięte.",
			"alarm_is_open":                           "Alarm tej osoby jest otwarty albo ona sama jest do niego wzywana. Najpierw go zamknij; nic nie zostało usunięte.",
			"stays_now":                               "Pobyt tej osoby trwa. Najpierw go zakończ; nic nie zostało usunięte.",
			"no_such_channel":                         "Nie ma kanału o tej nazwie, który da się sprawdzić po cichu.",
			"no_such_phone":                           "Nie masz takiego telefonu.",
			"no_such_receipt":                         "Nikt nie czeka na to potwierdzenie albo już nie czeka.",
			"no_phone":                                "Do tej przeglądarki nie można dzwonić.",
			"too_many_phones":                         "Masz już pięć telefonów, które dzwonią. Najpierw usuń jeden.",
			"not_reached":                             "Telefonu nie udało się teraz osiągnąć. Czy ma internet? Spróbuj ponownie albo włącz go od nowa.",
			"no_such_device":                          "Nie ma tu takiego urządzenia.",
			"too_many_screens":                        "Z tym logowaniem albo linkiem otwarto zbyt wiele ekranów. Zamknij te, które nie są potrzebne.",
			"no_stream":                               "Pod tym adresem są zmiany na żywo (websocket), tylko dla stron tej bramki.",
			"not_found":                               "Pod tym adresem nic nie ma.",
			"not_yours":                               "Kod widzi osoba, która przyjęła alarm.",
			"not_yet":                                 "Bramka jeszcze tego nie potwierdziła. Spróbuj ponownie albo zadzwoń.",
			"not_for_you":                             "To konto nie ma do tego uprawnień.",
			"not_json":                                "Wyślij JSON, typ application/json.",
			"bad_json":                                "To nie jest JSON, którego się tu oczekuje.",
			"invalid":                                 "To nie jest to, czego się tu oczekuje.",
			"bad_token":                               "Ten token nie jest tu znany albo już nie obowiązuje.",
			"too_slow":                                "Reszta zapytania nie dotarła.",
			"no_report":                               "Raportu nie udało się teraz sporządzić. Spróbuj ponownie.",
			"internal":                                "Błąd bramki. Jest w jej dzienniku technicznym.",
			"too_large":                               "To za dużo: więcej niż 64 KiB albo kalendarz większy niż 1 MiB.",
			"too_many":                                "Zbyt wiele prób. Odczekaj minutę i spróbuj ponownie.",
			"signed_out":                              "Najpierw się zaloguj.",
			"code_needed":                             "Podaj też kod, który pokazuje Twoje urządzenie.",
			"wrong_code":                              "Kod się nie zgadza albo został już użyty.",
			"codes_lost":                              "Bramka nie może odczytać ustawionych kodów, więc nie wpuszcza nikogo z samym hasłem. Linki z wezwań działają nadal. Kto opiekuje się komputerem, przywraca seconds.json z kopii zapasowej albo uruchamia „telecare user forget”, a potem „telecare reload”.",
			"glass_closed":                            "Nie ma alarmu: najpierw podaj powód.",
			"no_such_session":                         "Nie ma takiego Twojego logowania.",
			"has_code":                                "Kod jest już wymagany.",
			"no_code":                                 "Kod nie jest wymagany.",
			"no_code_begun":                           "Nie ma czego potwierdzić albo minął czas: zacznij od nowa.",
			"no_account":                              "To jest dla kont z telecare.yaml, po zalogowaniu hasłem.",
			"code_in_file":                            "Jest zapisany w telecare.yaml i tam się go zmienia.",
			"code_demanded":                           "Administrator musi go mieć.",
			"changed_meanwhile":                       "Konto w międzyczasie zmieniono. Sprawdź ponownie.",
			"not_kept":                                "Bramka nie mogła tego zapisać, więc nic się nie zmieniło. Spróbuj ponownie.",
			"not_signed_in":                           "To konto nie jest nigdzie zalogowane.",
			"wrong_password":                          "Nazwa lub hasło się nie zgadza.",
			"other_origin":                            "To nie przyszło ze strony tej bramki.",
			"cannot":                                  "Teraz nie można tego zrobić.",
		},
		Pages: Pages{
			Boot:     "Łączenie z bramką. Dopóki strona nie działa na żywo, kieruj się telefonem.",
			NoScript: "Ta strona wymaga JavaScriptu. Kieruj się telefonem.",
			NotHere:  "Nic tu nie ma",
			All:      "Wszystkie alarmy",

			NoPage: "Pod tym adresem nic nie ma.", NoPageDo: "Alarmy są na pierwszej stronie.",
			NotSignedIn: "Nie udało się zalogować.", NotSignedInDo: "Wróć na stronę i spróbuj ponownie albo zaloguj się nazwą i hasłem tej bramki.",
			BadLink: "Ten link jest niepełny.", BadLinkDo: "Otwórz go jeszcze raz z wiadomości, w całości. Jeśli to było wezwanie, zadzwoń do centrum informacji.",
			Unknown:   "Nie ma tu takiego alarmu.",
			Offline:   "Ten telefon nie ma internetu",
			OfflineDo: "Nie widzi teraz alarmów i ta strona na niego nie zadzwoni. Kieruj się telefonem: połączenia i SMS-y nadal docierają.",
			Centre:    "Centrum informacji:", Again: "Spróbuj ponownie",
			UnknownDo: "Zamknięto go jakiś czas temu albo bramka dopiero się uruchomiła. Jeśli wezwanie przyszło przed chwilą, zadzwoń do centrum informacji.",
		},
		Formats:  polishFormats(),
		Report:   polishReport(),
		Handover: polishHandover(),
		faults: faultWords{
			Fault: "Usterka", Worse: "Usterka, gorzej",
			Faults: func(n int) string { return fmt.Sprintf("%d %s:", n, plural(n, "usterka", "usterki", "usterek")) },
			At:     func(places string) string { return "Urządzenia: " + places + "." },
			Without: func(places string, people int) string {
				if people == 1 {
					return "Jedna osoba jest bez działającego przycisku: " + cmp.Or(places, "miejsce nieznane") + "."
				}
				return fmt.Sprintf("Bez działającego przycisku: %d %s, %s.", people, plural(people, "osoba", "osoby", "osób"), cmp.Or(places, "w wielu miejscach"))
			},
			Everybody: "Wszyscy są bez działającego przycisku.",
			Nobody:    "Nikt nie został bez działającego przycisku.",
			WorseNow:  "Jest gorzej niż wtedy, gdy przyjęto alarm.",
		},
		newsWords: newsWords{
			Raised: "Do wiadomości", There: "Pomoc na miejscu", Closed: "Zakończono", Reopened: "Jednak nie zakończono",
			Calling: "Wzywamy pomoc.", Goes: "Ktoś się tym zajmuje.",
			Shared: "Może to być inna osoba z pokoju.", NoAnswer: "Nie musisz nic robić.",
			Signs: "Znaki życia",
			Sights: map[alerting.Sight]string{
				alerting.SawMovement: "ruch", alerting.SawDoor: "drzwi", alerting.SawBed: "łóżko", alerting.SawPress: "przycisk",
			},
			Last:    func(sight, when string) string { return fmt.Sprintf("Ostatni znak życia %s (%s).", when, sight) },
			AsUsual: "Wszystko jak zwykle.",
			NoneYet: func(sight, when string) string {
				return fmt.Sprintf("Dziś brak znaku życia. Ostatni: %s (%s).", when, sight)
			},
			Never: "Brak znaku życia.",
			Unknown: func(since string) string {
				if since == "" {
					return "Nic nie wiadomo: żaden czujnik jeszcze się nie odezwał."
				}
				return fmt.Sprintf("Nic nie wiadomo: czujniki milczą, ostatni sygnał %s.", since)
			},
			Partly: func(silent, of int) string { return fmt.Sprintf("Czujniki, które milczą: %d z %d.", silent, of) },
			NoEyes: "Nic nie wiadomo: nie ma tam czujnika.",
			Away:   "Zgłoszono nieobecność.", Open: "Trwa alarm.", Others: "Mogła to być inna osoba z pokoju.",
		},
		call: callWords{
			Drill: "ĆWICZENIA", DrillMeans: "To są ćwiczenia. Postępuj jak zawsze; nikt nie wzywał pomocy.", Away: "Miało tam nikogo nie być.",
			Alarm: "ALARM", Help: "Potrzebna pomoc", Again: "Ponownie", Offer: "Czy przejmiesz alarm?", Stop: "Nie trzeba przychodzić",
			Raised:       func(clock, date string) string { return fmt.Sprintf("Zgłoszono o %s, %s.", clock, date) },
			Date:         func(day int, month time.Month) string { return fmt.Sprintf("%d %s", day, genitive(month)) },
			Presses:      func(n int) string { return fmt.Sprintf("Naciśnięto %d %s.", n, plural(n, "raz", "razy", "razy")) },
			Late:         "Zgłoszono z opóźnieniem: zdarzyło się wcześniej.",
			NobodyHasIt:  "Nikt jeszcze nie przyjął.",
			HelpOnTheWay: "Ktoś jest w drodze i potrzebuje pomocy innych.",
			HelpThere:    "Ktoś jest na miejscu i potrzebuje pomocy innych.",
			Offered:      "Ktoś, kto ma ten alarm, prosi o jego przejęcie. Ma go, dopóki go nie przyjmiesz.",
			AgainOnWay:   "Wezwano ponownie, gdy jesteś w drodze.",
			AgainThere:   "Wezwano ponownie, gdy jesteś na miejscu.",
			OthersCome:   "Ktoś inny jest w drodze.",
			OthersThere:  "Ktoś jest już na miejscu.",
			Over:         "Alarm jest zamknięty.",
			Open:         "Przyjmij alarm albo zaznacz, że nie możesz przyjść:",
			Look:         "Zobacz alarm:",
			NoLink:       "Zadzwoń do centrum informacji.",
			Number:       func(n, step int) string { return fmt.Sprintf("Alarm nr %d, krok %d.", n, step) },
			Nil:          "miejsce nieznane",
			Take:         "Idę", Decline: "Nie mogę",
			Yes: "TAK", No: "NIE",
			TextTaken:    func(what string) string { return "Alarm jest Twój: " + what + "." },
			TextDeclined: func(what string) string { return "Nie możesz przyjść: " + what + ". Wzywamy innych." },
			TextNothing:  "Nie ma wezwania, na które można odpowiedzieć. Zadzwoń do centrum informacji.",
			PhoneRings:   "Ten telefon dzwoni", PhoneRingsFor: "To próba: nikt nie wzywa pomocy. Tak wygląda wezwanie, gdy ktoś jej potrzebuje.",
		},
	}
}

// plural is the form of a noun that Polish takes after a number: 1 raz, 2 alarmy,
// 5 alarmów, 12 alarmów, 22 alarmy. [Unicode CLDR, plural rules of pl]
func plural(n int, one, few, many string) string {
	switch {
	case n == 1:
		return one
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return few
	}
	return many
}

// genitive is a month as it stands in a date.
func genitive(m time.Month) string {
	return [...]string{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"}[m-1]
}

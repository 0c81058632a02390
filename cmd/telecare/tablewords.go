package main

import (
	"cmp"
	"strings"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

// What alarms, devices, people and the demo say, in the reader's language as help is:
// the English stands where it is said, and the Polish is found by it. In English
// states, kinds and faults are named as programs name them, so that scripts can
// look for them; --json is the same in every language.

// reader is whoever reads a table. The zero value reads English.
type reader struct {
	words  words.Words
	polish map[string]string
}

func newReader(l words.Lang) reader {
	if l != words.Polish {
		return reader{}
	}
	return reader{words.In(l), polishTables()}
}

// say puts a text into the reader's language.
func (r reader) say(english string) string { return cmp.Or(r.polish[english], english) }

func (r reader) kind(s string) string    { return cmp.Or(r.words.Kinds[devices.Kind(s)], s) }
func (r reader) state(s string) string   { return cmp.Or(r.words.States[alerting.State(s)], s) }
func (r reader) life(s string) string    { return cmp.Or(r.words.Lives[devices.Life(s)], s) }
func (r reader) outcome(s string) string { return cmp.Or(r.words.Ended[alerting.Outcome(s)], s) }

// fault names a fault without whose it is.
func (r reader) fault(s string) string {
	return cmp.Or(strings.TrimPrefix(r.words.Faults[alerting.FaultCode(s)].What, "{name}: "), s)
}

// faults names several so.
func (r reader) faults(codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, r.fault(c))
	}
	return strings.Join(out, ", ")
}

// text is what an alarm's history adds to a line.
func (r reader) text(s string) string { return cmp.Or(r.words.Tries[s], r.outcome(s)) }

// polishTables is what tables say in Polish, by the English.
func polishTables() map[string]string {
	return map[string]string{
		"everything kept of a person": "wszystko o osobie", "a person erased": "osobę usunięto", "sign-ins ended": "zakończono logowania", "code set up": "ustawiono kod", "code taken away": "usunięto kod",
		"Record": "Zapis", "Stays": "Pobyty", "What is worn": "Noszone urządzenia", "Watches": "Czuwania", "Alarms": "Alarmy", "Looks": "Wglądy", "Phones": "Telefony",
		"message": "wiadomość", "Readings in InfluxDB, by opaque ids of devices": "Odczyty w InfluxDB, według identyfikatorów urządzeń",
		"a code of a key-safe, which is not written into files":                                                                "kod do skrytki, którego nie zapisuje się do plików",
		"the journal is not read to its end: ask again":                                                                        "dziennik nie jest przeczytany do końca: zapytaj jeszcze raz",
		"%s: record, %d stays, %d devices that are worn, %d watches would be erased for good; %d alarms stay, by the id alone": "%s: na zawsze zniknęłyby zapis, pobyty: %d, noszone urządzenia: %d, czuwania: %d; zostałyby alarmy, z samym identyfikatorem: %d",
		"%s is erased: record, %d stays, %d devices, %d watches, %d reasons in the book of looks":                              "%s: usunięto zapis, pobyty: %d, urządzenia: %d, czuwania: %d, powody w księdze wglądów: %d",
		"A part of the name still stands in: %s":                                                                               "Część nazwiska jest jeszcze w: %s",
		"Not reached: your own files for telecare apply, backups made before now, what was sent to telephones. After such a backup is restored, erase again by the same id.": "Poza zasięgiem: własne pliki dla telecare apply, wcześniejsze kopie zapasowe, to, co wysłano na telefony. Po przywróceniu takiej kopii usuń jeszcze raz, tym samym identyfikatorem.",
		"InfluxDB keeps readings by ids of devices. If they have to go, too:":                                                                                                "InfluxDB przechowuje odczyty według identyfikatorów urządzeń. Jeśli i one mają zniknąć:",
		"WHEN\tWHO\tWHOSE\tWHAT\tWHY": "KIEDY\tKTO\tCZYJE\tCO\tDLACZEGO",
		"name and notes":              "nazwisko i uwagi", "key-safe code": "kod do skrytki", "names of who stays where": "nazwiska: kto gdzie przebywa",
		"names of who is away": "nazwiska nieobecnych", "names on the hand-over sheet": "nazwiska na karcie zmiany", "alarms by a resident's name": "alarmy według nazwiska",
		"names of residents": "nazwiska podopiecznych", "glass broken": "dostęp bez alarmu",
		"NO\tSTATE\tKIND\tPLACE\tRAISED\tHOLDER\tNEXT\tID":     "NR\tSTAN\tRODZAJ\tMIEJSCE\tZGŁOSZONO\tMA GO\tDALEJ\tID",
		"DEVICE\tPLACE\tSTATE\tBATTERY\tLAST SEEN\tFAULTS\tID": "URZĄDZENIE\tMIEJSCE\tSTAN\tBATERIA\tOSTATNI SYGNAŁ\tUSTERKI\tID",
		"ADDRESS\tSOURCE\tSEEMS TO BE\tFRAMES\tLAST":           "ADRES\tŹRÓDŁO\tWYGLĄDA NA\tRAMKI\tOSTATNIA",
		"FAULT\tOF\tPLACE\tSEVERITY\tSINCE\tID":                "USTERKA\tCZEGO\tMIEJSCE\tWAGA\tOD\tID",
		"NAME\tROLE\tNOW\tID":                                  "NAZWISKO\tROLA\tTERAZ\tID",
		"no alarm is open":                                     "nie ma otwartych alarmów",
		", heard late":                                         ", zgłoszony z opóźnieniem",
		"place":                                                "miejsce",
		"way in":                                               "dojście",
		"phone":                                                "telefon",
		"person":                                               "osoba",
		"device":                                               "urządzenie",
		"presses":                                              "naciśnięto",
		"holder":                                               "ma go",
		"next":                                                 "dalej",
		"called again only if the fault comes back": "wezwiemy ponownie tylko wtedy, gdy usterka wróci",
		"outcome":                           "koniec",
		"step %d":                           "krok %d",
		"taken":                             "przyjęty",
		"declined":                          "nie przyjęty",
		"somebody is there":                 "ktoś jest na miejscu",
		"more people are called":            "wzywani są następni",
		"open again":                        "znów otwarty",
		"closed":                            "zamknięty",
		"raised at %q: people are called\n": "zgłoszono, miejsce %q: trwa wzywanie\n",
		"about %.0f weeks left":             "jeszcze około %.0f tyg.",
		"never pressed: test it":            "nigdy nie naciśnięty: wypróbuj",
		"last test press ":                  "ostatnia próba ",
		"not understood: ":                  "niezrozumiałe: ",
		"on call":                           "dyżur",
		"on call, last resort":              "dyżur, kontakt awaryjny",
		"last resort":                       "kontakt awaryjny",

		// of channels
		"CHANNEL\tSILENT TEST\tLAST\tNEXT\tNEWEST CALL": "KANAŁ\tCICHA PRÓBA\tOSTATNIA\tNASTĘPNA\tOSTATNIE WEZWANIE",
		"well":                      "w porządku",
		"failed: ":                  "nieudana: ",
		"not known: ":               "nie wiadomo: ",
		"cannot be tested silently": "nie da się sprawdzić po cichu",
		"not tested yet":            "jeszcze nie sprawdzono",
		"being tested":              "trwa próba",

		// of the demo
		"You are the information centre there. To see what others see, sign in as marta (nurse), piotr (technician), olga (manager),\nadam (administrator), zofia (a family) or wall (a screen on the wall); the password is %s.\n\n": "Jesteś tam centrum informacji. Aby zobaczyć, co widzą inni, zaloguj się jako marta (pielęgniarka), piotr (technik), olga (kierowniczka),\nadam (administrator), zofia (rodzina) albo wall (ekran na ścianie); hasło to %s.\n\n",
		"A ward with twelve people lives its day at\n\n  http://%s/\n\nOpen it, press a pendant, and see who is called. Ctrl-C ends it":                                                                                               "Oddział z dwunastoma osobami żyje swoim dniem pod adresem\n\n  http://%s/\n\nOtwórz go, naciśnij przycisk i zobacz, kto zostanie wezwany. Ctrl-C kończy",
		" and leaves nothing behind":                              " i nic po sobie nie zostawia",
		"Without the serial line: %v\n":                           "Bez linii szeregowej: %v\n",
		"%s  %s reads: %s\n":                                      "%s  %s czyta: %s\n",
		"%s  %s is told: alarm %d is taken care of\n":             "%s  %s dostaje wiadomość: alarmem %d już się zajęto\n",
		"%s  %s's phone rings: %s, %s (alarm %d)\n          %s\n": "%s  dzwoni telefon: %s. %s, %s (alarm %d)\n          %s\n",

		// of responders
		"nurse": "pielęgniarka/-rz", "carer": "opiekun/-ka", "centre": "centrum informacji", "technician": "technik",

		// of batteries
		string(devices.BatteryFine): "dobra", string(devices.BatteryEmpties): "słaba", string(devices.BatteryUnclear): "dane sprzeczne",

		// of faults
		string(alerting.SomebodyUnheard): "wezwanie może nie dotrzeć", string(alerting.SoonUnheard): "wkrótce wezwanie może nie dotrzeć", string(alerting.Nuisance): "uciążliwość",

		// of an alarm's history
		"history " + string(alerting.WasRaised): "zgłoszono", "history " + string(alerting.PressedAgain): "naciśnięto ponownie",
		"history " + string(alerting.StepCalled): "wezwano", "history " + string(alerting.StepPassed): "nikt nie ma dyżuru, pominięto",
		"history " + string(alerting.Rests): "odpoczywa, nie wezwano", "history " + string(alerting.OnBreak): "ma przerwę, nie wezwano", "history " + string(alerting.LastResort): "wezwano też kontakt awaryjny",
		"history " + string(alerting.Reached): "usługa przyjęła wezwanie", "history " + string(alerting.NotReached): "nie udało się powiadomić",
		"history " + string(alerting.Taken): "przyjmuje", "history " + string(alerting.CannotCome): "nie może przyjść",
		"history " + string(alerting.GivenBack): "oddaje alarm", "history " + string(alerting.Lapsed): "brak wiadomości na czas",
		"history " + string(alerting.Arrived): "na miejscu", "history " + string(alerting.HelpWanted): "prosi o dodatkową pomoc",
		"history " + string(alerting.WasClosed): "zamyka", "history " + string(alerting.WasReopened): "otwiera ponownie",
		"history " + string(alerting.MovedAgain): "znów ruch", "history " + string(alerting.BackInBed): "znów w łóżku",
		"history " + string(alerting.FaultsChanged): "inne usterki", "history " + string(alerting.FaultsWorse): "jest gorzej",
		"history " + string(alerting.WaitsForHours): "czeka na godziny techników",
		"history " + string(alerting.SeemsOver):     "usterek już nie ma",
		"history " + string(alerting.CancelledLate): "odwołano na urządzeniu, gdy już wezwano",
	}
}

// happened says what an entry of an alarm's history is.
func (r reader) happened(what string) string { return cmp.Or(r.polish["history "+what], what) }

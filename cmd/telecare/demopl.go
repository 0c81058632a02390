package main

import (
	"strings"

	"telecare/alerting/words"
)

// demoRegistryIn is the demo's registry in the reader's language. The Polish is
// found by the English in the file, as help is by the commands'.
func demoRegistryIn(l words.Lang) []byte {
	if l != words.Polish {
		return demoRegistry
	}
	text := strings.NewReplacer(demoPolish()...).Replace(string(demoRegistry))
	return []byte(text + "\nlanguage: pl\n")
}

// demoWire says what a device of the file is called on the wire.
func demoWire(l words.Lang) func(string) string {
	if l != words.Polish {
		return func(name string) string { return name }
	}
	return strings.NewReplacer(demoPolish()...).Replace
}

// demoPolish are pairs, the longer first where one begins another.
func demoPolish() []string {
	return []string{
		"Lipowa House, ward 2", "Dom na Lipowej, oddział 2",
		"Ground floor, ", "Parter, ", "east wing", "skrzydło wschodnie", "west wing", "skrzydło zachodnie", ", door ", ", drzwi ",
		"Open at night; the bathroom opens from outside with a coin.", "W nocy otwarte; łazienkę można otworzyć z zewnątrz monetą.",
		"Corridor by the lift", "Korytarz przy windzie", "Button, corridor", "Przycisk, korytarz",
		"Room ", "Pokój ", "Button, room ", "Przycisk, pokój ", "Pendant, room ", "Przycisk osobisty, pokój ",
		"Radar, room ", "Radar, pokój ", "Movement, room ", "Czujnik ruchu, pokój ",
		"Walks with a frame. Hard of hearing, right side. Blood thinner: a knock on the head needs a doctor.",
		"Chodzi z balkonikiem. Słabo słyszy prawym uchem. Bierze leki przeciwkrzepliwe: po uderzeniu w głowę potrzebny lekarz.",
		"Zofia K., daughter", "Zofia K., córka", "from 06:00", "od 06:00",
		"Diabetes. Often confused at night.", "Cukrzyca. W nocy bywa zdezorientowany.",
		"Oxygen at night.", "W nocy tlen.",
		"Does not speak since the stroke; nods.", "Po udarze nie mówi; kiwa głową.",
		"Epilepsy: note the time when it begins.", "Padaczka: zapisz godzinę początku napadu.",
		"Short-sighted, wears two pairs of glasses.", "Krótkowzroczny, ma dwie pary okularów.",
		"Tends to leave by the east door.", "Zdarza mu się wyjść drzwiami wschodnimi.",
		"Here for fourteen days while her daughter rests.", "Tutaj na czternaście dni, gdy jej córka odpoczywa.",
		"Information centre", "Centrum informacji", "role: physiotherapist", "role: fizjoterapia", "role: doctor", "role: lekarz",
		"the nurse on call", "dyżur pielęgniarski", "name: Weekends", "name: Weekendy", "name: ward", "name: oddział", "name: technicians", "name: technicy",
	}
}

package dashboards

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"telecare/devices"
	"telecare/devices/serial"
	"telecare/gateway/gatewaytest"
)

func withFormats(o *Options) { o.Formats = serial.Catalogue() }

func TestFormats(t *testing.T) {
	h := newHouse(t, newWard(same), withFormats)
	h.caller(t, "").want(http.StatusUnauthorized, "GET", apiRoot+"/formats", "")
	for lang, word := range map[string]string{"": "Who fell.", "?lang=en": "Who fell.", "?lang=pl": "Kto upadł."} {
		var got formatList
		answer := h.caller(t, "piotr").want(http.StatusOK, "GET", apiRoot+"/formats"+lang, "")
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Formats) != len(serial.Formats()) || !strings.Contains(answer, word) {
			t.Errorf("%q: %d formats, without %q", lang, len(got.Formats), word)
		}
	}
	h.caller(t, "piotr").want(http.StatusUnprocessableEntity, "GET", apiRoot+"/formats?lang=de", "")
}

// A technician reads on a phone what a format cannot tell, how long a battery
// lasts, and when a device that gives no sign of life was pressed last.
func TestFormatsOnThePage(t *testing.T) {
	for _, lang := range []struct {
		ward Ward
		want []string
	}{
		{newWard(same), []string{"surgard on a serial line", "Receivers of alarms that speak as Sur-Gard does", "yes: acknowledged when it is on disk", "no sign of life, only a press proves it", "about 7 weeks left", "unsupervised", "last test press"}},
		{inPolish(), []string{"surgard łączem szeregowym", "Odbiorniki alarmów mówiące jak Sur-Gard", "tak: potwierdzamy po zapisie na dysku", "brak znaku życia, dowodzi go tylko naciśnięcie", "około 7\u00a0tygodni do końca", "bez nadzoru", "ostatnia próba"}},
	} {
		t.Run(lang.ward.Lang, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, lang.ward, func(o *Options) { withFormats(o); open(o) })
			h.hub.Device(devices.Status{ID: "d-2", Life: devices.LifeHeard, DueEvery: 90_000, Battery: &devices.BatteryHealth{State: devices.BatteryFine, Weeks: 7.4}})
			tab := gatewaytest.Browser(t, 360, 740)
			tab.Open(h.url + "#devices")
			tab.Await(`document.querySelector(".devices .cards")`)
			text := tab.Text()
			gatewaytest.Eval[any](tab, `location.hash = "#settings"`)
			tab.Await(`document.querySelector(".formats button")`)
			gatewaytest.Eval[bool](tab, `document.querySelector(".formats button").click() ?? true`)
			tab.Await(`document.querySelector(".formats details")`)
			gatewaytest.Eval[bool](tab, `[...document.querySelectorAll(".formats details")].forEach(d => { d.open = true; }) ?? true`)
			whole(t, tab)
			text = strings.Join(strings.Fields(text+" "+tab.Text()), " ")
			for _, want := range lang.want {
				if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("the page does not say %q:\n%s", want, text)
				}
			}
			tab.Shot("formats-" + lang.ward.Lang)
		})
	}
}

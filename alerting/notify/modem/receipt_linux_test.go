package modem

import (
	"slices"
	"strings"
	"testing"
)

// The network reports on parts, by a number of eight bits; people want to know of
// messages.
func TestReceipts(t *testing.T) {
	for _, text := range []bool{false, true} {
		r := newRig(t, func(_ *rig, c *Config) { c.Text = text })
		r.ready()
		long := callFor("n2", anna)
		long.Place = strings.Repeat("Żółw ", 30)
		full := r.Texts("gsm", true)
		r.notify(r.texts, callFor("n1", anna))
		r.notify(full, long)
		first, parts := 0, len(r.sim.Sent())-1
		if text {
			first, parts = 1, len(r.sim.Sent())-2 // "n1" has two parts there
		}
		if parts < 2 {
			t.Fatalf("%d parts", parts)
		}
		for i := range first + 1 {
			r.sim.ReportOf(i, 0x30) // it still tries
			r.sim.ReportOf(i, 0)
		}
		want := []Receipt{{"gsm", "a-1", "n1", true}}
		told := func() bool { return slices.Equal(r.receipts(), want) }
		r.eventually("it has arrived", told)
		for i := range parts {
			if !told() {
				t.Fatalf("of %d of %d parts it is said %+v", i, parts, r.receipts())
			}
			r.sim.ReportOf(first+1+i, 0)
		}
		want = append(want, Receipt{"gsm", "a-1", "n2", true})
		r.eventually("all parts have arrived", told)

		// One part that does not is enough; what comes after it says nothing new,
		// nor does a report of another's message.
		long.ID = "n3"
		n := len(r.sim.Sent())
		r.notify(full, long)
		r.sim.ReportOf(n, 0)
		r.sim.ReportOf(n+1, 0x46)
		want = append(want, Receipt{"gsm", "a-1", "n3", false})
		r.eventually("it will not arrive", told)
		r.sim.ReportOf(n+1, 0x46)
		r.sim.ReportOf(n, 0)
		r.eventually("reports are counted all the same", func() bool { return r.count(Failed) == 2 })
		if !told() {
			t.Errorf("told %+v", r.receipts())
		}

		// Sent again, it is the second sending that is reported on.
		r.sim.UnplugAt("AT+CMGS", false)
		if _, err := r.try(r.texts, callFor("n4", anna)); err == nil {
			t.Error("it is accepted by a modem that is gone")
		}
		r.down(NoModem)
		if err := r.sim.Replug(); err != nil {
			t.Fatal(err)
		}
		r.ready()
		n = len(r.sim.Sent())
		r.notify(r.texts, callFor("n4", anna))
		for i := range r.sim.Sent()[n:] {
			r.sim.ReportOf(n+i, 0)
		}
		want = append(want, Receipt{"gsm", "a-1", "n4", true})
		r.eventually("the second has arrived", told)
		r.stop()
	}
}

func TestSameEnd(t *testing.T) {
	for b, want := range map[string]bool{anna: true, "600100200": true, "48600100200": true, "": true, "+48600100201": false, "Orange": false} {
		if sameEnd(anna, b) != want {
			t.Errorf("%q: want %v", b, want)
		}
	}
}

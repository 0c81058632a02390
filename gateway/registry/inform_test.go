package registry

import (
	"reflect"
	"strings"
	"testing"

	"telecare/alerting"
)

// A carer is told over the channel that is written, or the first by which they
// are called; midnight is a time of day.
func TestInform(t *testing.T) {
	const pawel, hania = "born: 1947}", `address: "+48600200305"}]`
	d := changed(t, pawel, `born: 1947, inform: [{who: hania, of: [raised, closed], signs_of_life: "00:00", while_resting: daily}, {who: hania2, by: desk, of: [there]}]}`,
		hania, `address: "+48600200305"}]
    language: pl`,
		"\nrosters:\n", "  - {key: hania2, name: Hania L., role: carer, channels: [phones, {channel: desk, after: 1m}]}\n\nrosters:\n")
	roundTrip(t, d)
	s, err := d.site(1, d.byKey().ids)
	if err != nil {
		t.Fatal(err)
	}
	want := []alerting.Informed{
		{Resident: "feliks", To: "hania", Channel: "phones", Of: []alerting.News{alerting.NewsRaised, alerting.NewsClosed}, Signs: true, Resting: alerting.TellSigns},
		{Resident: "feliks", To: "hania2", Channel: "desk", Of: []alerting.News{alerting.NewsThere}},
	}
	if !reflect.DeepEqual(s.Plan.Informed, want) {
		t.Errorf("told are %+v", s.Plan.Informed)
	}
	if err := s.Plan.Check(); err != nil {
		t.Error(err)
	}
	err = d.Fits("", []Channel{{Name: "phones", Rings: true}, {Name: "desk"}})
	if err == nil || strings.Count(err.Error(), "only rings") != 1 || !strings.Contains(err.Error(), `"phones"`) {
		t.Errorf("a channel that rings: %v", err)
	}
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

// newsPhone is a channel that can fail for news alone.
type newsPhone struct {
	phone
	mu    sync.Mutex
	fails error
	hangs bool
	tried int
}

func (p *newsPhone) Notify(ctx context.Context, c alerting.Call) (bool, error) {
	p.mu.Lock()
	fails, hangs := p.fails, p.hangs
	if c.News != nil {
		p.tried++
	}
	p.mu.Unlock()
	switch {
	case c.News != nil && hangs:
		<-ctx.Done()
		return true, ctx.Err()
	case c.News != nil && fails != nil:
		return true, fails
	}
	return p.phone.Notify(ctx, c)
}

func (p *newsPhone) set(hangs bool, err error) (tried int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs, p.fails = hangs, err
	return p.tried
}

// texts are the messages to somebody, in words.
func (p *newsPhone) texts(to alerting.Person) []string {
	p.phone.mu.Lock()
	defer p.phone.mu.Unlock()
	var out []string
	for _, c := range p.calls {
		if c.To == to {
			out = append(out, words.Call(c).Line)
		}
	}
	return out
}

// forget makes room for another day's.
func (p *newsPhone) forget() { p.phone.mu.Lock(); defer p.phone.mu.Unlock(); p.calls = nil }

// cared is a night in which Anna stays in room 3, with sensors, and her daughter
// Ewa is told of her.
func cared(t *testing.T) (*night, *newsPhone) {
	n := watched(t)
	n.site.Plan.Watches = nil
	n.site.Plan.Devices["d-1"] = alerting.Device{Place: "p-7", Resident: "r-anna"}
	n.site.Plan.Stays = []alerting.Stay{{Resident: "r-anna", Place: "p-3"}}
	n.site.Names = map[alerting.ResidentID]string{"r-anna": "Anna Nowak"}
	n.site.Plan.People["ewa"] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "sms"}}}
	n.site.Plan.Informed = []alerting.Informed{{Resident: "r-anna", To: "ewa", Channel: "sms", Of: alerting.AlarmNews(), Signs: true, SignsAt: 9 * 60}}
	return n, &newsPhone{}
}

func (n *night) startCared(sms Notifier) {
	n.t.Helper()
	g := New(Options{
		Site: n.site, Journal: n.disk, History: n.disk, Lives: n.lives,
		Notifiers: map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre, "sms": sms},
		Says:      map[alerting.ChannelID]alerting.Says{"sms": alerting.SaysName}, Link: func(alerting.Alarm, alerting.Person) string { return "https://care.example/a/x" },
		Publishers: []Publisher{n.board}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler),
	})
	n.startWith(g)
}

func (n *night) act(in alerting.Input) {
	n.t.Helper()
	if err := n.g.Act(context.Background(), in); err != nil {
		n.t.Error(err)
	}
	synctest.Wait()
}

func TestCarerIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, sms := cared(t)
		n.startCared(sms)
		n.presses("pendant 7")
		id := n.board.open()[0].ID
		n.act(alerting.Take{Alarm: id, By: "marta"})
		time.Sleep(4 * time.Minute)
		n.act(alerting.Arrive{Alarm: id, By: "marta"})
		n.stop()
		n.startCared(sms)
		time.Sleep(6 * time.Minute)
		n.act(alerting.Close{Alarm: id, By: "marta", Outcome: alerting.Hurt})
		want := []string{
			"For information: Help wanted, Anna Nowak, Room 3, 00:00. Help is being called.",
			"Somebody is there: Help wanted, Anna Nowak, Room 3, 00:04.",
			"Over: Help wanted, Anna Nowak, Room 3, 00:10. Hurt: doctor called.",
		}
		if got := sms.texts("ewa"); !slices.Equal(got, want) {
			t.Errorf("Ewa is told\n%q", got)
		}
		sms.phone.mu.Lock()
		for _, c := range sms.calls {
			if c.Link != "" || c.Step != 0 || c.Repeat {
				t.Errorf("a message to who is told looks like a call: %+v", c)
			}
		}
		sms.phone.mu.Unlock()
		n.expect("calls", n.marta.rang(), "[call panic Room 3 to marta]")
		n.stop()
	})
}

// TestKin: what Ewa can look up is what she is told: the signs of life of her
// mother, and what was sent to her.
func TestKin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, sms := cared(t)
		n.startCared(sms)
		if s := n.g.Signs("r-anna"); !s.Known || s.Shared || !s.Last.IsZero() || s.Sensors == 0 || s.Alarm {
			t.Errorf("before anything is known of her: %+v", s)
		}
		n.presses("pendant 7")
		pressed := time.Now()
		if s := n.g.Signs("r-anna"); !s.Known || s.By != alerting.SawPress || pressed.Sub(s.Last) > time.Second || !s.Alarm {
			t.Errorf("after she has pressed: %+v", s)
		}
		alarms, signs := n.g.Told("ewa")
		if len(alarms) != 1 || len(alarms[0].Informed) != 1 || alarms[0].Informed[0].State != alerting.Delivered || len(signs) != 1 || signs[0].Last != nil {
			t.Errorf("Ewa was sent %+v %+v", alarms, signs)
		}
		if alarms, signs := n.g.Told("marta"); len(alarms) != 1 || len(signs) != 0 {
			t.Errorf("Marta was sent %+v %+v", alarms, signs)
		}
		time.Sleep(10 * time.Hour) // past her hour
		if _, signs := n.g.Told("ewa"); len(signs) != 1 || signs[0].Last == nil || signs[0].Last.State != alerting.Delivered {
			t.Errorf("at nine she was sent %+v", signs)
		}
		n.stop()
	})
}

// TestNewsHoldsUpNoCall: Ewa is told over a channel that hangs for that, and then
// called over the same one: the call is not a moment later. What is told is tried
// until it gets through, or is old.
func TestNewsHoldsUpNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, sms := cared(t)
		ward := n.site.Plan.Policies["ward"]
		ward.Steps = append(slices.Clone(ward.Steps[:1]), alerting.PolicyStep{Call: []alerting.Target{{Person: "ewa"}}, Wait: time.Minute})
		n.site.Plan.Policies["ward"] = ward
		n.site.Plan.Informed[0].Signs = false
		sms.set(true, nil)
		n.startCared(sms)
		n.presses("pendant 7")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := sms.texts("ewa"); len(got) != 1 || got[0] != "ALARM: Help wanted, Anna Nowak, Room 3" {
			t.Errorf("after half a minute Ewa has %q", got)
		}
		sms.set(false, errors.New("no"))
		time.Sleep(3 * time.Hour)
		n.expect("the channel is broken", n.board.fault("channel_down sms"), true)
		sms.set(false, nil)
		time.Sleep(11 * time.Second)
		if got := sms.texts("ewa"); !slices.Contains(got, "For information: Help wanted, Anna Nowak, Room 3, 00:00. Help is being called.") {
			t.Errorf("after an outage Ewa has %q", got[len(got)-1])
		}
		n.presses("pendant 7") // in the open alarm
		n.act(alerting.Close{Alarm: n.board.open()[0].ID, By: "marta", Outcome: alerting.Helped})

		sms.set(false, errors.New("no"))
		time.Sleep(time.Minute)
		n.presses("pendant 7")
		n.act(alerting.Take{Alarm: n.board.open()[0].ID, By: "marta"})
		time.Sleep(alerting.InformFor + time.Minute)
		before := sms.set(false, errors.New("no"))
		time.Sleep(10 * time.Minute)
		n.expect("tries of what is old", sms.set(false, nil), before)
		n.stop()
	})
}

// TestSignsOfTheMorning: what is known at the time, over a restart too. Each
// minute has a daughter of its own.
func TestSignsOfTheMorning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, sms := cared(t)
		n.lives = &memory{}
		for address, d := range n.site.Devices {
			if d.ID != "d-1" {
				d.Window = 15 * time.Minute
				n.site.Devices[address] = d
			}
		}
		n.site.Plan.Informed = nil
		for _, at := range []int{1, 10, 20, 35, 40, 50, 60} {
			who := alerting.Person(fmt.Sprintf("ewa-%d", at))
			n.site.Plan.People[who] = n.site.Plan.People["ewa"]
			n.site.Plan.Informed = append(n.site.Plan.Informed, alerting.Informed{Resident: "r-anna", To: who, Channel: "sms", Signs: true, SignsAt: at})
		}
		midnight := time.Now()
		n.startCared(sms)
		told := func(what string, minute int, want string) {
			t.Helper()
			time.Sleep(time.Until(midnight.Add(time.Duration(minute)*time.Minute + time.Second)))
			synctest.Wait()
			n.expect(what, sms.texts(alerting.Person(fmt.Sprintf("ewa-%d", minute%(24*60)))), []string{"Anna Nowak, Room 3, " + want})
		}
		all := func() {
			for _, d := range []string{"motion", "door", "bed"} {
				n.says(d, reads(devices.Temperature, 20))
			}
		}
		told("nothing was heard", 1, "00:01. Nothing is known: no sensor has been heard yet.")
		all()
		n.says("motion", devices.Frame{Retained: true, Message: reads(devices.Occupancy, 1).Message}) // kept, by a broker
		n.says("motion", reads(devices.Occupancy, 0))
		n.says("door", reads(devices.Contact, 1))
		n.says("door", reads(devices.Contact, 1)) // as every so often
		told("they are heard and saw nobody", 10, "00:10. No sign of life so far.")
		n.says("motion", reads(devices.Occupancy, 1))
		time.Sleep(2 * time.Minute)
		n.says("door", reads(devices.Contact, 0))
		n.stop()
		n.startCared(sms)
		all()
		n.says("door", reads(devices.Contact, 0))
		told("a door", 20, "00:20. Last sign of life 00:12 (door). All as usual.")
		n.says("motion", reads(devices.Occupancy, 0))
		told("some are silent", 35, "00:35. Last sign of life 00:12 (door). 2 of 3 sensors not heard.")
		n.presses("pendant 7")
		all()
		told("an alarm", 40, "00:40. An alarm is open. Last sign of life 00:35 (button).")
		n.act(alerting.Close{Alarm: n.board.open()[0].ID, By: "marta", Outcome: alerting.Helped})
		n.says("bed", reads(devices.Occupancy, 1))
		n.act(alerting.Away{Resident: "r-anna", Until: time.Now().Add(time.Hour), By: "marta"})
		told("away", 50, "00:50. Said to be away. Last sign of life 00:40 (bed).")
		time.Sleep(time.Until(midnight.Add(24*time.Hour - time.Minute)))
		sms.forget()
		told("nothing is heard any more", 24*60+1, "00:01. Nothing is known: no sensor is heard since 1 January 00:40.")
		all()
		sms.forget()
		told("no sign today", 24*60+10, "00:10. No sign of life today so far. The last: 1 January 00:40 (bed).")
		n.stop()
	})
}

// TestWhatACarerMayKnow: of a double room their own person alone, and no more
// than the channel is trusted with.
func TestWhatACarerMayKnow(t *testing.T) {
	site := Site{
		Places: map[alerting.PlaceID]string{"p-7": "Room 7"}, Lang: "pl",
		Names: map[alerting.ResidentID]string{"r-1": "Anna Nowak", "r-2": "Jan Nowak"},
	}
	e := alerting.Inform{ID: "a.raised-ewa", To: "ewa", Channel: "sms", News: alerting.NewsRaised, Of: []alerting.ResidentID{"r-1"}, Shared: true}
	a := alerting.Alarm{Kind: devices.Panic, Place: "p-7", Residents: []alerting.ResidentID{"r-1", "r-2"}}
	for says, want := range map[alerting.Says]string{
		alerting.SaysName:      "Do wiadomości: Wezwanie pomocy, Anna Nowak, Room 7, 00:00. Wzywamy pomoc. Może to być inna osoba z pokoju.",
		alerting.SaysPlace:     "Do wiadomości: Wezwanie pomocy, Room 7, 00:00. Wzywamy pomoc. Może to być inna osoba z pokoju.",
		alerting.SaysPseudonym: "Do wiadomości: Wezwanie pomocy, r-1, 00:00. Wzywamy pomoc. Może to być inna osoba z pokoju.",
	} {
		if got := words.Call(site.news(e, a, says)).Line; got != want {
			t.Errorf("%s: %s", says, got)
		}
	}
	if len(a.Residents) != 2 {
		t.Error("the alarm was changed")
	}
}

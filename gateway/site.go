package gateway

import (
	"cmp"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Site is what the shell must know beside the plan: which wire address is
// which device, and the words and addresses that messages carry.
type Site struct {
	Plan    alerting.Plan
	Devices map[devices.Address]Device
	// Places are as people call them.
	Places map[alerting.PlaceID]string
	// Addresses are people's own addresses on channels that serve many.
	Addresses map[alerting.Person]map[alerting.ChannelID]string
	// Langs are what people read ("pl"); Lang is for those it does not name.
	Langs map[alerting.Person]string
	// Names are the residents'.
	Names map[alerting.ResidentID]string
	Lang  string
}

// Device is a registered device.
type Device struct {
	ID devices.ID
	// Role is what a press of it means; "" when it has no button.
	Role devices.Kind
	// Window is how long it may be silent; 0 when it is unsupervised.
	Window time.Duration
	// TestEvery is how long ago the last press of an unsupervised button may be;
	// 0 when nobody minds.
	TestEvery time.Duration
}

// kind names the device's role for the reading store.
func (d Device) kind() string {
	if d.Role == "" {
		return "sensor"
	}
	return string(d.Role)
}

// call makes the message for one notification, on a channel that is trusted
// with so much.
func (s Site) call(n alerting.Notify, a alerting.Alarm, says alerting.Says, link string) alerting.Call {
	place, who := s.named(a, says)
	faults := a.Faults.ForCall(func(p alerting.PlaceID) string {
		if says == alerting.SaysPseudonym {
			return string(p)
		}
		return s.Places[p]
	})
	if faults != nil {
		place = faults.Root
	}
	return alerting.Call{
		ID: n.ID, Alarm: a.ID, Number: a.Number, Site: s.Plan.Site, Kind: string(a.Kind), Priority: a.Priority,
		Reason: n.Reason, State: a.State, Step: n.Step, Presses: a.Presses, Late: a.Late, Drill: a.Drill, Away: a.Away, RaisedAt: a.RaisedAt,
		Faults: faults, Place: place, Who: who, Link: link, To: n.To, Address: s.Addresses[n.To][n.Channel],
		Lang: cmp.Or(s.Langs[n.To], s.Lang), Zone: s.Plan.Zone, Repeat: repeated(n, a),
	}
}

// named says where an alarm is and whose it is, as far as a channel is trusted
// with it.
func (s Site) named(a alerting.Alarm, says alerting.Says) (place, who string) {
	if says == alerting.SaysPseudonym {
		var ids []string
		for _, r := range a.Residents {
			ids = append(ids, string(r))
		}
		return cmp.Or(strings.Join(ids, ", "), string(a.Place)), ""
	}
	var names []string
	for _, r := range a.Residents {
		if name := s.Names[r]; name != "" && says == alerting.SaysName {
			names = append(names, name)
		}
	}
	return s.Places[a.Place], strings.Join(names, ", ")
}

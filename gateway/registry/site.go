package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Prefixes of the opaque ids, by what they name.
const (
	kindDevice    = "device"
	kindPlace     = "place"
	kindResident  = "resident"
	kindResponder = "responder"
	kindRoster    = "roster"
	kindPolicy    = "policy"
)

var prefixes = map[string]string{
	kindDevice:    "d-",
	kindPlace:     "p-",
	kindResident:  "r-",
	kindResponder: "s-",
	kindRoster:    "o-",
	kindPolicy:    "y-",
	kindWatch:     "w-",
}

// idOf gives the opaque id of every record, by kind and key.
type idOf map[string]map[string]string

// builder turns keys into ids. A key without an id is a broken store; the first
// one is remembered.
type builder struct {
	ids idOf
	err error
}

func (b *builder) id(kind, key string) string {
	id := b.ids[kind][key]
	if id == "" && b.err == nil {
		b.err = fmt.Errorf("no %s %q in the registry; apply the document again", kind, key)
	}
	return id
}

// site builds what is in force from what is written.
func (d *data) site(revision int64, ids idOf) (*Site, error) {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q of site %q: %w", d.Zone, d.Site, err)
	}
	b := &builder{ids: ids}
	s := &Site{
		Revision:    revision,
		Key:         alerting.SiteID(d.Site),
		Name:        cmp.Or(d.Name, d.Site),
		Zone:        alerting.Zone{Location: zone},
		Lang:        d.Language,
		CentrePhone: d.CentrePhone,
		TestEvery:   d.testEvery(),
		Plan:        d.plan(b, zone),
	}
	for _, p := range d.Places {
		s.Places = append(s.Places, Place{alerting.PlaceID(b.id(kindPlace, p.Key)), p.Key, p.Name, p.WayIn, p.Phone, answers(p.Answer), p.Plan.plan()})
	}
	for _, r := range d.Residents {
		resident := Resident{ID: alerting.ResidentID(b.id(kindResident, r.Key)), Key: r.Key, Name: r.Name, Born: r.Born, Notes: r.Notes, KeySafe: r.KeySafe}
		for _, f := range r.Family {
			resident.Family = append(resident.Family, Family(f))
		}
		s.Residents = append(s.Residents, resident)
	}
	for i, stay := range s.Plan.Stays {
		s.Stays = append(s.Stays, Stay{stayID(stay), d.Stays[i].Kind, stay})
	}
	for _, r := range d.Responders {
		responder := Responder{ID: alerting.Person(b.id(kindResponder, r.Key)), Key: r.Key, Name: r.Name, Role: r.Role, Lang: r.Language}
		for _, c := range r.Channels {
			responder.Contacts = append(responder.Contacts, Contact{alerting.ChannelID(c.Channel), c.Address})
		}
		s.Responders = append(s.Responders, responder)
	}
	for _, r := range d.Rosters {
		s.Rosters = append(s.Rosters, Roster{alerting.RosterID(b.id(kindRoster, r.Key)), r.Key, cmp.Or(r.Name, r.Key)})
	}
	for _, p := range d.Policies {
		s.Policies = append(s.Policies, Policy{alerting.PolicyID(b.id(kindPolicy, p.Key)), p.Key, cmp.Or(p.Name, p.Key)})
	}
	for _, w := range d.Watches {
		s.Watches = append(s.Watches, Watch{alerting.WatchID(b.id(kindWatch, w.Key)), w.Key})
	}
	for _, v := range d.Devices {
		s.Devices = append(s.Devices, v.device(b))
	}
	return s, b.err
}

func (v docDevice) device(b *builder) Device {
	out := Device{
		ID:      devices.ID(b.id(kindDevice, v.Key)),
		Key:     v.Key,
		Name:    v.Name,
		Address: devices.Address(v.Address),
		Answers: answers(v.Answer),
	}
	out.Place, out.Resident = v.where(b)
	if v.Role != roleNone {
		out.Role = devices.Kind(v.Role)
	}
	switch format, name, _ := strings.Cut(v.Address, "/"); {
	case v.unsupervised():
		out.Unsupervised = true
	case !v.HeardEvery.IsZero():
		out.HeardEvery = time.Duration(v.HeardEvery.Every)
	case format == jablotron:
		// The detectors send a beacon every 9 minutes; three may be lost.
		out.HeardEvery = 30 * time.Minute
	case format == r60, format == tinyframe:
		// A quiet radar is asked each minute.
		out.HeardEvery = 10 * time.Minute
	case (format == chirpstack || format == ttn) && v.Role == string(devices.Panic):
		// The WS101 reports its battery every 18 h (1080 min); one may be lost.
		out.HeardEvery = 45 * time.Hour
	case format == "rtl_433" && hourly(name):
		out.HeardEvery = 4 * time.Hour
	default:
		// Zigbee2MQTT waits as long before it calls a battery device offline
		// (availability, passive timeout 1500 min).
		out.HeardEvery = 25 * time.Hour
	}
	return out
}

// where is where a device is and who wears it, of which one may be missing.
func (v docDevice) where(b *builder) (place alerting.PlaceID, resident alerting.ResidentID) {
	if v.Place != "" {
		place = alerting.PlaceID(b.id(kindPlace, v.Place))
	}
	if v.Resident != "" {
		resident = alerting.ResidentID(b.id(kindResident, v.Resident))
	}
	return place, resident
}

// hourly reports whether rtl_433 hears about hourly from devices of a model;
// what is on the air at 433 MHz does not always arrive.
func hourly(name string) bool {
	model, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"Interlogix-Security", "DSC-Security", "Honeywell-Security"}, model)
}

// unsupervised reports whether silence says nothing about a device.
func (v docDevice) unsupervised() bool {
	if v.HeardEvery.Never || !v.HeardEvery.IsZero() {
		return v.HeardEvery.Never
	}
	format, name, _ := strings.Cut(v.Address, "/")
	switch format {
	case jablotron: // the RC-86K pendant sends no beacon
		return v.Role == string(devices.Panic)
	case esp3: // nor do rockers and pull cords, which have no battery
		return v.Role == string(devices.Panic)
	case "surgard", "ademco685": // a panel's zones report what happens, and only the panel tests itself
		return true
	case "easywave": // no transmitter has a heartbeat
		return true
	case "milesight": // by itself it reports triggers alone
		return true
	case "rflink": // 433 MHz codes; sensors report what they measure
		return v.Role == string(devices.Panic)
	case "alarmdecoder": // a transmitter reports hourly, a panel's zones do not
		return strings.HasPrefix(name, "lrr/") || strings.HasPrefix(name, "zone/")
	case "shelly": // it sleeps, and wakes for a press alone
		return strings.HasPrefix(name, "shellybutton1-")
	case "tasmota", "theengs": // 433 MHz codes; of Bluetooth buttons a beacon is an option
		return strings.Contains("/"+name, "/rf/") || format == "theengs" && v.Role == string(devices.Panic)
	case "rtl_433": // most pendants; these four report about hourly
		model, _, _ := strings.Cut(name, "/")
		supervised := []string{"Interlogix-Security", "DSC-Security", "Honeywell-Security", "Visonic-Powercode"}
		return v.Role == string(devices.Panic) && !slices.Contains(supervised, model)
	}
	return false
}

// plan is who is called, when, in opaque ids.
func (d *data) plan(b *builder, zone *time.Location) alerting.Plan {
	p := alerting.Plan{
		Site:       alerting.SiteID(d.Site),
		Zone:       alerting.Zone{Location: zone},
		Devices:    map[devices.ID]alerting.Device{},
		People:     map[alerting.Person]alerting.Responder{},
		Rosters:    map[alerting.RosterID]alerting.Roster{},
		Policies:   map[alerting.PolicyID]alerting.Policy{},
		Default:    alerting.PolicyID(b.id(kindPolicy, d.DefaultPolicy)),
		LastResort: alerting.Person(b.id(kindResponder, d.LastResort)),
		Stays:      d.stays(b, zone),
		StandIns:   d.standIns(b, d.StandIns),
		Watches:    d.watches(b),
	}
	for _, v := range d.Devices {
		var device alerting.Device
		device.Place, device.Resident = v.where(b)
		if v.Policy != "" {
			device.Policy = alerting.PolicyID(b.id(kindPolicy, v.Policy))
		}
		device.Sensor, device.Button = v.sensor(), v.button()
		device.PreAlarm = time.Duration(v.PreAlarm)
		p.Devices[devices.ID(b.id(kindDevice, v.Key))] = device
	}
	for _, r := range d.Responders {
		responder := alerting.Responder{Rests: rests(r.Rests, zone)}
		for _, c := range r.Channels {
			responder.Contacts = append(responder.Contacts, alerting.Contact{Channel: alerting.ChannelID(c.Channel), After: time.Duration(c.After)})
		}
		p.People[alerting.Person(b.id(kindResponder, r.Key))] = responder
	}
	for _, r := range d.Rosters {
		p.Rosters[alerting.RosterID(b.id(kindRoster, r.Key))] = r.plan(b, p.Zone)
	}
	for _, y := range d.Policies {
		policy := alerting.Policy{
			Arrive: cmp.Or(time.Duration(y.Arrive), defaultArrive),
			Finish: cmp.Or(time.Duration(y.Finish), defaultFinish),
			Takers: y.Takers,

			StandIns: d.standIns(b, y.StandIns),
		}
		for _, s := range y.Steps {
			step := alerting.PolicyStep{Wait: time.Duration(s.Wait), OneByOne: s.OneByOne}
			for _, target := range s.Call {
				if key, ok := strings.CutPrefix(target, rosterPrefix); ok {
					step.Call = append(step.Call, alerting.Target{Roster: alerting.RosterID(b.id(kindRoster, key))})
				} else {
					step.Call = append(step.Call, alerting.Target{Person: alerting.Person(b.id(kindResponder, target))})
				}
			}
			policy.Steps = append(policy.Steps, step)
		}
		p.Policies[alerting.PolicyID(b.id(kindPolicy, y.Key))] = policy
	}
	p.Rules, p.Faults, p.Informed = d.rules(b), d.faults(b), d.informed(b)
	return p
}

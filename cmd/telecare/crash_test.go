package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const phoneSecret = "between gateway and phones"

// TestKilledAtRandom kills the gateway with SIGKILL six times, fifty for an
// acceptance, in the middle of bursts of presses and readings, on the embedded
// broker and behind mosquitto. Whatever was answered must be exactly one alarm with one press:
// not none, not two, and no redelivery may count as a second press.
func TestKilledAtRandom(t *testing.T) {
	beside(t)
	const burst, house = 150, 30
	// Of six kills one in the middle is sure; of fifty many are, with most of a
	// burst in flight.
	kills, middle, build := 6, 10, binary
	if accepting() {
		kills, middle, build = 50, 100, shipped
	}
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	random := seeded(t)
	broker := gatewaytest.Mosquitto(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
`, broker.URL, own, phone.URL), manyDevices(kills*burst, kills*house))

	// Devices behind mosquitto: answered by it, delivered to the gateway when
	// it is there. They have no delivery identity of their own.
	behind := newPresser(t, broker.URL)
	defer behind.close()
	answered := map[string]bool{}
	full := 0
	for k := range kills {
		h.startAs(program)
		h.eventually("mosquitto", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })
		direct := newPresser(t, "tcp://"+own)
		for i := range burst {
			name := fmt.Sprintf("own%d", k*burst+i)
			direct.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button","ref":"`+name+`"}]}`)
			if i%5 == 0 {
				direct.publish("", "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
				name = fmt.Sprintf("house%d", k*house+i/5)
				behind.publish(name, "zigbee2mqtt/"+name, `{"action":"single","battery":70,"linkquality":100}`)
			}
		}
		// After so many answers, so that a slow machine is killed in the middle, too.
		left, stop := direct.unanswered(), time.Now().Add(10*time.Second)
		for left -= random.IntN(120); direct.unanswered() > left && time.Now().Before(stop); {
			runtime.Gosched()
		}
		h.kill()
		done, unanswered := direct.close()
		for _, name := range done {
			answered[name] = true
		}
		if unanswered >= middle {
			full++
		}
		t.Logf("kill %d: %d presses answered, %d in flight", k+1, len(done), unanswered)
	}
	if full < max(1, kills/10) {
		t.Errorf("only %d of %d kills had %d or more presses unanswered in flight", full, kills, middle)
	}

	h.startAs(program)
	began := time.Now()
	var alarms map[string][]shownAlarm
	h.eventually("mosquitto has delivered everything", 60*time.Second, func() bool {
		alarms = h.alarms()
		n := 0
		for name := range alarms {
			if strings.HasPrefix(name, "house") {
				n++
			}
		}
		return n == kills*house
	})
	t.Logf("everything there %s after the last start: %d alarms, %d presses answered on the embedded broker", time.Since(began), len(alarms), len(answered))
	for i := range kills * house {
		answered[fmt.Sprintf("house%d", i)] = true
	}
	for name := range answered {
		switch a := alarms[name]; {
		case len(a) == 0:
			t.Errorf("%s was answered and has no alarm", name)
		case len(a) > 1:
			t.Errorf("%s pressed once and has %d alarms", name, len(a))
		case a[0].Presses != 1:
			t.Errorf("%s pressed once and counts %d presses", name, a[0].Presses)
		}
	}
	for name, a := range alarms {
		if len(a) > 1 || a[0].Presses != 1 {
			t.Errorf("%s pressed once and has %d alarms, %d presses", name, len(a), a[0].Presses)
		}
	}
	h.stop()
	if out := h.command("journal", "verify"); !strings.Contains(out, "sound, head") {
		t.Errorf("journal verify says:\n%s", out)
	}
	if _, _, ok := strings.Cut(h.command("replay"), "all decided as they were"); !ok {
		t.Error("the replay decides otherwise")
	}
}

// TestEscalationGoesOnWhereItStood kills the gateway between two steps: the
// next step comes when it would have come, not a whole wait after the start.
func TestEscalationGoesOnWhereItStood(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
`, own, phone.URL), manyDevices(1, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	first := phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Step == 1 })
	h.eventually("the press is answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
	p.close()
	<-time.After(2 * time.Second)
	h.kill()
	<-time.After(time.Second)
	h.start()
	ready := time.Now()
	second := phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Step == 2 })
	onTime(t, first.At, second.At, ready)
	n := 0
	for _, r := range phone.Rang() {
		if r.Step == 1 {
			n++
		}
	}
	if n != 1 {
		t.Errorf("step 1 rang %d times in effect, want once", n)
	}
	h.stop()
}

// onTime holds step 2 to the eight seconds after step 1 that manyDevices gives,
// or to the start where that came later: not a whole wait after the start.
func onTime(t *testing.T, first, second, ready time.Time) {
	t.Helper()
	due := first.Add(8 * time.Second)
	if ready.After(due) {
		due = ready
	}
	if early, late := due.Add(-500*time.Millisecond), due.Add(3*time.Second); second.Before(early) && ready.Before(due) || second.After(late) {
		t.Errorf("step 2 came %s after step 1 and %s after the start, want 8 s after step 1, or at the start", second.Sub(first), second.Sub(ready))
	}
}

// manyDevices is a registry with pendants of our own format and Zigbee buttons.
func manyDevices(own, house int) string {
	var b strings.Builder
	b.WriteString(`site: lipowa
zone: Europe/Warsaw
last_resort: centre
default_policy: ward
places: [{key: room, name: A room}]
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [phone]}
  - {key: centre, name: Centre, role: centre, channels: [phone]}
policies:
  - key: ward
    steps: [{call: [marta], wait: 8s}, {call: [marta], wait: 1h}]
devices:
`)
	for i := range own {
		fmt.Fprintf(&b, "  - {key: own%d, name: own%d, address: telecare/own%d, role: panic, place: room}\n", i, i, i)
	}
	for i := range house {
		fmt.Fprintf(&b, "  - {key: house%d, name: house%d, address: zigbee2mqtt/house%d, role: panic, place: room}\n", i, i, i)
	}
	return b.String()
}

// presser is a device's connection: it knows what was answered.
type presser struct {
	t      *testing.T
	client paho.Client
	mu     sync.Mutex
	sent   []press
}

type press struct {
	name  string // "" for a reading
	token paho.Token
}

// newPresser connects without the library's own reconnection: with it tokens
// complete before any answer.
func newPresser(t *testing.T, url string) *presser {
	t.Helper()
	o := paho.NewClientOptions().AddBroker(url).SetClientID(fmt.Sprintf("presser%d", rand.Uint64())).
		SetProtocolVersion(4).SetAutoReconnect(false).SetConnectTimeout(5 * time.Second)
	p := &presser{t: t, client: paho.NewClient(o)}
	if tok := p.client.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatalf("connect to %s: %v", url, tok.Error())
	}
	return p
}

func (p *presser) publish(name, topic, payload string) {
	tok := p.client.Publish(topic, 1, false, payload)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, press{name, tok})
}

func (p *presser) unanswered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, s := range p.sent {
		select {
		case <-s.token.Done():
		default:
			n++
		}
	}
	return n
}

// close counts which presses were answered and how many were not.
func (p *presser) close() (answered []string, unanswered int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sent {
		if s.name == "" {
			continue
		}
		// A token that has failed, or never completes, was not answered.
		if s.token.WaitTimeout(time.Millisecond) && s.token.Error() == nil {
			answered = append(answered, s.name)
		} else {
			unanswered++
		}
	}
	p.client.Disconnect(0)
	return answered, unanswered
}

package mqtt

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"telecare/devices"
)

// An Uplink is one LoRaWAN frame: what its maker's codec needs, and what tells
// which codec that is.
type Uplink struct {
	Device  string // the DevEUI, 16 hex digits in lower case; or the network's own name
	Profile string // ChirpStack's device profile; brand/model of The Things Stack
	Port    int
	Bytes   []byte
	At      time.Time
}

// A Codec turns the bytes of an uplink into the maker's object, as JSON. It
// gives nil and no error when it has no codec for the device.
type Codec func(Uplink) (object []byte, err error)

// errNoObject is said rather than silence: a pendant whose presses nobody can
// read must not look fine.
var errNoObject = errors.New("the network sent bytes without a decoded object, and no codec is given for this device: see codecs in telecare.yaml")

var errMalformed = errors.New("the decoded object is malformed JSON")

// DecodeLoRaWAN says what one line {"device","fPort","hex"} means; a line of
// hex alone will do, too. Port is what holds where the line has none.
func DecodeLoRaWAN(codec Codec, line []byte, port int) (devices.Message, error) {
	u := Uplink{Port: port}
	text := strings.TrimSpace(string(line))
	if strings.HasPrefix(text, "{") {
		if err := checkObject([]byte(text)); err != nil {
			return devices.Message{}, err
		}
		text = ""
		for key, v := range members([]byte(strings.TrimSpace(string(line)))) {
			switch string(key) {
			case "device":
				u.Device, _ = v.text()
			case "profile":
				u.Profile, _ = v.text()
			case "fPort":
				if f, ok := v.number(); ok {
					u.Port = int(f)
				}
			case "hex":
				text, _ = v.text()
			case "time", "at":
				u.At = v.moment()
			}
		}
	}
	d := collector{m: devices.Message{Device: u.Device, At: u.At}}
	if !utf8.ValidString(u.Device) || len(u.Device) > maxName {
		return devices.Message{}, errors.New("the line's device cannot be a name")
	}
	b, err := hex.DecodeString(strings.Map(func(r rune) rune {
		if r == ' ' || r == ':' || r == '-' {
			return -1
		}
		return r
	}, text))
	if err != nil {
		return d.m, fmt.Errorf("hex cannot be read: %w", err)
	}
	u.Bytes = b
	d.uplink(codec, u, nil, "")
	return d.done()
}

// uplink adds what an uplink means, of which the object is valid JSON: by the codec given for its device, else by
// the object that the network decoded. Ref tells this uplink from all others.
func (d *collector) uplink(codec Codec, u Uplink, object value, ref string) {
	var failed error
	if codec != nil && len(u.Bytes) > 0 {
		own, err := codec(u)
		if failed = err; own != nil && valid(own) && utf8.Valid(own) {
			object = own
		} else if own != nil {
			failed = errMalformed
		}
	}
	switch {
	case object.present():
		w := walk{d: d, port: u.Port}
		w.value(object, spot{})
		d.clear(devices.Fault) // it came, and could be read
		d.refer(ref)
	case failed != nil:
		d.bad = failed
	case len(u.Bytes) > 0:
		d.bad = errNoObject
	}
}

// refer gives the events their delivery identity. Two of a kind in one frame are
// two; but what happened and the state that it left are one.
func (d *collector) refer(ref string) {
	if ref == "" {
		return
	}
	for i := range d.m.Events {
		n := 1
		for _, before := range d.m.Events[:i] {
			if before.Kind == d.m.Events[i].Kind && before.Level == d.m.Events[i].Level {
				n++
			}
		}
		d.m.Events[i].Ref = ref
		if n > 1 {
			d.m.Events[i].Ref += "." + strconv.Itoa(n)
		}
	}
}

// reference tells an uplink from all others of its device: by its session, its
// counter and the minute. A network server drops what repeats a counter, unless
// it was told not to look; then a device which begins to count anew must not
// have its presses taken for old ones, and a confirmed uplink that is repeated
// within the minute is still one. "" when nothing tells the session.
func frameReference(session string, counter value, at time.Time) string {
	if session == "" && at.IsZero() {
		return ""
	}
	n, _ := counter.number() // zeros are left out
	ref := strconv.FormatFloat(n, 'f', -1, 64)
	if len(ref) > 20 {
		return ""
	}
	if session != "" {
		if len(session) > 64 {
			session = strings.ToValidUTF8(session[:64], "")
		}
		ref = session + "/" + ref
	}
	if !at.IsZero() {
		ref += "@" + at.UTC().Format("2006-01-02T15:04")
	}
	return ref
}

// radio adds how well the best gateway heard the device: the network sends one
// entry for each, in no order.
func (d *collector) radio(gateways value, snrName string) {
	best, noise, found := 0.0, value(nil), false
	for g := range elements(gateways) {
		if len(g) == 0 || g[0] != '{' {
			continue
		}
		rssi, snr := value(nil), value(nil)
		for key, v := range members(g) {
			switch string(key) {
			case "rssi":
				rssi = v
			case snrName:
				snr = v
			}
		}
		f, ok := rssi.number()
		if !ok || f >= 0 || f < -250 || found && f <= best {
			continue
		}
		best, noise, found = f, snr, true
	}
	if !found {
		return
	}
	d.add(devices.RSSI, best, "dBm")
	if len(noise) == 0 {
		d.add(devices.SNR, 0, "dB") // zeros are left out
		return
	}
	d.number(noise, devices.SNR, "dB", -100, 100)
}

// elements walks a JSON array as fields does an object.
func elements(array value) iter.Seq[value] {
	return func(yield func(value) bool) {
		if len(array) == 0 || array[0] != '[' {
			return
		}
		for i := skipBlanks(array, 1); i < len(array) && array[i] != ']'; {
			end := skipValue(array, i)
			if end == i || !yield(value(array[i:end:end])) {
				return
			}
			i = skipBlanks(array, end)
			if i >= len(array) || array[i] != ',' {
				return
			}
			i = skipBlanks(array, i+1)
		}
	}
}

// frameBytes reads the base64 of a payload, nil when there is none.
func frameBytes(v value) ([]byte, error) {
	s, ok := v.text()
	if !ok || s == "" {
		return nil, nil
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("data is no base64: %w", err)
	}
	return b, nil
}

// eui reads a DevEUI of 16 hex digits, or base64 as ChirpStack v3 writes it; ""
// when it is none.
func eui(s string) string {
	if len(s) == 16 {
		if _, err := hex.DecodeString(s); err == nil {
			return strings.ToLower(s)
		}
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil && len(b) == 8 {
		return hex.EncodeToString(b)
	}
	return ""
}

package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestPeersCodecs has what a network server passes on undecoded read by codecs
// that are installed as docs/formats-lorawan.md says, in a running gateway: a
// button and a radar of Milesight by ChirpStack, one of Netvox by The Things
// Stack, with frames of the makers' own documents. The makers' files are not
// ours to keep here: TELECARE_CODECS names a folder with ws101-decoder.js,
// vs373-decoder.js and r312a.js; those of testdata/codecs stand in for what is
// not there.
//
// One more codec hangs on some frames: that is a fault until it reads again.
func TestPeersCodecs(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	places, list := "places:\n", "devices:\n"
	for i, d := range []struct{ place, address, role string }{
		{"WS101", "chirpstack/24e124535b316056", "panic"},
		{"VS373", "chirpstack/24e124797e123456", "fall"},
		{"R312A", "ttn/00137a1000001234", "panic"},
		{"moody", "chirpstack/ffffffff00000001", "panic"},
	} {
		places += fmt.Sprintf("  - {key: p%d, name: %q}\n", i, d.place)
		list += fmt.Sprintf("  - {key: d%d, name: %q, address: %q, role: %s, place: p%d}\n", i, d.place, d.address, d.role, i)
	}
	registry, _, _ := strings.Cut(manyDevices(0, 0), "devices:")
	h := newHomeIn(t, codecFolder(t), fmt.Sprintf(`
sources:
  - name: lora
    type: mqtt
    url: %q
    codecs:
      - {profile: "WS101*", file: ws101.js}
      - {profile: "milesight vs373", file: vs373.js}
      - {profile: "netvox/r312a", file: r312a.js}
      - {device: "ffffffff*", file: moody.js}
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, broker.URL, phone.URL, phoneSecret), strings.Replace(registry, "places: [{key: room, name: A room}]\n", places, 1)+list)
	h.start()
	h.eventually("the broker is there", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="lora"}`] == 1 })
	p := newPresser(t, broker.URL)
	defer p.close()

	count := 0
	chirpstack := func(device, profile string, port int, frame string) {
		count++
		p.publish("", "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/"+device+"/event/up", fmt.Sprintf(
			`{"time":%q,"deviceInfo":{"deviceProfileName":%q,"devEui":%q},"devAddr":"0063dd23","fCnt":%d,"fPort":%d,"data":%q,"rxInfo":[{"gatewayId":"0016c001f153a14c","rssi":-48,"snr":9}]}`,
			time.Now().UTC().Format(time.RFC3339Nano), profile, device, count, port, inBase64(t, frame)))
	}
	ttn := func(device, id string, port int, frame string) {
		count++
		p.publish("", "v3/telecare@ttn/devices/"+id+"/up", fmt.Sprintf(
			`{"end_device_ids":{"device_id":%q,"dev_eui":%q},"received_at":%q,"uplink_message":{"session_key_id":"AZHQDenGwat+GpjajlWCCA==","f_port":%d,"f_cnt":%d,"frm_payload":%q,"rx_metadata":[{"rssi":-101,"snr":-3.2}],"version_ids":{"brand_id":"netvox","model_id":"r312a"}}}`,
			id, device, time.Now().UTC().Format(time.RFC3339Nano), port, count, inBase64(t, frame)))
	}
	calls := func(place, kind string) {
		t.Helper()
		phone.Expect(t, 30*time.Second, func(r gatewaytest.Ring) bool { return r.Place == place && r.Kind == kind && r.Reason == "call" })
	}
	open := func(code string, n float64) {
		t.Helper()
		h.eventually(fmt.Sprintf("%s: %v", code, n), 20*time.Second, func() bool { return h.metrics()[`telecare_faults_open{code="`+code+`"}`] == n })
	}

	chirpstack("24e124535b316056", "WS101 (EU868)", 85, "017510") // 16 %
	ttn("00137A1000001234", "hall", 6, "014D011E00000000000000")  // 3.0 V, at rest
	h.eventually("both are heard", 10*time.Second, func() bool { return h.metrics()[`telecare_frames_total{source="lora"}`] == 2 })
	chirpstack("24e124797e123456", "Milesight VS373", 85, "06FB0700000100") // alarm 7: a fall begins
	chirpstack("24e124535b316056", "WS101 (EU868)", 85, "017503FF2E03")     // 3 %
	ttn("00137A1000001234", "hall", 6, "014D019901000000000000")            // pressed at 2.5 V
	calls("WS101", "panic")
	calls("R312A", "panic")
	open("battery_low", 2)
	if percent, volts := h.reading("WS101", "battery"), h.reading("R312A", "voltage"); percent != 3 || volts != 2.5 {
		t.Errorf("the batteries have %v %% and %v V, want 3 and 2.5", percent, volts)
	}

	// It hangs, and nobody else waits for it for long.
	open("codec_down", 0)
	chirpstack("ffffffff00000001", "moody", 2, "01")
	chirpstack("24e124535b316056", "WS101 (EU868)", 85, "FF2E01")
	open("codec_down", 1)
	if f := h.faults(); !f["codec_down lora/moody.js"] || !f["battery_low R312A"] {
		t.Errorf("the technician is shown %v", f)
	}
	phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Place == "WS101" && r.Presses == 2 })
	if frames := h.metrics()[`telecare_frames_bad_total{source="lora"}`]; frames != 1 {
		t.Errorf("%v frames could not be read, want 1", frames)
	}
	// After a rest it is asked again; the first frame that it reads ends the fault.
	var pressed time.Time
	h.eventually("it reads again", 40*time.Second, func() bool {
		if time.Since(pressed) > 500*time.Millisecond { // as somebody does who is not heard
			pressed = time.Now()
			chirpstack("ffffffff00000001", "moody", 1, "01")
		}
		return slices.ContainsFunc(phone.Calls(), func(r gatewaytest.Ring) bool { return r.Place == "moody" && r.Kind == "panic" })
	})
	open("codec_down", 0)

	// A file that is no codec, and one that mends it.
	h.write("moody.js", "function (")
	if out, err := h.reload(); err != nil {
		t.Fatalf("reload: %v\n%s", err, out)
	}
	chirpstack("ffffffff00000001", "moody", 1, "01")
	open("codec_down", 1)
	h.write("moody.js", "function Decoder() { return {} }")
	if out, err := h.reload(); err != nil {
		t.Fatalf("reload: %v\n%s", err, out)
	}
	open("codec_down", 0)
	calls("VS373", "fall") // after the time in which the person can take it back
	h.stop()
}

// codecFolder has the codecs, the makers' where they are at hand.
func codecFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for own, theirs := range map[string]string{"ws101.js": "ws101-decoder.js", "vs373.js": "vs373-decoder.js", "r312a.js": "r312a.js"} {
		b, err := os.ReadFile(filepath.Join(os.Getenv("TELECARE_CODECS"), theirs))
		if os.Getenv("TELECARE_CODECS") == "" || err != nil {
			if b, err = os.ReadFile(filepath.Join("testdata/codecs", own)); err != nil {
				t.Fatal(err)
			}
		} else {
			t.Logf("%s is the maker's", own)
		}
		if err := os.WriteFile(filepath.Join(dir, own), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const moody = `function Decoder(bytes, port) { while (port === 2); return {sos: true} }`
	if err := os.WriteFile(filepath.Join(dir, "moody.js"), []byte(moody), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func inBase64(t *testing.T, frame string) string {
	t.Helper()
	b, err := hex.DecodeString(frame)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/gateway/config"
)

// TestMakersCodecs runs makers' own files as a user would install them, on the
// frames of their own tests and documents. The files are not ours to keep here:
// TELECARE_CODECS names a folder with copies of them, under their own names.
func TestMakersCodecs(t *testing.T) {
	folder := os.Getenv("TELECARE_CODECS")
	if folder == "" {
		t.Skip("no TELECARE_CODECS: a folder with makers' files, such as ws101-decoder.js and r312a.js")
	}
	f, err := os.Open("../../devices/mqtt/testdata/lorawan_objects.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ran, missing := 0, map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		var v struct {
			Device, Hex, Codec, Means string
			Port                      int `json:"fPort"`
		}
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, filepath.Base(v.Codec))
		if v.Codec == "" || missing[file] {
			continue
		}
		codec, err := oneCodec(file)
		if err != nil {
			missing[file] = true
			t.Logf("%v", err)
			continue
		}
		ran++
		m, err := mqtt.DecodeLoRaWAN(codec, []byte(v.Hex), v.Port)
		// Makers' files have their fields in orders of their own.
		if got := meaningOf(m, err); !slices.Equal(slices.Sorted(strings.FieldsSeq(got)), slices.Sorted(strings.FieldsSeq(v.Means))) {
			t.Errorf("%s, %s on port %d\n got %q\nwant %q", v.Device, v.Hex, v.Port, got, v.Means)
		}
	}
	t.Logf("%d frames through makers' files", ran)
	if ran == 0 {
		t.Errorf("no file in %s is one of the frames' makers'", folder)
	}
}

// meaningOf writes a message as the vectors do.
func meaningOf(m devices.Message, err error) string {
	var words []string
	for _, e := range m.Events {
		w := string(e.Kind)
		if e.Level {
			w += "*"
		}
		if e.Late {
			w += " late"
		}
		words = append(words, w)
	}
	for _, c := range m.Cleared {
		if c != devices.Fault { // that it could be read
			words = append(words, "-"+string(c))
		}
	}
	for _, r := range m.Readings {
		b, _ := json.Marshal(r.Value)
		words = append(words, string(r.Quantity)+"="+string(b)+r.Unit)
	}
	if err != nil {
		words = append(words, fmt.Sprint("ERR ", err))
	}
	return strings.Join(words, " ")
}

func TestCodecsOfASource(t *testing.T) {
	source := func(name string) string {
		return `function Decoder(bytes) { return {sos: true, battery: "` + name + `"} }`
	}
	var told []string
	c := codecs([]config.Codec{
		{Device: "70b3*", File: "a/x.js", Source: source("11%")},
		{Profile: "WS1*", File: "b/x.js", Source: source("12%")},
		{Profile: "milesight/vs*", Device: "24*", File: "c.js", Source: source("13%")},
		{Profile: "*glass*", File: "d.js", Source: "function ("},
	}, func(c config.Codec, down bool) { told = append(told, fmt.Sprint(c.File, " ", down)) })
	for _, want := range []struct {
		device, profile, object string
	}{
		{"70b3d57ed0001234", "WS101", "11%"},
		{"24e124535b316056", "ws101 (EU)", "12%"},
		{"24e124535b316056", "Milesight/VS373", "13%"},
		{"a84041", "milesight/vs373", ""},
		{"a84041", "", ""},
		{"a84041", "dragino/glass/1", "SyntaxError"},
	} {
		object, err := c(mqtt.Uplink{Device: want.device, Profile: want.profile, Port: 1, Bytes: []byte{1}})
		got := string(object)
		if err != nil {
			got = err.Error()
		}
		if want.object == "" && got != "" || !strings.Contains(got, want.object) {
			t.Errorf("%s, %s: got %q, want %q", want.device, want.profile, got, want.object)
		}
	}
	if !slices.Equal(told, []string{"d.js true"}) {
		t.Errorf("told of %q, want the codec that is none", told)
	}
	if codecs(nil, nil) != nil {
		t.Error("a source without codecs has one")
	}
}

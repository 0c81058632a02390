package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"telecare/devices/mqtt"
	"telecare/devices/serial"
)

// TestAddressFormats: whatever is heard over MQTT can be registered. The
// registry does not know the drivers, so that the lists are two.
func TestAddressFormats(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "gateway", "registry", "check.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(mqtt.Formats(), mqtt.FormatMapping) {
		// Nobody's frames, and the registry's constants.
		if slices.Contains([]string{mqtt.FormatDiscovery, mqtt.FormatZigbee2MQTT, mqtt.FormatTelecare, mqtt.FormatChirpStack, mqtt.FormatTTN}, f) {
			continue
		}
		if !strings.Contains(string(b), fmt.Sprintf("%q", f)) {
			t.Errorf("no device of format %q can be registered; add it to addressFormats", f)
		}
	}
}

// TestSerialFormats: what a line may speak can be configured, and its devices
// registered.
func TestSerialFormats(t *testing.T) {
	for _, f := range serial.Formats() {
		for _, file := range []string{"config/sources.go", "registry/check.go"} {
			b, err := os.ReadFile(filepath.Join("..", "..", "gateway", file))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b), fmt.Sprintf("%q", f)) {
				t.Errorf("format %q is not known to gateway/%s", f, file)
			}
		}
	}
}

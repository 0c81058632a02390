package main

import (
	"telecare/devices/mqtt"
	"telecare/gateway/config"
)

// mappings are a source's, as its driver takes them.
func mappings(list []config.Mapping) mqtt.Mappings {
	var out mqtt.Mappings
	for _, m := range list {
		out = append(out, mqtt.Mapping{
			Topic: m.Topic, Device: m.Device, Field: m.Field, Values: m.Values, Normal: m.Normal,
			Quantity: m.Quantity, Unit: m.Unit, Scale: m.Scale,
		})
	}
	return out
}

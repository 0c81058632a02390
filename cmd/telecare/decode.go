package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway/config"
)

type decodeCommand struct {
	From     string       `required:"" help:"Format: mqtt (found by its topic), a format over MQTT such as zigbee2mqtt or rtl_433, or one on a serial line such as jablotron."`
	Topic    string       `help:"MQTT: the topic; each line of the input is then a payload. Without it each line is {\"topic\",\"payload\",\"retain\"}."`
	Retained bool         `help:"MQTT: take payloads as retained."`
	Codec    string       `type:"existingfile" placeholder:"FILE.js" help:"LoRaWAN: the maker's codec, for bytes of which the network decoded nothing."`
	FPort    int          `name:"fport" help:"LoRaWAN: the port, where a line has none."`
	Config   string       `type:"existingfile" placeholder:"telecare.yaml" help:"MQTT: read by its mappings, too."`
	Hex      bool         `help:"Serial: each line of the input is a frame in hex."`
	Role     devices.Kind `help:"What a press means, such as panic."`
	File     string       `arg:"" optional:"" default:"-" help:"File to read; - is standard input."`

	codec    mqtt.Codec
	mappings mqtt.Mappings
}

// decoded is a line of output: its JSON is a contract.
type decoded struct {
	devices.Message
	Error string `json:"error,omitempty"`
}

func (c *decodeCommand) Run(s streams) error {
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	if c.Codec != "" {
		var err error
		if c.codec, err = oneCodec(c.Codec); err != nil {
			return err
		}
	}
	if c.Config != "" {
		cfg, err := config.Load(c.Config)
		if err != nil {
			return err
		}
		for _, s := range cfg.Sources {
			c.mappings = append(c.mappings, mappings(s.Mappings)...)
		}
	}
	out := bufio.NewWriter(s.out)
	defer out.Flush()
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	each := func(m devices.Message, err error) {
		d := decoded{Message: m.As(c.Role)}
		if err != nil {
			d.Error = err.Error()
		}
		if err := lines.Encode(d); err != nil { // a value that JSON does not know
			_ = lines.Encode(decoded{Message: devices.Message{Device: m.Device}, Error: err.Error()})
		}
	}
	known := append(mqtt.Formats(), "mqtt", mqtt.FormatMapping, formatLoRaWAN)
	switch {
	case slices.Contains(serial.Formats(), c.From):
		return serial.DecodeStream(c.From, in, c.Hex, each)
	case slices.Contains(known, c.From):
		return c.mqtt(in, each)
	}
	known = append(known, serial.Formats()...)
	return fmt.Errorf("format %q is not known; known are %s", c.From, strings.Join(known, ", "))
}

// formatLoRaWAN is lines of {"device","fPort","hex"}.
const formatLoRaWAN = "lorawan"

// envelope is an MQTT message on a line.
type envelope struct {
	Topic   *string         `json:"topic"`
	Payload json.RawMessage `json:"payload"`
	Retain  bool            `json:"retain"`
}

// bytes of a payload: it is a text, byte for byte; JSON that somebody has
// written in as it is will do.
func (e envelope) bytes() string {
	var text string
	if json.Unmarshal(e.Payload, &text) == nil {
		return text
	}
	return string(e.Payload)
}

var errNoTopic = errors.New(`neither {"topic","payload","retain"} on the line nor --topic`)

func (c *decodeCommand) mqtt(in io.Reader, each func(devices.Message, error)) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := r.ReadBytes('\n')
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			each(c.line(text))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %q: %w", c.File, err)
		}
	}
}

func (c *decodeCommand) line(text string) (devices.Message, error) {
	if c.From == formatLoRaWAN {
		return mqtt.DecodeLoRaWAN(c.codec, []byte(text), c.FPort)
	}
	topic, payload, retained := c.Topic, text, c.Retained
	if topic == "" {
		var e envelope
		err := json.Unmarshal([]byte(text), &e)
		switch bare := mqtt.Bare(c.From, []byte(text)); {
		case err == nil && e.Topic != nil && e.Payload != nil:
			topic, payload, retained = *e.Topic, e.bytes(), retained || e.Retain
		case bare != "":
			topic = bare
		default:
			return devices.Message{}, errNoTopic
		}
	}
	format := c.From
	if format == "mqtt" || format == mqtt.FormatMapping {
		if m, matched, err := c.mappings.Decode(topic, []byte(payload), retained); matched {
			return m, err
		}
	}
	if format == "mqtt" {
		if format = mqtt.Recognise(topic); format == "" {
			return devices.Message{}, fmt.Errorf("no format is known for topic %q", topic)
		}
	}
	return mqtt.DecodeWith(c.codec, format, topic, []byte(payload), retained)
}

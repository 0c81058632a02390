package config

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func (c *checker) sources(r rawConfig) []Source {
	seen, out := map[string]bool{}, []Source{}
	for i, s := range r.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		c.names(path+".name", s.Name, seen)
		if !c.oneOf(path+".type", s.Type, "mqtt", "broker", "serial") {
			continue
		}
		c.keysOf(path, s.Type, sourceKeys)
		source := Source{Name: s.Name, Codecs: c.codecs(path, s.Codecs), Mappings: c.mappings(path, s.Mappings)}
		switch s.Type {
		case "mqtt":
			b := c.broker(path, rawBroker{s.URL, s.ClientID, s.Username, s.Password, s.PasswordFile, s.CAFile})
			b.ClientID = cmp.Or(b.ClientID, clientID(r.Site, s.Name))
			b.Topics = s.Topics
			for j, t := range s.Topics {
				c.filter(fmt.Sprintf("%s.topics[%d]", path, j), t)
			}
			source.MQTT = &b
		case "broker":
			source.Listen = c.embedded(path, s)
		case "serial":
			source.Serial = c.serial(path, s)
		}
		out = append(out, source)
	}
	return out
}

// keysOf refuses keys that are another type's.
func (c *checker) keysOf(path, kind string, keys map[string][]string) {
	for _, key := range c.Keys(path) {
		foreign := false
		for _, of := range keys {
			foreign = foreign || slices.Contains(of, key)
		}
		if foreign && !slices.Contains(keys[kind], key) {
			c.Errorf(path+"."+key, "no key of type %s, which has: %s", kind, cmp.Or(strings.Join(keys[kind], ", "), "none of its own"))
		}
	}
}

// ports are the defaults of the schemes the client knows, under the name that
// it is given.
var ports = map[string]struct{ scheme, port string }{
	"tcp": {"tcp", "1883"}, "mqtt": {"tcp", "1883"},
	"ssl": {"ssl", "8883"}, "tls": {"ssl", "8883"}, "mqtts": {"ssl", "8883"},
	"ws": {"ws", ""}, "wss": {"wss", ""},
}

func (c *checker) broker(path string, r rawBroker) Broker {
	b := Broker{
		ClientID: r.ClientID,
		Username: r.Username,
		Password: c.secret(path, "password", r.Password, r.PasswordFile),
		CAFile:   c.authorities(path+".ca_file", r.CAFile),
	}
	if b.Username == "" && !b.Password.IsZero() {
		c.Errorf(path+".username", "missing; a broker takes no password without a user")
	}
	if !utf8.ValidString(r.ClientID) || len(r.ClientID) > 64 {
		c.Errorf(path+".client_id", "too long; use at most 64 letters")
	}
	const example = "such as url: tcp://127.0.0.1:1883"
	u := c.url(path+".url", r.URL, example)
	if u == nil {
		return b
	}
	known, ok := ports[u.Scheme]
	switch {
	case !ok:
		c.Errorf(path+".url", "%q is no way to a broker; begin with tcp://, ssl://, ws:// or wss://", u.Scheme)
		return b
	case known.port != "" && strings.Trim(u.Path, "/") != "":
		c.Errorf(path+".url", "a path means nothing here; list topics under topics:")
	}
	if known.port != "" {
		u.Path = ""
		u.Host = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), known.port))
	}
	u.Scheme = known.scheme
	b.URL = u.String()
	if secure := u.Scheme == "ssl" || u.Scheme == "wss"; r.CAFile != "" && !secure {
		c.Errorf(path+".ca_file", "has no meaning with %s://; use ssl:// or wss://", u.Scheme)
	}
	return b
}

// url checks an address that must be there. It is a Secret as long as nobody
// knows what is in it; nothing of it but scheme and host is ever printed.
func (c *checker) url(path string, s Secret, example string) *url.URL {
	if s.IsZero() {
		c.Errorf(path, "missing; write an address, %s", example)
		return nil
	}
	u, err := url.Parse(s.Reveal())
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" {
		c.Errorf(path, "cannot be read as an address; write one %s", example)
		return nil
	}
	if u.User != nil {
		c.Errorf(path, "holds a user or a password; take them out, and use the keys for them")
		return nil
	}
	if u.Fragment != "" {
		c.Errorf(path, "holds a #; nothing after it would be sent")
		return nil
	}
	return u
}

// http is an address of a service.
func (c *checker) http(path string, s Secret, example string) *url.URL {
	u := c.url(path, s, example)
	if u != nil && u.Scheme != "http" && u.Scheme != "https" {
		c.Errorf(path, "%q is not http; write an address %s", u.Scheme, example)
		return nil
	}
	return u
}

// filter checks a topic filter [MQTT-4.7.1-2, MQTT-4.7.1-3].
func (c *checker) filter(path, f string) {
	levels := strings.Split(f, "/")
	for i, l := range levels {
		switch {
		case f == "" || len(f) > 65535:
			c.Errorf(path, "no topic; write one such as zigbee2mqtt/#")
			return
		case l == "#" && i < len(levels)-1:
			c.Errorf(path, "# stands at the end only, such as zigbee2mqtt/#")
			return
		case l != "#" && l != "+" && strings.ContainsAny(l, "#+"):
			c.Errorf(path, "# and + stand for a whole level, such as home/+/event")
			return
		}
	}
}

func (c *checker) embedded(path string, s rawSource) *Embedded {
	e := &Embedded{
		Listen:      c.listen(path+".listen", s.Listen, defaultBroker),
		TLS:         c.tls(path+".tls", s.TLS),
		BehindProxy: s.BehindProxy,
	}
	seen := map[string]bool{}
	for i, u := range s.Users {
		at := fmt.Sprintf("%s.users[%d]", path, i)
		if u.Name == "" || seen[u.Name] {
			c.Errorf(at+".name", "missing or used twice; give each user a name of its own")
		}
		seen[u.Name] = true
		e.Users = append(e.Users, User{Name: u.Name, PasswordHash: c.hash(at+".password_hash", u.PasswordHash)})
	}
	c.guard(path, e.Listen, "users", len(e.Users) > 0, s.TLS != nil, e.BehindProxy)
	return e
}

// formats that a serial line may speak.
var formats = []string{"jablotron", "esp3", "r60", "tinyframe", "surgard", "ademco685", "easywave", "alarmdecoder", "mysensors-serial", "rflink"}

func (c *checker) serial(path string, s rawSource) *Serial {
	if s.Port == "" {
		c.Errorf(path+".port", "missing; write the adapter's name in /dev/serial/by-id")
	}
	c.oneOf(path+".format", s.Format, formats...)
	switch s.Baud {
	case 0, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600:
	default:
		c.Errorf(path+".baud", "%d is no speed of a serial line; leave it out for the format's own", s.Baud)
	}
	return &Serial{Port: s.Port, Format: s.Format, Baud: s.Baud, Profiles: c.profiles(path, s)}
}

var (
	enoceanID      = regexp.MustCompile(`^[0-9A-F]{8}$`)
	enoceanProfile = regexp.MustCompile(`^(A5|D5|F6)-[0-9A-F]{2}-[0-9A-F]{2}$`)
)

func (c *checker) profiles(path string, s rawSource) map[string]string {
	if len(s.Profiles) > 0 && s.Format != "esp3" {
		c.Errorf(path+".profiles", "means nothing to format %q; only esp3 has profiles", s.Format)
	}
	var out map[string]string
	for i, p := range s.Profiles {
		at := fmt.Sprintf("%s.profiles[%d]", path, i)
		if !enoceanID.MatchString(p.Device) {
			c.Errorf(at+".device", "%q is no device; write the eight digits on its label with capital letters, such as 0181B744", p.Device)
		}
		if _, twice := out[p.Device]; twice {
			c.Errorf(at+".device", "%q has a profile already; a device has one", p.Device)
		}
		if !enoceanProfile.MatchString(p.Profile) {
			c.Errorf(at+".profile", "%q is no profile; write one such as A5-04-01", p.Profile)
		}
		if out == nil {
			out = map[string]string{}
		}
		out[p.Device] = p.Profile
	}
	return out
}

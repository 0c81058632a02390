package config

import (
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// checker turns what is written into what is meant. Its methods report and go
// on, so that every mistake of a file is found at once.
type checker struct {
	*strictyaml.Document
	dir string // of the file
}

// Defaults.
const (
	defaultBroker  = "127.0.0.1:1883"
	defaultPage    = "127.0.0.1:8080"
	defaultTimeout = 5 * time.Second
	// Mail servers take their time: they ask others whether we send junk.
	defaultMailTimeout = 10 * time.Second
	defaultEvery       = 30 * time.Second
	defaultQuota       = 2 << 30
)

// word is what may be a site, a source or a channel: it becomes part of topics,
// metrics and measurements.
var word = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$`)

const wordHint = "write small letters, digits and hyphens, at most 48, such as ward-2"

func (c *checker) config(r rawConfig) *Config {
	cfg := &Config{
		Site:     alerting.SiteID(r.Site),
		Data:     c.path(cmp.Or(r.Data, "data")),
		Log:      c.level("log", r.Log),
		Page:     c.page("page", r.Page),
		Sources:  c.sources(r),
		Channels: c.channels(r),
		Influx:   c.influx("influx", r.Influx),
		Deadman:  c.deadman("deadman", r.Deadman),
	}
	switch {
	case r.Site == "":
		c.Errorf("site", "missing; give this site an id, such as site: ward-2")
	case !word.MatchString(r.Site):
		c.Errorf("site", "%q cannot be an id; %s", r.Site, wordHint)
	}
	if r.Alarms != nil {
		b := c.broker("alarms_mqtt", *r.Alarms)
		b.ClientID = cmp.Or(b.ClientID, clientID(r.Site, "alarms"))
		cfg.Alarms = &b
	}
	c.twice(r, cfg)
	return cfg
}

func clientID(site, name string) string { return "telecare-" + site + "-" + name }

// twice finds what two parts of the file both claim.
func (c *checker) twice(r rawConfig, cfg *Config) {
	claimed := map[string]string{cfg.Page.Listen: "page.listen"}
	claim := func(what, path, hint string) {
		if by, twice := claimed[what]; twice {
			c.Errorf(path, "taken by %s already; %s", by, hint)
			return
		}
		claimed[what] = path
	}
	for i, s := range cfg.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		switch {
		case s.Listen != nil && !strings.HasSuffix(s.Listen.Listen, ":0"):
			claim(s.Listen.Listen, path+".listen", "give each listener a port of its own")
		case s.Serial != nil && s.Serial.Port != "":
			claim("serial "+s.Serial.Port, path+".port", "a serial line has one reader")
		case s.MQTT != nil && s.MQTT.URL != "":
			claim("client "+s.MQTT.URL+" "+s.MQTT.ClientID, path+".client_id", "two clients of one name throw each other out")
		}
	}
	if a := cfg.Alarms; a != nil && a.URL != "" {
		claim("client "+a.URL+" "+a.ClientID, "alarms_mqtt.client_id", "two clients of one name throw each other out")
	}
}

func (c *checker) level(path, s string) slog.Level {
	switch s {
	case "debug":
		return slog.LevelDebug
	case "", "info":
		return slog.LevelInfo
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	c.Errorf(path, "%q is no level; write debug, info, warn or error", s)
	return 0
}

// names checks a name that must be there, be a word and be unique.
func (c *checker) names(path, name string, seen map[string]bool) {
	switch {
	case name == "":
		c.Errorf(path, "missing; give it a name, such as name: ward")
	case !word.MatchString(name):
		c.Errorf(path, "%q cannot be a name; %s", name, wordHint)
	case seen[name]:
		c.Errorf(path, "the name %q is used twice; give each its own", name)
	}
	seen[name] = true
}

// oneOf checks a word of a fixed list.
func (c *checker) oneOf(path, got string, known ...string) bool {
	if slices.Contains(known, got) {
		return true
	}
	list := strings.Join(known, ", ")
	if got == "" {
		c.Errorf(path, "missing; write one of: %s", list)
	} else if near := strictyaml.Nearest(got, known); near != "" {
		c.Errorf(path, "%q is not known; did you mean %q?", got, near)
	} else {
		c.Errorf(path, "%q is not known; write one of: %s", got, list)
	}
	return false
}

// between checks a length of time.
func (c *checker) between(path string, d *strictyaml.Duration, otherwise, from, to time.Duration) time.Duration {
	if d == nil {
		return otherwise
	}
	if t := time.Duration(*d); t < from || t > to {
		c.Errorf(path, "%v is out of range; write something from %v to %v", *d, strictyaml.Duration(from), strictyaml.Duration(to))
	}
	return time.Duration(*d)
}

// path is relative to the file's folder.
func (c *checker) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

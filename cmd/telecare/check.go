package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"telecare/alerting/notify/services"
	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway/config"
	"telecare/gateway/registry"
	"telecare/gateway/strictyaml"
)

type checkCommand struct {
	Config   string `short:"c" default:"${config}" help:"The configuration." type:"path"`
	Registry string `short:"f" optional:"" help:"A registry file to check too; without it, the registry in force." type:"path"`
	Online   bool   `help:"Try ports, brokers, InfluxDB and channels too. Nobody is called."`
	Strict   bool   `help:"End with status 3 when there are warnings."`
}

// Help says what the statuses mean.
func (checkCommand) Help() string {
	return "Status 0: no mistakes. 1: mistakes, or with --online something that does not work. 3: with --strict, warnings."
}

// Run says everything at once: the mistakes of both files and what does not
// hold between them, then what is allowed and probably not meant.
func (c *checkCommand) Run(ctx context.Context, s streams) error {
	c.Config, c.Registry = near(c.Config), near(c.Registry)
	cfg, pos, cfgErr := config.InspectFile(c.Config)
	// Whoever plans the rosters has the registry's file, and not this machine's.
	alone := c.Registry != "" && !c.Online && c.Config == usualConfig() && errors.Is(cfgErr, fs.ErrNotExist)
	if alone {
		cfgErr = nil
	}
	if cfgErr != nil && !isMistakes(cfgErr) {
		return cfgErr
	}
	doc, name, docErr := c.registry(ctx, cfg)
	if docErr != nil && !isMistakes(docErr) {
		return docErr
	}
	var all []error
	if cfg != nil && doc != nil {
		all = together(cfg, pos, doc)
	}
	var warnings, notes strictyaml.Errors
	if doc != nil && docErr == nil {
		warnings, notes = doc.Warnings(time.Now())
	}
	if cfg != nil && cfgErr == nil {
		notes = append(unguaranteed(cfg, pos, doc), notes...)
	}
	mistakes := say(s, "", append([]error{cfgErr, docErr}, all...)...)
	say(s, "warning: ", warnings)
	say(s, "note: ", notes)
	if mistakes > 0 {
		fmt.Fprintf(s.out, "mistakes: %d\n", mistakes)
		return exitStatus(1)
	}
	if alone {
		fmt.Fprintf(s.out, "note: there is no %s here: whether it has the channels that the registry names is not checked\n", c.Config)
	} else {
		fmt.Fprintf(s.out, "%s: good: site %q, sources: %d, channels: %d\n", c.Config, cfg.Site, len(cfg.Sources), len(cfg.Channels))
	}
	if doc != nil {
		fmt.Fprintf(s.out, "%s: good, warnings: %d\n", name, len(warnings))
	}
	if c.Online {
		if bad := online(ctx, s, cfg); bad > 0 {
			return exitStatus(1)
		}
	}
	if c.Strict && len(warnings) > 0 {
		return exitStatus(3)
	}
	return nil
}

// registry is the document to check, nil when there is none.
func (c *checkCommand) registry(ctx context.Context, cfg *config.Config) (doc *registry.Document, name string, err error) {
	if c.Registry != "" {
		b, err := os.ReadFile(c.Registry)
		if err != nil {
			return nil, "", fmt.Errorf("registry: %w", err)
		}
		doc, err := registry.Inspect(c.Registry, b)
		return doc, c.Registry, err
	}
	if cfg == nil || cfg.Data == "" {
		return nil, "", nil
	}
	data := folder(cfg.Data)
	if err := data.asOwner(); err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(data.registry()); err != nil {
		return nil, "", nil
	}
	store, err := registry.Open(ctx, data.registry())
	if err != nil {
		return nil, "", err
	}
	b, err := store.Export(ctx)
	if err = errors.Join(err, store.Close()); err != nil {
		if errors.Is(err, registry.ErrEmpty) || errors.Is(err, fs.ErrPermission) {
			err = nil
		}
		return nil, "", err
	}
	const exported = "`telecare export`"
	doc, err = registry.Inspect(exported, b)
	return doc, "the registry in force", err
}

// fits says where a registry and a configuration do not go together.
func fits(cfg *config.Config, pos *strictyaml.Document, doc *registry.Document) error {
	return errors.Join(together(cfg, pos, doc)...)
}

// together is fits for two files that may have mistakes: what could not be read
// in the one is not held against the other.
func together(cfg *config.Config, pos *strictyaml.Document, doc *registry.Document) []error {
	channels := []registry.Channel{}
	for _, c := range cfg.Channels {
		known := registry.Channel{Name: c.Name, Address: addressOn(c), Rings: c.Screen || c.Modem != nil && c.Modem.Rings > 0}
		if c.Screen {
			known.Of = hasScreen(cfg)
		}
		if c.Push != nil && !c.Push.ByLink {
			known.Of = hasAccount(cfg)
		}
		channels = append(channels, known)
	}
	if pos.Unread("channels") || slices.ContainsFunc(channels, func(c registry.Channel) bool { return c.Name == "" }) {
		channels = nil
	}
	fresh := pos.Fresh()
	person := func(path, what, key string) {
		if key != "" && doc.LacksResponder(key) {
			fresh.Errorf(path, "%s is for responder %q, who is not in the registry; write the key of one who is", what, key)
		}
	}
	for i, a := range cfg.Page.Accounts {
		person(fmt.Sprintf("page.accounts[%d].person", i), "the account", a.Person)
	}
	for i, ch := range cfg.Channels {
		if ch.Service == nil || ch.Service.URL.IsZero() {
			continue
		}
		if err := services.Check(ch.Service.URL.Reveal()); err != nil {
			fresh.Errorf(fmt.Sprintf("channels[%d].url", i), "%v", err)
		}
	}
	for i, t := range cfg.Page.Tokens {
		person(fmt.Sprintf("page.tokens[%d].person", i), "the token", t.Person)
	}
	return []error{fresh.Err(), doc.Fits(cfg.Site, channels), doc.FitsAnswers(tellers(cfg, pos), takes)}
}

// hasScreen checks that a responder can sign in to a page that rings.
func hasScreen(cfg *config.Config) func(responder string) error {
	return func(responder string) error {
		for _, a := range cfg.Page.Accounts {
			if a.Person == responder && a.Role == config.Centre {
				return nil
			}
		}
		return strictyaml.Textf("it rings on the page of an account of role centre, and %q has none; write one under page.accounts: of telecare.yaml", responder)
	}
}

// hasAccount checks that a responder can sign in, to switch a phone on.
func hasAccount(cfg *config.Config) func(responder string) error {
	return func(responder string) error {
		if slices.ContainsFunc(cfg.Page.Accounts, func(a config.Account) bool { return a.Person == responder }) {
			return nil
		}
		return strictyaml.Textf("a phone is switched on by signing in, and %q has no account; write one under page.accounts: of telecare.yaml, or by_link: true under the channel", responder)
	}
}

// unguaranteed notes the sources that cannot promise that nothing is lost.
func unguaranteed(cfg *config.Config, pos *strictyaml.Document, doc *registry.Document) strictyaml.Errors {
	fresh := pos.Fresh()
	for i, src := range cfg.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		if src.Serial != nil {
			for _, device := range slices.Sorted(maps.Keys(src.Serial.Profiles)) {
				if p := src.Serial.Profiles[device]; !serial.ReadsProfile(p) {
					fresh.Errorf(at+".profiles", "profile %q of device %q is not read: the device is shown and nothing else", p, device)
				}
			}
		}
		switch {
		case src.Serial != nil && serial.Answers(src.Serial.Format): // it says again what was not acknowledged
		case src.Serial != nil:
			fresh.Errorf(at, "not guaranteed: this serial line has no acknowledgment, what it says while the gateway is down is lost")
		case doc != nil:
			if doc.Hears("zigbee2mqtt") {
				fresh.Errorf(at, "not guaranteed: Zigbee2MQTT publishes at QoS 0 unless told otherwise, and what it says while the gateway is down is then lost; give it device_options: {qos: 1}")
			}
			if names := lossy(doc); names != "" {
				fresh.Errorf(at, "not guaranteed: %s publish at QoS 0 only, and what they say while the gateway is down is lost", names)
			}
		}
	}
	errs, _ := fresh.Err().(strictyaml.Errors)
	return errs
}

// lossy names the formats over MQTT of a registry that nothing can be promised for.
func lossy(doc *registry.Document) string {
	var names []string
	for _, f := range mqtt.Catalogue() {
		if f.Answered == devices.AnsweredNever && doc.Hears(f.Name) {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// near is a path as people would type it here.
func near(path string) string {
	here, err := os.Getwd()
	if err != nil || path == "" {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(short, "..") {
		return short
	}
	return path
}

func isMistakes(err error) bool { return errors.As(err, new(strictyaml.Errors)) }

// say prints mistakes as compilers do, with the place first, file by file, and
// counts them.
func say(s streams, level string, errs ...error) (n int) {
	var all strictyaml.Errors
	order := map[string]int{}
	for _, err := range errs {
		var list strictyaml.Errors
		errors.As(err, &list)
		for _, e := range list {
			if order[e.File] == 0 {
				order[e.File] = len(order) + 1
			}
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b strictyaml.Error) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for _, e := range all {
		place := fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Column)
		fmt.Fprintf(s.out, "%s%s%s\n", place, level, strings.TrimPrefix(e.Error(), place))
	}
	return len(all)
}

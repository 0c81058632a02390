package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"telecare/devices"
)

type devicesCommand struct {
	List    devicesList    `cmd:"" default:"withargs" help:"List all devices: state, battery, last seen."`
	Frames  devicesFrames  `cmd:"" help:"Show the newest frames of a device as they came."`
	Unknown devicesUnknown `cmd:"" help:"List devices that are heard and not registered."`
	Faults  devicesFaults  `cmd:"" help:"List what is wrong with devices, lines and channels."`
	Formats devicesFormats `cmd:"" help:"List the formats that are understood: what each gives, guarantees and cannot tell."`
}

type devicesList struct {
	remote
	Life string `help:"Only those that are heard, silent, unsupervised or unknown."`
}

func (c *devicesList) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path := "/devices"
	if c.Life != "" {
		path += "?life=" + url.QueryEscape(c.Life)
	}
	var list struct {
		Devices []struct {
			ID, Life, Name, Place string
			LastSeen              time.Time `json:"last_seen"`
			LastPress             time.Time `json:"last_press"`
			Battery               devices.BatteryHealth
			Faults                []string
			Readings              []struct {
				Quantity, Unit string
				Value          float64
			}
		}
	}
	if ok, err := c.get(ctx, s, gw, path, &list); !ok {
		return err
	}
	r, zone, rows := newReader(language()), gw.zone(ctx), [][]string{}
	for _, d := range list.Devices {
		var battery []string
		for _, x := range d.Readings {
			if x.Quantity == "battery" {
				battery = append(battery, fmt.Sprintf("%g %s", x.Value, x.Unit))
			}
		}
		if d.Battery.State != "" {
			battery = append(battery, r.say(string(d.Battery.State)))
		}
		if d.Battery.Weeks > 0 {
			battery = append(battery, fmt.Sprintf(r.say("about %.0f weeks left"), d.Battery.Weeks))
		}
		seen := clock(d.LastSeen, zone)
		if d.Life == string(devices.LifeUnsupervised) { // only a press proves it
			seen = r.say("never pressed: test it")
			if !d.LastPress.IsZero() {
				seen = r.say("last test press ") + clock(d.LastPress, zone)
			}
		}
		for i, f := range d.Faults {
			d.Faults[i] = r.fault(f)
		}
		rows = append(rows, []string{d.Name, d.Place, r.life(d.Life), strings.Join(battery, ", "), seen, strings.Join(d.Faults, ", "), d.ID})
	}
	return table(s.out, r.say("DEVICE\tPLACE\tSTATE\tBATTERY\tLAST SEEN\tFAULTS\tID"), rows)
}

type devicesFrames struct {
	remote
	Device string `arg:"" help:"Its id, as telecare devices lists it."`
}

func (c *devicesFrames) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var list struct {
		Frames []struct {
			At                                 time.Time
			Source, Topic, Raw, Decoded, Error string
			Bytes                              []byte
		}
	}
	if ok, err := c.get(ctx, s, gw, "/devices/"+url.PathEscape(c.Device)+"/frames", &list); !ok {
		return err
	}
	r, zone := newReader(language()), gw.zone(ctx)
	for _, f := range list.Frames {
		what, means := fmt.Sprintf("%q", f.Raw), f.Decoded
		if f.Bytes != nil {
			what = fmt.Sprintf("% x", f.Bytes)
		}
		if f.Error != "" {
			means = r.say("not understood: ") + f.Error
		}
		fmt.Fprintf(s.out, "%s  %s  %s\n  %s\n  %s\n", clock(f.At, zone), f.Source, f.Topic, what, means)
	}
	return nil
}

type devicesUnknown struct{ remote }

func (c *devicesUnknown) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var list struct {
		Unknown []struct {
			Address, Source, Proposed string
			Frames                    int
			Last                      time.Time
		}
	}
	if ok, err := c.get(ctx, s, gw, "/unknown", &list); !ok {
		return err
	}
	zone, rows := gw.zone(ctx), [][]string{}
	for _, u := range list.Unknown {
		rows = append(rows, []string{u.Address, u.Source, u.Proposed, fmt.Sprint(u.Frames), clock(u.Last, zone)})
	}
	return table(s.out, newReader(language()).say("ADDRESS\tSOURCE\tSEEMS TO BE\tFRAMES\tLAST"), rows)
}

type devicesFaults struct{ remote }

func (c *devicesFaults) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var list struct {
		Faults []struct {
			Code, Subject, Name, Place, Severity string
			Since                                time.Time
		}
	}
	if ok, err := c.get(ctx, s, gw, "/faults", &list); !ok {
		return err
	}
	r, zone, rows := newReader(language()), gw.zone(ctx), [][]string{}
	for _, f := range list.Faults {
		rows = append(rows, []string{r.fault(f.Code), f.Name, f.Place, r.say(f.Severity), clock(f.Since, zone), f.Subject})
	}
	return table(s.out, r.say("FAULT\tOF\tPLACE\tSEVERITY\tSINCE\tID"), rows)
}

package registry

import (
	"regexp"
	"strconv"

	"telecare/gateway/strictyaml"
)

// docPlan is where a place lies on the plan of its floor: its left upper corner,
// its width and its height.
type docPlan struct {
	Floor string `yaml:"floor,omitempty"`
	X     Metres `yaml:"x"`
	Y     Metres `yaml:"y"`
	W     Metres `yaml:"w"`
	H     Metres `yaml:"h"`
}

// Plan is where a place lies on the plan of its floor, in metres.
type Plan struct {
	Floor      string
	X, Y, W, H float64
}

// Metres is a length on a plan.
type Metres float64

var metres = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,2})?$`)

// UnmarshalText reads 4 or 4.25.
func (m *Metres) UnmarshalText(b []byte) error {
	if !metres.Match(b) {
		return strictyaml.Textf("%q is no length; write metres, such as 4 or 4.25", b)
	}
	f, err := strconv.ParseFloat(string(b), 64)
	*m = Metres(f)
	return err
}

// MarshalText writes it so.
func (m Metres) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(m), 'f', -1, 64), nil
}

func (p *docPlan) plan() *Plan {
	if p == nil {
		return nil
	}
	return &Plan{p.Floor, float64(p.X), float64(p.Y), float64(p.W), float64(p.H)}
}

// plan checks that a place can be drawn.
func (c checker) plan(at string, p *docPlan) {
	if p == nil {
		return
	}
	c.text(at+".floor", p.Floor, false, maxName)
	for _, x := range []struct {
		name string
		long Metres
		side bool
	}{{"x", p.X, false}, {"y", p.Y, false}, {"w", p.W, true}, {"h", p.H, true}} {
		switch at := at + "." + x.name; {
		case !c.Has(at) && !c.Unread(at):
			c.Errorf(at, "missing; a place on the plan has x and y, its left upper corner, and w and h, how wide and high it is, in metres")
		case x.side && c.Has(at) && !c.Unread(at) && x.long < 0.5:
			c.Errorf(at, "too small to be seen; write at least 0.5")
		}
	}
}

package serial

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// A profile says what a telegram's bytes mean, such as A5-07-01.
type profile struct{ rorg, function, kind byte }

func (p profile) String() string {
	return fmt.Sprintf("%02X-%02X-%02X", p.rorg, p.function, p.kind)
}

func profileOf(s string) (profile, error) {
	var p profile
	if n, err := fmt.Sscanf(s, "%02X-%02X-%02X", &p.rorg, &p.function, &p.kind); n != 3 || err != nil || p.String() != strings.ToUpper(s) {
		return profile{}, fmt.Errorf("%q is no profile of EnOcean: write one such as A5-04-01", s)
	}
	return p, nil
}

// ReadsProfile reports whether telegrams of a profile are read.
func ReadsProfile(name string) bool {
	p, err := profileOf(name)
	if err != nil {
		return false
	}
	switch p.rorg {
	case rorgRPS:
		return p.function == 0x01 || p.function == 0x02 || p.function == 0x03 || p.function == 0x05 || p.function == 0x10
	case rorg1BS:
		return p == profile{rorg1BS, 0x00, 0x01}
	case rorg4BS:
		switch t := p.kind; p.function {
		case 0x02:
			return t >= 0x01 && t <= 0x0b || t >= 0x10 && t <= 0x1b || t == 0x20 || t == 0x30
		case 0x04, 0x07:
			return t >= 0x01 && t <= 0x03
		}
	}
	return false
}

// maxProfiles bounds what is learned: anybody may send.
const maxProfiles = 1000

// profiles are what sensors measure, by their senders: as they were taught in,
// or as telecare.yaml says, which no teach-in changes.
type profiles struct {
	taught map[string]profile
	fixed  map[string]profile
	// changed is told all that is taught in, whenever that changes; nil: nobody
	// is. It must not block.
	changed func(map[string]profile)
}

func (p *profiles) of(sender string) (profile, bool) {
	if x, ok := p.fixed[sender]; ok {
		return x, true
	}
	x, ok := p.taught[sender]
	return x, ok
}

func (p *profiles) learn(sender string, x profile) {
	was, known := p.taught[sender]
	if known && was == x || !known && len(p.taught) >= maxProfiles {
		return
	}
	p.taught[sender] = x
	if p.changed != nil {
		p.changed(maps.Clone(p.taught))
	}
}

// loadProfiles reads what saveProfiles kept; nothing, when it never did.
func loadProfiles(path string) (map[string]profile, error) {
	out := map[string]profile{}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	var kept map[string]string
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	for sender, s := range kept {
		if p, bad := profileOf(s); bad == nil && len(out) < maxProfiles {
			out[sender] = p
		} else {
			err = errors.Join(err, bad)
		}
	}
	return out, err
}

// saveProfiles writes beside the file and puts that in its place, so that it is
// whole at any moment.
func saveProfiles(path string, all map[string]profile) error {
	kept := map[string]string{}
	for sender, p := range all {
		kept[sender] = p.String()
	}
	b, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	next := filepath.Join(filepath.Dir(path), filepath.Base(path)+".new")
	if err := os.WriteFile(next, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"telecare/alerting"
	"telecare/devices/codec"
	"telecare/devices/mqtt"
	"telecare/gateway"
	"telecare/gateway/config"
)

// codecCommand is the process in which makers' codecs run.
type codecCommand struct{}

func (*codecCommand) Run(s streams) error { return codec.Serve(s.in, s.out) }

// codecRunner is this program's only one: codecs share a process.
var codecRunner = sync.OnceValue(func() *codec.Runner {
	self, err := os.Executable()
	if runtime.GOOS == "linux" {
		self = "/proc/self/exe" // also when a new version has taken its place
	} else if err != nil {
		self = os.Args[0]
	}
	return codec.NewRunner(self, "telecare", "codec")
})

// codecs asks the first codec that a source has for a device. It tells of a
// codec that can read nothing, at each frame, and when it reads one again.
func codecs(list []config.Codec, tell func(c config.Codec, down bool)) mqtt.Codec {
	if len(list) == 0 {
		return nil
	}
	var mu sync.Mutex
	failing := make([]bool, len(list))
	return func(u mqtt.Uplink) ([]byte, error) {
		for i, c := range list {
			if !matches(c.Device, u.Device) || !matches(c.Profile, u.Profile) {
				continue
			}
			object, err := runCodec(codec.Codec{Name: c.File, Source: c.Source}, u)
			fails := errors.Is(err, codec.ErrLimit) || errors.Is(err, codec.ErrUseless)
			mu.Lock()
			defer mu.Unlock()
			if fails || err == nil && failing[i] {
				failing[i] = fails
				tell(c, fails)
			}
			return object, err
		}
		return nil, nil
	}
}

// codecs are a source's, of which the technician is told when they fail.
func (h *house) codecs(s config.Source) mqtt.Codec {
	return codecs(s.Codecs, func(c config.Codec, down bool) { h.codecDown(s.Name, c, down) })
}

// codecDown says whether a source's codec reads what it is given.
func (h *house) codecDown(source string, c config.Codec, down bool) {
	h.gateway.Condition(alerting.CodecDown, gateway.CodecOf(source, filepath.Base(c.File)), down)
}

// matches compares a name with a pattern; "" is every name. A star stands for a
// slash, too: a profile may have one in it.
func matches(pattern, name string) bool {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "/", "\x00") }
	ok, err := path.Match(plain(pattern), plain(name))
	return pattern == "" || err == nil && ok
}

// oneCodec is a file's for every device.
func oneCodec(file string) (mqtt.Codec, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("codec: %w", err)
	}
	return func(u mqtt.Uplink) ([]byte, error) {
		return runCodec(codec.Codec{Name: file, Source: string(b)}, u)
	}, nil
}

func runCodec(c codec.Codec, u mqtt.Uplink) ([]byte, error) {
	object, err := codecRunner().Decode(c, codec.Input{Port: u.Port, Bytes: u.Bytes, At: u.At})
	if err == nil && object == nil {
		err = errors.New("codec gave nothing")
	}
	return object, err
}

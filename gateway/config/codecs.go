package config

import (
	"fmt"
	"path"
)

// maxCodec bounds a maker's file; Milesight's have 5 to 60 kB.
const maxCodec = 1 << 20

// codecs checks the makers' files of a source. What is in them is tried when the
// first frame comes.
func (c *checker) codecs(at string, list []rawCodec) []Codec {
	var out []Codec
	for i, r := range list {
		at := fmt.Sprintf("%s.codecs[%d]", at, i)
		if r.Device == "" && r.Profile == "" {
			c.Errorf(at, `is for nobody; add profile: or device:, such as profile: WS101 or device: "24e124*"`)
		}
		for _, p := range [][2]string{{"device", r.Device}, {"profile", r.Profile}} {
			if _, err := path.Match(p[1], ""); err != nil {
				c.Errorf(at+"."+p[0], "%q cannot be read; a * stands for anything, a ? for a letter", p[1])
			}
		}
		if r.File == "" {
			c.Errorf(at+".file", "missing; write the name of the maker's JavaScript file")
			continue
		}
		source, err := c.fileUpTo(r.File, maxCodec)
		if err != nil {
			c.Errorf(at+".file", "%v", err)
		}
		out = append(out, Codec{Device: r.Device, Profile: r.Profile, File: c.path(r.File), Source: string(source)})
	}
	return out
}

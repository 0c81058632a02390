package registry

import "time"

// testEvery is how often buttons that give no sign of life are to be tried: a
// month, when nothing is said; 0: never.
func (d *data) testEvery() time.Duration {
	switch {
	case d.TestEvery.Never:
		return 0
	case d.TestEvery.IsZero():
		return 30 * 24 * time.Hour
	}
	return time.Duration(d.TestEvery.Every)
}

package serial

import "time"

// Try opens the port as a Line would, and lets go of it again: for checks. It
// does not say whether anything speaks there.
func Try(cfg Config) error {
	if _, err := cfg.validate(); err != nil {
		return err
	}
	p, err := openPort(cfg.Port, byID, cfg.Baud, time.Second)
	if err != nil {
		return err
	}
	p.close()
	return nil
}

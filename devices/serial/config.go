package serial

import "fmt"

// Config says which port to read and how.
type Config struct {
	// Name is the source's name in telecare.yaml, and the Source of its frames.
	Name string
	// Port is a device such as /dev/ttyUSB0, a link to one, a pattern that
	// matches one, or the name or pattern of a link in /dev/serial/by-id (a
	// Port without a slash). It is resolved anew each time the port is opened:
	// ttyUSB numbers change when an adapter is plugged in again, the names by
	// id do not.
	Port string
	// Format is one that NewDecoder knows.
	Format string
	// Baud is the speed; 0 is the format's own.
	Baud int
	// Profiles say of EnOcean sensors what they measure, by sender: "0181B744":
	// "A5-02-05". What is taught in is kept in ProfilesFile; "" forgets it.
	Profiles     map[string]string
	ProfilesFile string
	// OnLink, when set, is told each change of the link, and the first state
	// once it is known: true after something was understood on the line, false
	// when the port cannot be opened, is unplugged, or does not answer. It is
	// called from Run and must not block.
	OnLink func(up bool)
}

// validate checks the configuration and fills in what it leaves open.
func (c *Config) validate() (format, error) {
	if c.Name == "" {
		return format{}, fmt.Errorf("a serial source on port %q needs a name", c.Port)
	}
	if c.Port == "" {
		return format{}, fmt.Errorf("serial source %q needs a port, such as the adapter's name in %s", c.Name, byID)
	}
	t, err := formatOf(c.Format)
	if err != nil {
		return format{}, fmt.Errorf("serial source %q: %w", c.Name, err)
	}
	for sender, p := range c.Profiles {
		if _, err := profileOf(p); err != nil {
			return format{}, fmt.Errorf("serial source %q: device %q: %w", c.Name, sender, err)
		}
	}
	if c.Baud == 0 {
		c.Baud = t.baud
	}
	switch c.Baud {
	case 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600:
	default:
		return format{}, fmt.Errorf("serial source %q: %d baud is not a speed that every adapter has: use 1200, 2400, … 115200, 230400, 460800 or 921600", c.Name, c.Baud)
	}
	return t, nil
}

// byID is where Linux keeps links to serial adapters by maker and serial number.
const byID = "/dev/serial/by-id"

package serial

import (
	"fmt"
	"slices"
	"strconv"
)

// slotCount is how many devices a Turris dongle can know. It hears no others.
const slotCount = 32

// Slot is one place of a dongle's memory.
type Slot struct {
	Number  int
	Address string // eight digits; "" when it is empty
}

// Slots is the memory of a Turris dongle. Its port is held until Close, so that
// no gateway hears the line meanwhile: what devices say is handed to heard.
//
// A pendant with two pairs of buttons needs two slots, one for each address it
// sends with; Learn and Erase take care of both.
type Slots struct {
	// ask sends a command and returns the dongle's first answer that fits.
	ask func(command string, fits func(answer string) bool) (string, error)
}

// List returns the slots that are taken.
func (s *Slots) List() ([]Slot, error) {
	var taken []Slot
	for n := range slotCount {
		slot, err := s.get(n)
		if err != nil {
			return taken, err
		}
		if slot.Address != "" {
			taken = append(taken, slot)
		}
	}
	return taken, nil
}

// Learn puts a device into free slots, and returns where it is. One that the
// dongle knows already stays where it is.
func (s *Slots) Learn(address string) ([]Slot, error) {
	both, taken, err := s.find(address)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var full [slotCount]bool
	for _, x := range taken {
		at[x.Address], full[x.Number] = x.Number, true
	}
	var learned []Slot
	for _, a := range both {
		n, known := at[a]
		if !known {
			if n = slices.Index(full[:], false); n < 0 {
				return learned, fmt.Errorf("no slot is free for %s: all %d are taken; erase a device that is gone", a, slotCount)
			}
			if err := s.set(n, a); err != nil {
				return learned, err
			}
			full[n] = true
		}
		learned = append(learned, Slot{n, a})
	}
	return learned, nil
}

// Erase makes the dongle forget a device, and returns the slots that it had.
func (s *Slots) Erase(address string) ([]Slot, error) {
	both, taken, err := s.find(address)
	if err != nil {
		return nil, err
	}
	var erased []Slot
	for _, x := range taken {
		for _, a := range both {
			if x.Address != a {
				continue
			}
			if err := s.set(x.Number, ""); err != nil {
				return erased, err
			}
			erased = append(erased, x)
		}
	}
	if len(erased) == 0 {
		return nil, fmt.Errorf("the dongle does not know %s", address)
	}
	return erased, nil
}

// find returns the addresses a device sends with, and the slots that are taken.
func (s *Slots) find(address string) (both []string, taken []Slot, err error) {
	if both, err = addresses(address); err != nil {
		return nil, nil, err
	}
	taken, err = s.List()
	return both, taken, err
}

// EraseAll makes the dongle forget every device.
func (s *Slots) EraseAll() error {
	if err := s.done("ERASE ALL SLOTS"); err != nil {
		return err
	}
	left, err := s.List()
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("the dongle still knows %d devices", len(left))
	}
	return err
}

func (s *Slots) get(n int) (Slot, error) {
	prefix := fmt.Sprintf("SLOT:%02d ", n)
	answer, err := s.ask("GET "+prefix[:len(prefix)-1], func(a string) bool {
		return isAnswer(a) && len(a) > len(prefix) && a[:len(prefix)] == prefix
	})
	if err != nil {
		return Slot{}, err
	}
	slot := Slot{Number: n, Address: answer[len(prefix)+1 : len(prefix)+9]}
	if slot.Address == "--------" {
		slot.Address = ""
	}
	return slot, nil
}

// set writes a slot and reads it again.
func (s *Slots) set(n int, address string) error {
	text := address
	if text == "" {
		text = "--------"
	}
	if err := s.done(fmt.Sprintf("SET SLOT:%02d [%s]", n, text)); err != nil {
		return err
	}
	slot, err := s.get(n)
	if err == nil && slot.Address != address {
		err = fmt.Errorf("slot %d holds %q, not %q as was written", n, slot.Address, address)
	}
	return err
}

// done gives a command that the dongle answers with OK or ERROR.
func (s *Slots) done(command string) error {
	answer, err := s.ask(command, func(a string) bool { return a == "OK" || a == "ERROR" })
	if err == nil && answer != "OK" {
		err = fmt.Errorf("the dongle refused %q", command)
	}
	return err
}

// addresses are those that a device sends with: of a pendant with two pairs of
// buttons whichever is given, both.
func addresses(address string) ([]string, error) {
	n, err := strconv.Atoi(address)
	if err != nil || len(address) != 8 || !digits(address) {
		return nil, fmt.Errorf("%q is no address; write the eight digits on the label, such as 08388608", address)
	}
	switch {
	case n >= secondFirst && n <= secondLast:
		n -= secondDiff
	case n < secondFirst-secondDiff || n > secondLast-secondDiff:
		return []string{address}, nil
	}
	return []string{fmt.Sprintf("%08d", n), fmt.Sprintf("%08d", n+secondDiff)}, nil
}

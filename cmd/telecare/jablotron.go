package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"telecare/devices/serial"
)

// jablotronCommand looks after the 32 slots of a Turris dongle: it hears only
// the devices that are in one.
type jablotronCommand struct {
	List  slotsListCommand  `cmd:"" help:"List the devices that the dongle knows."`
	Learn slotsLearnCommand `cmd:"" help:"Make the dongle hear a device; of a pendant both addresses."`
	Erase slotsEraseCommand `cmd:"" help:"Make the dongle forget a device, or all of them."`
}

type slotsPort struct {
	Port string `required:"" placeholder:"PORT" help:"The dongle's port, such as usb-FTDI_*; no gateway may have it open."`
}

type slotsListCommand struct{ slotsPort }

type slotsLearnCommand struct {
	slotsPort
	Address string `arg:"" help:"The eight digits on the device's label."`
}

type slotsEraseCommand struct {
	slotsPort
	Address string `arg:"" optional:"" help:"The eight digits on the device's label."`
	All     bool   `help:"Forget every device."`
}

// with opens the slots. Nobody is called meanwhile: what devices say is shown.
func (p slotsPort) with(s streams, do func(*serial.Slots) ([]serial.Slot, error)) error {
	slots, closePort, err := serial.OpenSlots(p.Port, func(f serial.Decoded) {
		if said, err := json.Marshal(decoded{Message: f.Message}); err == nil {
			fmt.Fprintf(s.err, "telecare: heard meanwhile, and nobody was called: %s\n", said)
		}
	})
	if err != nil {
		return err
	}
	defer closePort()
	done, err := do(slots)
	for _, x := range done {
		fmt.Fprintf(s.out, "slot %2d  %s\n", x.Number, x.Address)
	}
	return err
}

func (c slotsListCommand) Run(s streams) error {
	return c.with(s, (*serial.Slots).List)
}

func (c slotsLearnCommand) Run(s streams) error {
	return c.with(s, func(slots *serial.Slots) ([]serial.Slot, error) { return slots.Learn(c.Address) })
}

func (c slotsEraseCommand) Run(s streams) error {
	if c.All == (c.Address != "") {
		return errors.New("say which device to forget, or --all")
	}
	return c.with(s, func(slots *serial.Slots) ([]serial.Slot, error) {
		if c.All {
			return nil, slots.EraseAll()
		}
		return slots.Erase(c.Address)
	})
}

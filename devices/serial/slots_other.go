//go:build !linux

package serial

// OpenSlots is for Linux, as serial lines are.
func OpenSlots(string, func(Decoded)) (*Slots, func(), error) { return nil, nil, errNotHere }

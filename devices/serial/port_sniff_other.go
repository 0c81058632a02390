//go:build !linux

package serial

import "context"

// Sniff is for Linux, as serial lines are.
func Sniff(context.Context, string, int, []byte, func([]byte)) error { return errNotHere }

func sniff(context.Context, string, string, int, []byte, func([]byte)) error { return errNotHere }

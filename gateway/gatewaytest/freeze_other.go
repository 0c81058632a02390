//go:build !unix

package gatewaytest

import (
	"errors"
	"os"
)

var errFreeze = errors.New("a process cannot be frozen on this system")

func freeze(*os.Process) error { return errFreeze }
func thaw(*os.Process) error   { return errFreeze }

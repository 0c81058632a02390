//go:build !linux

package gatewaytest

import (
	"errors"
	"io"
)

func listenDeaf(string) (io.Closer, error) { return nil, errors.ErrUnsupported }

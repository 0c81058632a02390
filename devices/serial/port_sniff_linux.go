package serial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Sniff opens the port as a Line would, alone, and calls each for all that
// comes, and with nothing whenever the line is silent, until ctx ends or the
// port is gone. ask is sent first. It answers nothing: what a receiver of alarms
// says meanwhile, it says again.
func Sniff(ctx context.Context, port string, baud int, ask []byte, each func([]byte)) error {
	return sniff(ctx, port, byID, baud, ask, each)
}

func sniff(ctx context.Context, port, byID string, baud int, ask []byte, each func([]byte)) error {
	const wait = 200 * time.Millisecond
	p, err := openPort(port, byID, baud, wait)
	if err != nil {
		return err
	}
	defer p.close()
	p.write(ask)
	buf := make([]byte, 1024)
	for early := 0; ctx.Err() == nil; {
		began := time.Now()
		n, err := p.read(buf)
		each(buf[:n])
		switch {
		case err == nil, errors.Is(err, io.EOF) && time.Since(began) >= wait/2:
			early = 0
		case errors.Is(err, io.EOF) && early < 2:
			early++
		default:
			return fmt.Errorf("port %q is gone: %w", p.device, err)
		}
		if err != nil {
			if err := p.gone(); err != nil {
				return err
			}
		}
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/devices/serial"
)

// TestSerialFormatsAreKnown: what a line may speak can be configured, and its
// devices registered. Neither package knows the drivers, so the lists are three.
func TestSerialFormatsAreKnown(t *testing.T) {
	for _, file := range []string{"registry/check.go", "config/sources.go"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "gateway", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range serial.Formats() {
			if !strings.Contains(string(b), fmt.Sprintf("%q", f)) {
				t.Errorf("gateway/%s does not know serial format %q", file, f)
			}
		}
	}
}

// far is the far end of a serial line.
func far(t *testing.T) (end *devicetest.Wire, port string) {
	t.Helper()
	end, err := devicetest.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end.Close() })
	return end, end.Port
}

// safeBuffer may be looked at while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safeBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func TestSerialSniff(t *testing.T) {
	end, port := far(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, errs safeBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, []string{"serial", "sniff", port, "--format", "surgard"}, streams{out: &out, err: &errs})
	}()
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(errs.String(), "9600 baud") {
		if time.Now().After(deadline) {
			t.Fatalf("it does not listen: %s", errs.String())
		}
		<-time.After(time.Millisecond)
	}
	// Said until it is heard: the port is opened after that.
	want := `{"device":"1234/012","events":[{"kind":"panic"}]}`
	for !strings.Contains(out.String(), want) {
		if time.Now().After(deadline) {
			t.Fatalf("not seen:\n%s", out.String())
		}
		if _, err := end.WriteString("5011 181234E10100012\x14"); err != nil {
			t.Fatal(err)
		}
		<-time.After(50 * time.Millisecond)
	}
	for _, s := range []string{"35 30 31 31 20 31 38 31", "5011 181234E1010"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("no %q in\n%s", s, out.String())
		}
	}
	// A second one is refused while the first has the port.
	var second bytes.Buffer
	if code := Main(t.Context(), []string{"serial", "sniff", port, "--baud", "9600"}, streams{out: &second, err: &second}); code != 1 || !strings.Contains(second.String(), "in use") {
		t.Errorf("status %d: %s", code, second.String())
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("status %d: %s", code, errs.String())
	}
}

// Each format is found by itself, where the far end answers what it is asked, or
// speaks by itself.
func TestSerialGuess(t *testing.T) {
	for _, x := range []struct{ format, asked, says string }{
		{"easywave", "ID?\r\n", "ID,155A,1006,01\r"},
		{"rflink", "10;PING;", "20;99;PONG;\r\n"},
		{"surgard", "", "1011           @    \x14"},
		{"mysensors-serial", "0;255;3;0;2;", "0;255;3;0;2;2.3.2\n"},
	} {
		t.Run(x.format, func(t *testing.T) {
			t.Parallel()
			end, port := far(t)
			go func() {
				var heard []byte
				b := make([]byte, 256)
				for {
					if x.asked == "" {
						<-time.After(50 * time.Millisecond)
					} else if n, err := end.Read(b); err != nil {
						return
					} else if heard = append(heard, b[:n]...); !bytes.Contains(heard, []byte(x.asked)) {
						continue
					}
					heard = nil
					if _, err := end.WriteString(x.says); err != nil {
						return
					}
				}
			}()
			var out, errs bytes.Buffer
			if code := Main(t.Context(), []string{"serial", "sniff", port, "--guess", "--for", "3s"}, streams{out: &out, err: &errs}); code != 0 {
				t.Fatalf("status %d: %s", code, errs.String())
			}
			lines := strings.Split(out.String(), "\n")
			if len(lines) < 2 || !strings.HasPrefix(lines[1], x.format) {
				t.Errorf("guessed\n%s", out.String())
			}
		})
	}
}

func TestSerialList(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main(t.Context(), []string{"serial"}, streams{out: &out, err: &errs}); code != 0 || out.Len() == 0 {
		t.Errorf("status %d: %s%s", code, out.String(), errs.String())
	}
	for _, args := range [][]string{
		{"serial", "sniff", "/dev/null", "--baud", "9600"},
		{"serial", "sniff", "/dev/ttyNONE"},
		{"serial", "sniff", "/dev/null", "--format", "morse"},
	} {
		errs.Reset()
		if code := Main(t.Context(), args, streams{out: &out, err: &errs}); code != 1 || !slices.ContainsFunc([]string{"is not a serial port", "at what speed", "not known"}, func(s string) bool { return strings.Contains(errs.String(), s) }) {
			t.Errorf("%q: status %d: %s", args, code, errs.String())
		}
	}
}

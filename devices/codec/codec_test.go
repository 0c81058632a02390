package codec

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test's own program is the second process, too, and what a codec is
// measured against: one that says what it is told.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "echo" {
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "codec" {
		if err := Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func newRunner(t testing.TB) *Runner {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(exe, "codec", "codec")
	t.Cleanup(r.Close)
	return r
}

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Codecs as makers write them, in all their styles.
func TestStyles(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 10, 0, 0, time.UTC)
	r := newRunner(t)
	for _, c := range []struct{ name, source, want string }{
		{"decodeUplink", `function decodeUplink(input) { return {data: {n: input.bytes[1], port: input.fPort}}; }`, `{"n":117,"port":85}`},
		{"its time", `function decodeUplink(i) { return {data: {t: i.recvTime.toISOString(), now: Date.now() === i.recvTime.getTime()}} }`, `{"t":"2026-03-01T02:10:00.000Z","now":true}`},
		{"variables", `function decodeUplink(i) { return {data: {v: i.variables.offset || 0}} }`, `{"v":0}`},
		{"without data", `function decodeUplink(input) { return {n: input.bytes.length}; }`, `{"n":6}`},
		{"a field called data", `function decodeUplink(i) { return {data: {a: 1}, other: 2} }`, `{"data":{"a":1},"other":2}`},
		{"arrow", `const decodeUplink = ({bytes, fPort}) => ({data: {n: bytes?.[0] ?? 7, all: [...bytes].length}});`, `{"n":1,"all":6}`},
		{"Decode", `function Decode(fPort, bytes, variables) { return {n: bytes[0], port: fPort, v: typeof variables}; }`, `{"n":1,"port":85,"v":"object"}`},
		{"Decoder", `function Decoder(bytes, port) { var o = {}; o.n = bytes.slice(0, 2).length; o.port = port; return o; }`, `{"n":2,"port":85}`},
		{"all three", `function Decoder(b, p) { return {w: 2} } function Decode(p, b) { return {w: 3} } function decodeUplink(i) { return {data: {w: 4}} }`, `{"w":4}`},
		{"exports", `"use strict"; module.exports = { decodeUplink: function (i) { return {data: {n: 1}} } };`, `{"n":1}`},
		{"exports as a tail", `function decodeUplink(i) { return {data: {n: 1}} } if (typeof module !== "undefined") { module.exports.decodeUplink = decodeUplink; exports.x = 1 }`, `{"n":1}`},
		{"declares what is there", `let console = {log() {}}; const module = 5; function Decoder() { console.log(1); return {n: module} }`, `{"n":5}`},
		{"sloppy variables", `function Decoder(bytes) { lon = bytes[0]; return {lon: lon} }`, `{"lon":1}`},
		{"talks", `function decodeUplink(i) { console.log(i); console.error("x"); return {data: {}, warnings: ["w"]} }`, `{}`},
		{"no errors", `function decodeUplink(i) { return {data: {n: 1}, errors: []} }`, `{"n":1}`},
		{"not a number", `function Decoder(b) { return {a: NaN, b: 1/0, c: undefined, d: 12n, e: new Date(0)} }`, `{"a":null,"b":null,"d":12,"e":"1970-01-01T00:00:00.000Z"}`},
		{"typed arrays", `function Decoder(b) { return {n: new DataView(Uint8Array.from(b).buffer).getUint16(0)} }`, `{"n":373}`},
		{"buffer", `const {Buffer: B} = require("buffer"); function Decoder(bytes) { const b = B.from(bytes); return {
			h: b.toString("hex"), u: b.readUInt16BE(0), l: b.readUint16LE(0), i: b.readInt8(5), s: b.slice(1, 3).toString("hex"),
			f: Buffer.from("0000803f", "hex").readFloatLE(0), t: Buffer.from("zażółć").toString(), b: Buffer.from("AXVc", "base64").toString("base64"), is: Buffer.isBuffer(b)} }`,
			`{"h":"01755cff2e83","u":373,"l":29953,"i":-125,"s":"755c","f":1,"t":"zażółć","b":"AXVc","is":true}`},
		{"mark", "\ufefffunction Decoder() { return {n: 1} }", `{"n":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Decode(Codec{Name: c.name, Source: c.source}, Input{Port: 85, Bytes: bytesOf(t, "01755cff2e83"), At: at})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	r := newRunner(t)
	useless := []string{"throws at once", "asks for files", "no function", "nothing", "not JavaScript", "a module"}
	for _, c := range []struct{ name, source, want string }{
		{"says so", `function decodeUplink(i) { return {errors: ["unknown FPort", "x"]} }`, `codec "says so": unknown FPort; x`},
		{"says so in a word", `function decodeUplink(i) { return {errors: "unknown"} }`, "unknown"},
		{"throws", `function decodeUplink(i) { throw new Error("too short") }`, "too short"},
		{"throws anything", `function decodeUplink(i) { throw 7 }`, "7"},
		{"throws at once", `throw new TypeError("x"); function decodeUplink(i) {}`, "TypeError: x"},
		{"no function", `var x = 1;`, "no decodeUplink, Decode or Decoder"},
		{"nothing", ``, "no decodeUplink"},
		{"returns nothing", `function Decoder() {}`, "returned no object"},
		{"returns null", `function Decoder() { return null }`, "returned no object"},
		{"not JavaScript", `function (`, "SyntaxError"},
		{"a module", `export function decodeUplink(i) { return {data: {}} }`, "modules"},
		{"a circle", `function Decoder() { var a = {}; a.a = a; return a }`, "circular"},
		{"asks for files", `const fs = require("fs"); function Decoder() { return {} }`, "require(fs)"},
		{"long words", `function Decoder() { throw new Error("x".repeat(100000)) }`, "xxx…"},
		{"huge object", `function Decoder() { return {a: "x".repeat(100000)} }`, "may have"},
		{"huge file", strings.Repeat(" ", maxSource+1), "may have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Decode(Codec{Name: c.name, Source: c.source}, Input{Port: 1, Bytes: []byte{1}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%s, error %v, want one with %q", got, err, c.want)
			}
			if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			if got := errors.Is(err, ErrUseless); got != slices.Contains(useless, c.name) {
				t.Errorf("is it of no use at all: %v", got)
			}
		})
	}
	if _, err := r.Decode(Codec{Name: "x", Source: ""}, Input{Bytes: make([]byte, maxInput+1)}); err == nil {
		t.Error("an uplink without end was taken")
	}
}

// Whatever a codec does, it ends, and the next frame of another one is decoded.
func TestLimits(t *testing.T) {
	good := Codec{Name: "good", Source: `function decodeUplink(i) { return {data: {n: i.bytes.length}} }`}
	for _, c := range []struct{ name, body string }{
		{"endless", `while (true) {}`},
		{"deep", `function f() { return f() + 1 } return {n: f()}`},
		{"deep through the engine", `function f() { return [1].map(f) } return {n: f()}`},
		{"doubling", `var s = "x"; while (true) s += s;`},
		{"an array that grows", `var a = []; while (true) a.push([1, 2, 3]);`},
		{"filled", `return {n: new Array(1e9).fill(0).length}`},
		{"repeated", `return {n: "x".repeat(5e8).length}`},
		{"backtracking", `return {n: /^(?=(a+)+$)(a+)+$/.test("a".repeat(64) + "!")}`},
		{"an endless built-in", `return {n: Array.prototype.indexOf.call({length: Math.pow(2, 53) - 1}, 1)}`},
		{"at the start", `return {}; } while (true) {} function x() {`},
		{"a catcher", `for (;;) { try { for (;;) {} } catch (e) {} finally { continue } }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			if _, err := r.Decode(good, Input{Bytes: []byte{1, 2}}); err != nil {
				t.Fatal(err)
			}
			bad := Codec{Name: "bad", Source: "function Decoder(bytes, port) {" + c.body + "}"}
			began := time.Now()
			got, err := r.Decode(bad, Input{Bytes: []byte{1}})
			took := time.Since(began)
			if err == nil {
				t.Fatalf("got %.100s", got)
			}
			t.Logf("%v after %v", err, took)
			if took > killTime+10*time.Second { // it is killed; the rest is a loaded machine
				t.Errorf("took %v", took)
			}
			if errors.Is(err, ErrLimit) {
				if _, err := r.Decode(bad, Input{Bytes: []byte{1}}); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "left alone") {
					t.Errorf("it was asked again: %v", err)
				}
				mended := Codec{Name: bad.Name, Source: good.Source}
				if got, err := r.Decode(mended, Input{Bytes: []byte{1, 2}}); err != nil || string(got) != `{"n":2}` {
					t.Errorf("the file was mended: %s, %v", got, err)
				}
			}
			if got, err := r.Decode(good, Input{Bytes: []byte{1, 2}}); err != nil || string(got) != `{"n":2}` {
				t.Errorf("the next frame: %s, %v", got, err)
			}
		})
	}
}

// A codec cannot leave anything for the next frame.
func TestFramesAreAlone(t *testing.T) {
	r := newRunner(t)
	c := Codec{Name: "c", Source: `var n = 0; Object.prototype.left = 1; function Decoder(b) { n++; var o = {n: n, seen: Array.prototype.mark}; Array.prototype.mark = 1; delete Object.prototype.left; return o }`}
	for range 3 {
		got, err := r.Decode(c, Input{Bytes: []byte{1}})
		if err != nil || string(got) != `{"n":1}` {
			t.Fatalf("%s, %v", got, err)
		}
	}
	c.Source = `function Decoder(b) { return {x: Math.random() === Math.random()} }` // the file was changed
	if got, err := r.Decode(c, Input{Bytes: []byte{1}}); err != nil || string(got) != `{"x":false}` {
		t.Fatalf("%s, %v", got, err)
	}
}

// A worker that was killed from outside costs one frame at most.
func TestWorkerIsKilled(t *testing.T) {
	r := newRunner(t)
	c := Codec{Name: "c", Source: `function Decoder(b) { return {n: 1} }`}
	if _, err := r.Decode(c, Input{}); err != nil {
		t.Fatal(err)
	}
	if err := r.worker.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other := c
	other.Name = "d"
	_, _ = r.Decode(c, Input{})
	if _, err := r.Decode(other, Input{}); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := r.Decode(c, Input{}); err == nil {
		t.Fatal("a closed runner decodes")
	}
	if _, err := NewRunner("/nowhere/telecare", "telecare").Decode(c, Input{}); !errors.Is(err, ErrUseless) || !strings.Contains(err.Error(), "start the codecs' process") {
		t.Fatalf("error %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	r := newRunner(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			c := Codec{Name: string(rune('a' + i)), Source: `function Decoder(b) { return {n: b[0]} }`}
			for range 20 {
				if got, err := r.Decode(c, Input{Bytes: []byte{7}}); err != nil || string(got) != `{"n":7}` {
					t.Errorf("%s, %v", got, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// FuzzCodec gives a codec of every habit any bytes: it answers or says why not.
func FuzzCodec(f *testing.F) {
	source := `function decodeUplink(input) { var o = {}, b = input.bytes;
		for (var i = 0; i < b.length;) { var c = b[i++], t = b[i++];
			if (c === 1) { o.battery = b[i++]; } else if (c === 2) { o.t = (b[i] | b[i+1] << 8) / 10; i += 2; }
			else if (c === 3) { o[String.fromCharCode(t)] = b.slice(i, i + 4); i += 4; } else if (c === 4) { return {errors: ["x" + c]} } else if (c === 5) { throw b; } else break; }
		return {data: o}; }`
	e := newEngine()
	e.compile("c", source)
	f.Add(85, []byte{1, 0x75, 100, 2, 0, 1, 1})
	f.Add(0, []byte{})
	f.Fuzz(func(t *testing.T, port int, b []byte) {
		if len(b) > maxInput {
			return
		}
		if object, err := e.run("c", Input{Port: port, Bytes: b}, func(func(error)) {}); err == nil && !strings.HasPrefix(string(object), "{") {
			t.Fatalf("%q", object)
		}
	})
}

// BenchmarkFrame is a frame through a codec that is loaded.
func BenchmarkFrame(b *testing.B) {
	r := newRunner(b)
	c := Codec{Name: "c", Source: `function decodeUplink(input) { var o = {}, b = input.bytes;
		for (var i = 0; i < b.length;) { var c = b[i++], t = b[i++];
			if (c === 1 && t === 0x75) { o.battery = b[i]; i += 1; } else if (c === 0xff && t === 0x2e) { o.button_event = {status: ["", "short press", "long press", "double press"][b[i]]}; i += 1; } else break; }
		return {data: o}; }`}
	in := Input{Port: 85, Bytes: bytesOf(b, "01755cff2e03"), At: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Decode(c, in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFloor is what any second process costs: a line to it and back.
func BenchmarkFloor(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe, "echo")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	line, lines := []byte(`{"name":"c","port":85,"bytes":"AXVc/y4D","at":"2026-03-01T02:10:00Z"}`+"\n"), bufio.NewReader(out)
	for b.Loop() {
		if _, err := in.Write(line); err != nil {
			b.Fatal(err)
		}
		if _, err := lines.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
}

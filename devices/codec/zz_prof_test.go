package codec
import "testing"
func BenchmarkEngine(b *testing.B) {
	e := newEngine()
	e.compile("c", `function decodeUplink(input) { var o = {}, b = input.bytes;
		for (var i = 0; i < b.length;) { var c = b[i++], t = b[i++];
			if (c === 1 && t === 0x75) { o.battery = b[i]; i += 1; } else if (c === 0xff && t === 0x2e) { o.button_event = {status: ["", "short press", "long press", "double press"][b[i]]}; i += 1; } else break; }
		return {data: o}; }`)
	in := Input{Port: 85, Bytes: bytesOf(b, "01755cff2e03")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.run("c", in, func(func(error)) {}); err != nil { b.Fatal(err) }
	}
}

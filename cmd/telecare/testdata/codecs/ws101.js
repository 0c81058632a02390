// What a Milesight WS101 sends, in the words of its maker's codec: pairs of a
// channel and a type, each with its value.
function decodeUplink(input) {
  var kinds = { 1: "short press", 2: "long press", 3: "double press" };
  var data = {};
  for (var i = 0; i + 2 < input.bytes.length; i += 3) {
    var what = input.bytes[i] << 8 | input.bytes[i + 1];
    if (what === 0x0175) data.battery = input.bytes[i + 2];
    else if (what === 0xff2e) data.button_event = { status: kinds[input.bytes[i + 2]] || "unknown", msgid: Math.random() };
    else break;
  }
  return { data: data };
}

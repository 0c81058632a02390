// What a Netvox R312A sends, in the words of its maker's codec: the low battery is
// told by turning the voltage into a text.
function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort !== 6) return { errors: ["unknown FPort"] };
  if (b[2] === 0) return { data: { Device: "R312A", SWver: b[3] / 10 } };
  var volt = (b[3] & 0x7f) / 10;
  return { data: { Device: "R312A", Volt: b[3] & 0x80 ? volt + "(low battery)" : volt, Alarm: b[4] } };
}

// What a Milesight VS373 sends of falls, in the words of its maker's codec and in
// the style of ChirpStack v3.
function Decode(fPort, bytes) {
  var out = {};
  for (var i = 0; i < bytes.length;) {
    var what = bytes[i] << 8 | bytes[i + 1];
    i += 2;
    if (what === 0x03f8) {
      out.detection_status = ["normal", "vacant", "in_bed", "out_of_bed", "fall"][bytes[i]];
      out.target_status = ["normal", "motionless", "abnormal"][bytes[i + 1]];
      i += 6;
    } else if (what === 0x06fb) {
      (out.events = out.events || []).push({
        alarm_id: bytes[i] | bytes[i + 1] << 8,
        alarm_type: ["fall", "motionless", "dwell", "out_of_bed"][bytes[i + 2]],
        alarm_status: [, "alarm_triggered", "alarm_deactivated", "alarm_ignored"][bytes[i + 3]],
      });
      i += 5;
    } else break;
  }
  return out;
}

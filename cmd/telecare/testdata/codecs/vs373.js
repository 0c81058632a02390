// What a Milesight VS373 sends of falls, in the words of its maker's newest codec,
// which has an alarm of each kind with all of a frame in it, and in the style of
// ChirpStack v3.
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
      var kind = ["fall_alarm", "human_in_place", "dwell_alarm", "out_of_bed_alarm"][bytes[i + 2]];
      var all = out[kind] = out[kind] || { alarm_id: [], alarm_status: [] };
      all.alarm_id = [].concat(all.alarm_id, bytes[i] | bytes[i + 1] << 8).join(", ");
      all.alarm_status = [].concat(all.alarm_status, bytes[i + 3]).join(", ");
      i += 5;
    } else break;
  }
  return out;
}

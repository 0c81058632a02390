package mqtt

// Bare gives a topic for a frame that was written down without one, where the
// frame says by itself whose it is; "" where it does not. It is for people who
// look at frames: what comes over MQTT has a topic.
func Bare(format string, payload []byte) string {
	switch format {
	case FormatRTL433: // rtl_433 -F json
		return rtlBase + "events"
	case FormatTheengs:
		return "home/gateway/BTtoMQTT"
	case FormatMilesight:
		return milesightBase + "report"
	case FormatShelly:
		if payload = trim(payload); checkObject(payload) != nil {
			return ""
		}
		if src, ok := member(value(payload), "src").text(); ok && checkName(src) == nil {
			return src + "/events/rpc"
		}
	}
	return ""
}

package words

import "telecare/alerting"

// HowToAnswer says, in a line, how a call is answered by text message; "" where
// there is nothing to take.
func HowToAnswer(c alerting.Call) string {
	w := In(Lang(c.Lang))
	if c.News != nil {
		return ""
	}
	if w.say(c).open != w.call.Open {
		return ""
	}
	return "1 = " + w.call.Take + ", 2 = " + w.call.Decline
}

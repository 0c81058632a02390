package alerting

import "strings"

// Answers are the addresses that take an alarm and decline it when they are
// posted to, for buttons under a message; false where there is nothing to
// answer. The link is the page's: scheme://host/a/token.
func (c Call) Answers() (take, decline string, ok bool) {
	host, token, ok := strings.Cut(c.Link, "/a/")
	if !ok || c.Reason == Stopped {
		return "", "", false
	}
	at := host + "/api/v1/links/" + token
	return at + "/take", at + "/decline", true
}

package modem

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"

	"telecare/alerting"
	"telecare/alerting/words"
)

// Channel is a way to reach people by a modem: by text message, or by ringing.
type Channel struct {
	modem *Modem
	name  alerting.ChannelID
	rings int  // 0: by text message
	full  bool // with all letters
}

// Texts reaches people by text message. full writes all letters of a language,
// in messages that are then less than half as long; else those that have a sign
// are written without.
func (m *Modem) Texts(name alerting.ChannelID, full bool) *Channel {
	return &Channel{modem: m, name: name, full: full}
}

// Rings rings people's telephones, so often at most.
func (m *Modem) Rings(name alerting.ChannelID, times int) *Channel {
	return &Channel{modem: m, name: name, rings: times}
}

// Notify sends a text that says a call, or rings. It returns when the network
// has the text, when the telephone has rung often enough or was answered, when
// that failed, or when ctx has ended; then the telephone stops ringing. retry is
// false only where there is no number. A telephone is not rung to say that
// nobody need come, nor for news.
func (c *Channel) Notify(ctx context.Context, call alerting.Call) (retry bool, err error) {
	to, err := Number(call.Address)
	if err != nil {
		return false, c.modem.because(NoAddress, nil)
	}
	if c.rings > 0 && (call.Reason == alerting.Stopped || call.News != nil) {
		return false, nil
	}
	j := &job{ctx: ctx, what: string(call.ID) + " " + to, call: call, to: to, rings: c.rings}
	if c.rings == 0 {
		j.text, j.ref = c.text(call), reference(call.ID)
		j.receipt = Receipt{Channel: c.name, Alarm: call.Alarm, Notification: call.ID}
	}
	if err := c.modem.do(j); err != nil {
		e := c.modem.failed(err)
		return e.word != TooLong, e
	}
	return false, nil
}

// Test looks whether people can be reached, and calls nobody.
func (c *Channel) Test(ctx context.Context) error {
	return c.modem.do(&job{ctx: ctx, what: "test", look: true})
}

// TestContact says whether an address can be one of this channel. Of a number
// that can be nothing more is known, which is no good news.
func (c *Channel) TestContact(_ context.Context, address string) (retry bool, err error) {
	if _, err := Number(address); err != nil {
		return false, c.modem.because(NoAddress, nil)
	}
	return true, nil
}

// text is what a message says.
func (c *Channel) text(call alerting.Call) string {
	said := words.Call(call)
	if c.full {
		return said.Letters
	}
	return said.Answered
}

// reference is the same each time that a message is sent: a phone that has some
// of its parts already puts them together with the others.
func reference(id alerting.NotificationID) uint16 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return uint16(h.Sum32())
}

// Number reads a telephone number as people write it: international, with
// blanks and hyphens. [ITU-T E.164 6.2]
func Number(s string) (string, error) {
	n := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "/", "", "\u00a0", "").Replace(s)
	digits, international := strings.CutPrefix(n, "+")
	if !international || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "", errors.New("no telephone number with its country, such as +48 600 100 200")
	}
	return n, nil
}

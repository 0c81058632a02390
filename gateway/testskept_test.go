package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
)

// What tests and calls have shown is known after a restart, with its time, of
// the same addresses; all is tested anew soon, and one more failure is the
// second in a row.
func TestTestsOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		kept := &memory{}
		n.lives = kept
		n.startTested(mail, nil)
		time.Sleep(testSpread + 10*time.Second)
		n.presses("pendant 7")
		synctest.Wait()
		before := n.channel("mail")
		n.expect("well", before.Result, TestedWell)
		n.stop()
		kept.mu.Lock()
		if s := string(kept.b); !strings.Contains(s, `"mail"`) || strings.Contains(s, "example") {
			t.Errorf("kept: %s, want no address in it", s)
		}
		kept.mu.Unlock()

		time.Sleep(time.Hour)
		mail.set(func() { mail.tried, mail.down = nil, nil })
		n.startTested(mail, nil)
		synctest.Wait()
		after := n.channel("mail")
		n.expect("as before", after.Result == TestedWell && after.TestedAt.Equal(before.TestedAt), true)
		n.expect("and its contact", after.Contacts[0].Result == TestedWell && after.Contacts[0].At.Equal(before.Contacts[0].At), true)
		n.expect("and the call", !before.CalledAt.IsZero() && after.CalledAt.Equal(before.CalledAt), true)
		n.expect("what cannot be tested", n.channel("phone").Result, Untestable)
		time.Sleep(testSpread + 2*time.Minute)
		synctest.Wait()
		mail.set(func() { n.expect("tested anew", mail.tried, "[marta@example.org]") })
		n.close()

		mail.set(func() { mail.down = worded("login") })
		time.Sleep(5 * time.Minute)
		n.g.TestChannel("mail")
		time.Sleep(time.Second)
		synctest.Wait()
		n.expect("failed", n.channel("mail").Error, "login")
		n.expect("once", n.board.fault("channel_down mail"), false)
		n.stop()
		n.site.Addresses = map[alerting.Person]map[alerting.ChannelID]string{"marta": {"mail": "m@example.org"}}
		n.startTested(mail, nil)
		synctest.Wait()
		n.expect("failed still", n.channel("mail").Error, "login")
		n.expect("another address", n.channel("mail").Contacts[0].Result, Untested)
		time.Sleep(testSpread + 31*time.Second)
		synctest.Wait()
		n.expect("twice", n.board.fault("channel_down mail"), true)
		n.stop()
	})
}

// What is kept of tests cannot be read: it is as if there were none.
func TestTestsOnABadDisk(t *testing.T) {
	for name, text := range map[string]string{
		"damaged": `{"mail":{"result":"we`, "of another kind": `[1]`, "of a later time": `{"mail":{"result":"well","tested_at":"2999-01-01T00:00:00Z"}}`,
		"no result": `{"mail":{"result":"fine","tested_at":"1999-01-01T00:00:00Z"},"fax":{}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			n, mail := mailed(t)
			kept := &memory{b: []byte(text)}
			n.lives = kept
			n.startTested(mail, nil)
			synctest.Wait()
			n.expect(name, n.channel("mail").Result, Untested)
			time.Sleep(testSpread + 10*time.Second)
			synctest.Wait()
			n.expect(name+", then", n.channel("mail").Result, TestedWell)
			n.stop()
			kept.mu.Lock()
			n.expect(name+", and kept", strings.Contains(string(kept.b), `"well"`), true)
			kept.mu.Unlock()
		})
	}
}

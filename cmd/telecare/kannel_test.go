package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestKannel is a call by text through the real Kannel to its simulated message
// centre, its delivery report, and the answer of a telephone.
func TestKannel(t *testing.T) {
	accept(t)
	bearerbox, smsbox, fakesmsc := tool(t, "bearerbox"), tool(t, "smsbox"), tool(t, "/usr/lib/kannel/test/fakesmsc")
	port := func() string {
		_, p, err := net.SplitHostPort(gatewaytest.FreePort(t))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	own, send, smsc, boxes, admin := gatewaytest.FreePort(t), port(), port(), port(), port()
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels:
  - {name: sms, type: kannel, url: "http://127.0.0.1:%s/cgi-bin/sendsms", username: telecare, password: hush, from: "48700", reports: {url: "http://PAGE"}, token: %s}
`, own, send, hookToken), strings.ReplaceAll(textsReg, ", {channel: push, address: marta-x7, after: 3m}", ""))
	file := filepath.Join(h.dir, "telecare.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h.write("telecare.yaml", strings.Replace(string(b), "http://PAGE", "http://"+h.page, 1))
	h.write("kannel.conf", fmt.Sprintf(`group = core
admin-port = %s
admin-interface = 127.0.0.1
admin-password = hush
smsbox-port = %s
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = one
port = %s
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %s
sendsms-interface = 127.0.0.1

group = sendsms-user
username = telecare
password = hush

group = sms-service
keyword = default
get-url = "http://%s/hooks/sms/%s/text?from=%%p&text=%%a"
omit-empty = true
max-messages = 1
`, admin, boxes, smsc, send, h.page, hookToken))
	run := func(out *logged, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = h.dir, out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
			if t.Failed() {
				t.Logf("%s ends:\n%s", filepath.Base(name), out.tail())
			}
		})
	}
	open := func(port string) func() bool {
		return func() bool {
			c, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				c.Close()
			}
			return err == nil
		}
	}
	run(&logged{}, bearerbox, "-v", "2", "kannel.conf")
	h.eventually("bearerbox listens", 20*time.Second, open(boxes))
	run(&logged{}, smsbox, "-v", "2", "kannel.conf")
	h.eventually("smsbox listens", 20*time.Second, open(send))

	h.start()
	if out, _ := h.try("check", "--online"); !strings.Contains(out, `sms "sms" takes calls`) {
		t.Errorf("check says\n%s", out)
	}
	// A telephone: it is told, and says 1 again and again.
	phone := &logged{}
	run(phone, fakesmsc, "-H", "127.0.0.1", "-r", smsc, "-i", "2", "-m", "30", "+48600100200 48700 text 1")
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	h.eventually("the telephone is told", 30*time.Second, func() bool { return phone.has("Room+7") || phone.has("Room 7") })
	h.eventually("she has it", 30*time.Second, func() bool { return strings.Contains(h.command("alarms"), "acknowledged") })
	h.eventually("the telephone is answered", 30*time.Second, func() bool { return phone.has("You have it") || phone.has("You+have+it") })
	h.eventually("it was reported", 30*time.Second, func() bool {
		return h.metrics()[`telecare_notifications_arrived_total{channel="sms"}`] >= 1
	})
	h.stop()
}

// logged keeps what a process says.
type logged struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *logged) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.out.Bytes(), []byte(s))
}

func (l *logged) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.out.Bytes()
	return string(b[max(0, len(b)-3000):])
}

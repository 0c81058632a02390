package email_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/email"
	"telecare/gateway/gatewaytest"
)

// TestPeersPostfix writes to mailboxes by a Postfix that demands STARTTLS: a
// nurse gets her mail, one whose mailbox is busy gets hers when it is not, one
// who is gone is not tried again, and while the server is down nothing is said
// to be accepted. In the end each has each mail once.
func TestPeersPostfix(t *testing.T) {
	if os.Getenv("TELECARE_ACCEPT") != "1" {
		t.Skip("a long proof: `make accept` runs it, or TELECARE_ACCEPT=1")
	}
	p := newPostfix(t)
	p.answers(map[string]string{"ola@example.org": "451 4.7.1 come back later", "gone@example.org": "550 5.1.1 no such person"})
	stop := p.start()
	ch := newEmail(t, p.config)
	told := func(number int, who, word string, retries bool) {
		t.Helper()
		c := call(alerting.NotificationID(fmt.Sprintf("a-4k7m.%d", number)), alerting.Calling)
		c.Address = who + "@example.org"
		retry, err := ch.Notify(t.Context(), c)
		if word == "" && (err != nil || retry) {
			t.Fatalf("%s is not told: %v", who, err)
		}
		if word != "" {
			wantWord(t, err, word)
			if retry != retries {
				t.Errorf("%s: tried again is %v", word, retry)
			}
		}
	}
	told(1, "marta", "", false)
	told(2, "ola", "status 451", true)
	told(3, "gone", "status 550", false)
	if _, err := ch.TestContact(t.Context(), "gone@example.org"); err == nil {
		t.Error("a contact who is gone passes her test")
	}
	stranger := p.config
	stranger.TLS = nil
	if _, err := newEmail(t, stranger).Notify(t.Context(), call("a-4k7m.9", alerting.Calling)); err == nil {
		t.Error("a server whose certificate nobody knows is trusted")
	}

	stop()
	told(4, "marta", "refused", true)
	p.answers(nil)
	p.start()
	told(4, "marta", "", false)
	told(2, "ola", "", false)
	if err := ch.Test(t.Context()); err != nil {
		t.Error(err)
	}

	want := map[string][]string{"marta": slices.Sorted(slices.Values([]string{own("a-4k7m.1"), own("a-4k7m.4")})), "ola": {own("a-4k7m.2")}, "gone": nil}
	deadline := time.Now().Add(30 * time.Second)
	for who, ids := range want {
		for ; !slices.Equal(p.mailbox(who), ids); <-time.After(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s has %q, want %q\n%s", who, p.mailbox(who), ids, p.log())
			}
		}
	}
}

// postfix is one of Debian's, with a folder of its own and on loopback alone.
type postfix struct {
	t      *testing.T
	dir    string
	config email.Config
}

func newPostfix(t *testing.T) *postfix {
	t.Helper()
	if _, err := exec.LookPath("postfix"); err != nil || os.Getuid() != 0 {
		t.Skip("postfix is not installed, or this is not root: .ci/peers-accept installs it")
	}
	dir, err := os.MkdirTemp("", "postfix")
	if err != nil {
		t.Fatal(err)
	}
	p := &postfix{t: t, dir: dir}
	t.Cleanup(func() { os.RemoveAll(dir) })
	account, err := osuser.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	for name, mine := range map[string]bool{"": false, "queue": false, "data": true, "mail": true} {
		sub := filepath.Join(dir, name)
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(sub, 0o755); err != nil { // its servers are other users
			t.Fatal(err)
		}
		if mine {
			if err := os.Chown(sub, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	key, err := x509.MarshalPKCS8PrivateKey(web.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	p.write("pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))+
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})))
	trust := x509.NewCertPool()
	trust.AddCert(web.Certificate())

	address := gatewaytest.FreePort(t)
	p.write("master.cf", address+` inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`)
	p.write("main.cf", fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
myhostname = mail.example.org
inet_interfaces = loopback-only
inet_protocols = ipv4
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = inline:{ marta@example.org=marta/, ola@example.org=ola/, gone@example.org=gone/ }
virtual_minimum_uid = 1
virtual_uid_maps = static:%[2]d
virtual_gid_maps = static:%[3]d
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = %[1]s/pem
smtpd_recipient_restrictions = check_recipient_access texthash:%[1]s/answers, permit_mynetworks, reject
`, dir, uid, gid))
	host, port, _ := strings.Cut(address, ":")
	p.config = email.Config{Name: "post", Host: host, Security: email.STARTTLS, From: "telecare@example.org", Timeout: 20 * time.Second, TLS: &tls.Config{RootCAs: trust}}
	p.config.Port, _ = strconv.Atoi(port)
	return p
}

func (p *postfix) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// answers are those to a recipient, from the next start on.
func (p *postfix) answers(by map[string]string) {
	var b strings.Builder
	for who, says := range by {
		fmt.Fprintf(&b, "%s %s\n", who, says)
	}
	p.write("answers", b.String())
}

func (p *postfix) log() string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(b)
}

// start returns when it takes mail, and what ends it.
func (p *postfix) start() (stop func()) {
	p.t.Helper()
	does := func(what string) {
		p.t.Helper()
		if out, err := exec.Command("postfix", "-c", p.dir, what).CombinedOutput(); err != nil {
			p.t.Fatalf("postfix %s: %v\n%s%s", what, err, out, p.log())
		}
	}
	does("start")
	stop = sync.OnceFunc(func() { does("stop") }) // it returns when its servers are gone
	p.t.Cleanup(stop)
	ch := newEmail(p.t, p.config)
	for deadline := time.Now().Add(30 * time.Second); ch.Test(p.t.Context()) != nil; {
		<-time.After(20 * time.Millisecond)
		if time.Now().After(deadline) {
			p.t.Fatalf("postfix takes no mail: %v\n%s", ch.Test(p.t.Context()), p.log())
		}
	}
	return stop
}

// mailbox lists the mails that somebody has, by their ids.
func (p *postfix) mailbox(who string) (ids []string) {
	files, _ := filepath.Glob(filepath.Join(p.dir, "mail", who, "new", "*"))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			p.t.Fatal(err)
		}
		m, err := netmail.ReadMessage(strings.NewReader(string(b)))
		if err != nil {
			p.t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
	}
	slices.Sort(ids)
	return ids
}

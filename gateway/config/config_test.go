package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/bad/*.txt")

const (
	testHash   = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	testSecret = "0123456789abcdef0123456789abcdef"
)

var secrets = cmp.Comparer(func(a, b Secret) bool { return a.Reveal() == b.Reveal() })

func TestSample(t *testing.T) {
	b := Sample(testHash, testSecret, "data")
	got, err := Parse("/etc/telecare/telecare.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Site: "home",
		Data: "/etc/telecare/data",
		Page: Page{Listen: "127.0.0.1:8080", PublicURL: "http://127.0.0.1:8080",
			Accounts: []Account{{Name: "centre", PasswordHash: []byte(testHash), Person: "centre", Role: Centre}}},
		Sources:  []Source{{Name: "house", MQTT: &Broker{URL: "tcp://127.0.0.1:1883", ClientID: "telecare-home-house"}}},
		Channels: []Channel{{Name: "phones", Says: alerting.SaysPlace, Webhook: &Webhook{URL: NewSecret("http://127.0.0.1:9099/call"), Secret: NewSecret(testSecret), Timeout: 5 * time.Second}, TestEvery: 24 * time.Hour}},
	}
	if diff := cmp.Diff(want, got, secrets); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What the sample offers in comments must be accepted when somebody takes the
// hash sign away.
func TestSampleUncommented(t *testing.T) {
	var out []string
	for line := range strings.Lines(string(Sample(testHash, testSecret, "data"))) {
		trimmed := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(trimmed)]
		if rest, ok := strings.CutPrefix(trimmed, "# "); ok {
			key, _, _ := strings.Cut(strings.TrimLeft(rest, "- "), ":")
			if !strings.ContainsAny(key, " .`") && strings.Contains(rest, ":") {
				line = indent + rest
			}
		}
		out = append(out, line)
	}
	text := strings.Join(out, "")
	dir := t.TempDir()
	write(t, dir, "mqtt.password", "one\n")
	write(t, dir, "influx.token", "gw:two\n")
	write(t, dir, "ws101.js", "function decodeUplink(i) {}")
	write(t, dir, "milesight.js", "function decodeUplink(i) {}")
	write(t, dir, "mail.password", "four\n")
	write(t, dir, "kannel.password", "five\n")
	write(t, dir, "ntfy.token", "six\n")
	write(t, dir, "sim.pin", "1234\n")
	write(t, dir, "sms.secret", "seven\n")
	write(t, dir, "gotify.url", "gotify://gotify.example.org/TOKEN\n")
	write(t, dir, "alarms.password", "three\n")
	keyPair(t, dir)
	text = strings.Replace(text, "listen: 127.0.0.1:1883", "listen: 127.0.0.1:1884", 1)
	write(t, dir, "telecare.yaml", text)
	cfg, err := Load(filepath.Join(dir, "telecare.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if m := cfg.Sources[0].Mappings; len(m) != 3 || m[0].Values["sos"] != devices.Panic || m[1].Values["0"] != devices.BedExit ||
		m[1].Normal[0] != "1" || m[2].Quantity != devices.Battery || m[2].Unit != "%" {
		t.Errorf("mappings: %+v", m)
	}
	if c := cfg.Sources[0].Codecs; len(c) != 2 || c[0] != (Codec{Profile: "WS101*", File: filepath.Join(dir, "ws101.js"), Source: "function decodeUplink(i) {}"}) {
		t.Errorf("codecs: %+v", c)
	}
	if len(cfg.Sources) != 3 || len(cfg.Channels) != 9 || !cfg.Channels[8].Screen || cfg.Channels[7].Email == nil || cfg.Channels[4].Modem.Rings == 0 || cfg.Channels[6].Service == nil || cfg.Influx == nil || cfg.Deadman == nil || cfg.Alarms == nil || cfg.Page.TLS == nil {
		t.Fatalf("not everything was offered:\n%s", text)
	}
	for got, want := range map[string]string{
		cfg.Sources[0].MQTT.Password.Reveal():        "one",
		cfg.Influx.Token.Reveal():                    "gw:two",
		cfg.Alarms.Password.Reveal():                 "three",
		cfg.Channels[1].SMS.Kannel.Password.Reveal(): "five",
		cfg.Channels[2].Ntfy.Token.Reveal():          "six",
		cfg.Channels[3].Modem.PIN.Reveal():           "1234",
		cfg.Channels[5].SMS.Secret.Reveal():          "seven",
		cfg.Channels[7].Email.Password.Reveal():      "four",
		cfg.Channels[7].Email.Security:               "starttls",
		fmt.Sprint(cfg.Channels[7].Email.Port):       "587",
		cfg.Alarms.URL:                               "ssl://broker.example.org:8883",
		cfg.Alarms.ClientID:                          "telecare-home-alarms",
		cfg.Page.PublicURL:                           "https://care.example.org",
		cfg.Page.TLS.Cert:                            filepath.Join(dir, "page.crt"),
		cfg.Sources[1].Listen.Listen:                 "127.0.0.1:1884",
		cfg.Sources[2].Serial.Port:                   "usb-FTDI_*",
		fmt.Sprint(cfg.Influx.Quota):                 "2147483648",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keyPair writes page.crt and page.key.
func keyPair(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "page.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, dir, "page.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// A listener open to others is accepted with credentials and TLS, and with
// credentials behind a proxy. (Its refusals are in testdata/bad.)
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	keyPair(t, dir)
	account := "accounts: [{name: a, password_hash: \"" + testHash + "\", role: technician}]"
	user := "users: [{name: a, password_hash: \"" + testHash + "\"}]"
	for _, guard := range []string{"tls: {cert: page.crt, key: page.key}", "behind_proxy: true"} {
		cfg, err := Parse(filepath.Join(dir, "t.yaml"), []byte("site: a\npage: {listen: \":8443\", public_url: \"https://a.example/\", "+guard+", "+account+"}\n"+
			"sources: [{name: b, type: broker, listen: \"0.0.0.0:8883\", "+guard+", "+user+"}]\n"))
		if err != nil {
			t.Errorf("%s: %v", guard, err)
			continue
		}
		if !cfg.Page.Secure() || cfg.Page.PublicURL != "https://a.example" {
			t.Errorf("%s: page %+v", guard, cfg.Page)
		}
	}
}

// Each bad file holds one mistake, and beside it stands what people are told.
func TestBad(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(files) < 15 {
		t.Fatalf("%d bad files", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.ToSlash(file), b)
			if err == nil {
				t.Fatal("accepted")
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				write(t, filepath.Dir(golden), filepath.Base(golden), got)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGood(t *testing.T) {
	files, _ := filepath.Glob("testdata/good/*.yaml")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, file := range files {
		if _, err := Load(file); err != nil {
			t.Errorf("%s", err)
		}
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "telecare.yaml"))
	if err == nil || !strings.Contains(err.Error(), "telecare init") {
		t.Errorf("got %v; want a hint at telecare init", err)
	}
}

// However a configuration is printed, no secret is seen.
func TestSecretsStayHidden(t *testing.T) {
	cfg, err := Load("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", cfg, "secret", cfg.Influx.Token)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", cfg, "secret", cfg.Influx.Token)
	js, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ cfg Config }{*cfg} // fmt calls no method on what is not exported
	for _, s := range []string{
		fmt.Sprint(cfg.Influx.Token), fmt.Sprintf("%v %+v %#v", *cfg, *cfg, *cfg), fmt.Sprintf("%s %q %x", cfg.Influx.Token, cfg.Influx.Token, cfg.Influx.Token), fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden),
		log.String(), string(js),
	} {
		for _, secret := range []string{"s3cret", "733363726574"} {
			if strings.Contains(s, secret) {
				t.Errorf("a secret is seen in\n%s", s)
			}
		}
	}
	if !strings.Contains(string(js), "secret\\u003e") {
		t.Errorf("nothing says that there are secrets: %s", js)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Sample(testHash, testSecret, "data"))
	for _, glob := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml"} {
		files, _ := filepath.Glob(glob)
		for _, file := range files {
			if b, err := os.ReadFile(file); err == nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, err := Parse("testdata/fuzz.yaml", b)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "testdata/fuzz.yaml:") {
				t.Fatalf("no place in %q", err)
			}
			return
		}
		if !word.MatchString(string(cfg.Site)) || cfg.Page.Listen == "" {
			t.Fatalf("accepted without what it needs: %+v", cfg)
		}
		open := func(listen string, have bool, tls *TLS, proxy bool) {
			if !loopback(listen) && (!have || tls == nil && !proxy) {
				t.Fatalf("%s is open to others without protection", listen)
			}
		}
		open(cfg.Page.Listen, len(cfg.Page.Accounts) > 0, cfg.Page.TLS, cfg.Page.BehindProxy)
		for _, s := range cfg.Sources {
			if s.Listen != nil {
				open(s.Listen.Listen, len(s.Listen.Users) > 0, s.Listen.TLS, s.Listen.BehindProxy)
			}
			n := 0
			for _, set := range []bool{s.MQTT != nil, s.Listen != nil, s.Serial != nil} {
				if set {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("source of %d types: %+v", n, s)
			}
		}
	})
}

// EnOcean's senders may look like numbers; they stay as they are on the label.
func TestProfiles(t *testing.T) {
	cfg, err := Parse("t.yaml", []byte("site: a\nsources: [{name: hall, type: serial, port: usb-A, format: esp3, profiles: [{device: 00298979, profile: A5-02-05}, {device: 12E45678, profile: F6-05-01}, {device: \"0181B744\", profile: A5-04-01}]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"00298979": "A5-02-05", "12E45678": "F6-05-01", "0181B744": "A5-04-01"}
	if diff := cmp.Diff(want, cfg.Sources[0].Serial.Profiles); diff != "" {
		t.Error(diff)
	}
}

// What goes through servers of others names an id, where nothing else is said.
func TestUsuallySays(t *testing.T) {
	cfg, err := Parse("t.yaml", []byte("site: a\nchannels: [{name: a, type: ntfy, url: \"https://ntfy.sh\"}, {name: b, type: ntfy, url: \"https://ntfy.example.org\"}, "+
		"{name: c, type: shoutrrr, url: \"telegram://a@telegram\"}, {name: d, type: ntfy, url: \"https://ntfy.sh\", says: name}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[alerting.ChannelID]alerting.Says{"a": "pseudonym", "b": "place", "c": "pseudonym", "d": "name"}
	if diff := cmp.Diff(want, cfg.Says()); diff != "" {
		t.Error(diff)
	}
}

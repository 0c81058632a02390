// Package config reads telecare.yaml: how this machine is wired. It guarantees
// that a Config in hand is whole and safe: every key was understood, every
// value checked, every file it names was read, and no listener is open to
// others without credentials and TLS. Whatever is wrong is an error with file,
// line and column that says what to do; all mistakes are reported, not only
// the first.
//
// Who is called and when is not configuration but data: see gateway/registry.
package config

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/strictyaml"
)

// Config is a checked telecare.yaml. File paths in it are relative to the
// working directory, or absolute.
type Config struct {
	Site     alerting.SiteID
	Data     string // the folder for what the gateway keeps
	Log      slog.Level
	Sources  []Source
	Channels []Channel
	Influx   *Influx // nil: readings wait in the spool
	Page     Page
	Deadman  *Deadman // nil: nobody outside notices when the gateway is dead
	// Alarms is the broker on which alarms are published; nil is the first
	// source of type mqtt or broker.
	Alarms *Broker
}

// Source is where devices are heard. Exactly one of MQTT, Listen and Serial is
// set.
type Source struct {
	Name   string
	MQTT   *Broker
	Listen *Embedded
	Serial *Serial
	// Codecs are makers' JavaScript for LoRaWAN devices; the first that matches
	// counts. A serial line has none.
	Codecs []Codec
	// Mappings read what no format knows. A serial line has none.
	Mappings []Mapping
}

// Mapping says what the messages on some topics mean; see mqtt.Mapping.
type Mapping struct {
	Topic    string // a filter
	Device   string // a template; "" is the topic
	Field    string // a path; "" is the whole payload
	Values   map[string]devices.Kind
	Normal   []string
	Quantity devices.Quantity // "" for none
	Unit     string
	Scale    float64 // 0 is 1
}

// Codec is a maker's file, and whose frames it decodes. Patterns have * and ?;
// "" is every device.
type Codec struct {
	Device  string // a DevEUI
	Profile string // ChirpStack's device profile; brand/model of The Things Stack
	File    string
	Source  string // what is in the file
}

// Says lists how much of who called each channel is trusted with.
func (c *Config) Says() map[alerting.ChannelID]alerting.Says {
	out := map[alerting.ChannelID]alerting.Says{}
	for _, ch := range c.Channels {
		out[ch.Name] = ch.Says
	}
	return out
}

// Broker is an MQTT broker elsewhere.
type Broker struct {
	URL      string // tcp, ssl, ws or wss, always with its port except for ws and wss
	ClientID string // stable: the broker keeps what we have not answered under it
	Username string
	Password Secret
	Topics   []string // nil: those of the formats we know
	CAFile   string   // "" trusts the system's authorities
}

// Embedded is a broker of our own, for devices to publish to.
type Embedded struct {
	Listen      string
	Users       []User // nobody: whoever reaches the loopback may publish
	TLS         *TLS
	BehindProxy bool
}

// User may publish to the embedded broker.
type User struct {
	Name         string
	PasswordHash []byte // bcrypt
}

// TLS is a certificate with its key, both PEM files that have been tried.
type TLS struct{ Cert, Key string }

// Serial is a line with a receiver at its end.
type Serial struct {
	Port   string // a device, a pattern, or a name in /dev/serial/by-id
	Format string
	Baud   int // 0 is the format's own
	// Profiles say what EnOcean sensors measure, by sender.
	Profiles map[string]string
}

// Channel is a way to reach people. The registry names it. Exactly one of its
// kinds is set.
type Channel struct {
	Name    alerting.ChannelID
	Says    alerting.Says // how much of who called it is trusted with
	Webhook *Webhook
	Email   *Email
	SMS     *SMS
	Ntfy    *Ntfy
	Service *Service
	Modem   *Modem
	Push    *Push
	// TestEvery is how often it is tested silently; 0: only when somebody wants it.
	TestEvery time.Duration
	Screen    bool // the page of whoever is called rings
}

// Modem is a GSM modem on a serial port. Channels with the same port share it.
type Modem struct {
	Port       string // a device, a pattern, or a name in /dev/serial/by-id
	Baud       int
	PIN        Secret // "" when the SIM card asks for none
	Rings      int    // how often a telephone rings; 0: text messages are sent
	AllLetters bool   // text messages have Polish letters, and more parts
	TextMode   bool   // for modems without PDU mode
}

// Webhook is called over HTTP.
type Webhook struct {
	URL     Secret // often holds a token
	Secret  Secret // signs what we send
	Timeout time.Duration
	TestURL Secret // what a silent test asks for; zero: the machine of URL
}

// Email is a mail server that takes our mails.
type Email struct {
	Host     string
	Port     int
	Security string // "starttls", "tls", or on this machine "none"
	Username string // "" when it asks for none
	Password Secret
	From     string // a mail address, with a name before it or without
	CAFile   string // "" trusts the system's authorities
	Timeout  time.Duration
}

// Influx is where readings go.
type Influx struct {
	URL    string
	Token  Secret // "user:password" for InfluxDB 1.8
	Org    string
	Bucket string // "database/retention" for InfluxDB 1.8
	Quota  int64  // bytes that may wait on disk
}

// Page is what people open.
type Page struct {
	Listen      string
	PublicURL   string // without a slash at its end; links begin with it
	TLS         *TLS
	BehindProxy bool
	Accounts    []Account
	Tokens      []Token // for programs
	SignIn      *SignIn // nil: nowhere beside here
}

// Secure says that people reach the page by https.
func (p Page) Secure() bool {
	return p.TLS != nil || len(p.PublicURL) > 6 && p.PublicURL[:6] == "https:"
}

// Account is somebody who may sign in.
type Account struct {
	Name         string
	PasswordHash []byte // bcrypt
	Person       string // key of a responder in the registry; "" for a technician who answers nothing
	Role         Role
	Of           []string // keys of the residents whose family this is
	// TOTP is what the device that shows codes shares with us, Recovery the
	// hashes of codes on paper; without TOTP the password is enough.
	TOTP     Secret
	Recovery [][sha256.Size]byte
}

// Role says what an account may see and do.
type Role string

// Roles.
const (
	Nurse      Role = "nurse"
	Centre     Role = "centre"
	Technician Role = "technician"

	Board         Role = "board"         // a screen on a wall
	Manager       Role = "manager"       // reports, stays, rosters
	Administrator Role = "administrator" // records, accounts, channels
	Family        Role = "family"        // the alarms of their own person
)

// workRoles are those of everybody but families.
func workRoles() []string {
	return []string{string(Nurse), string(Centre), string(Technician), string(Board), string(Manager), string(Administrator)}
}

// Deadman is pinged while the gateway works.
type Deadman struct {
	URL   Secret // its path is the credential
	Every time.Duration
}

// Load reads and checks the file.
func Load(path string) (*Config, error) {
	cfg, _, err := InspectFile(path)
	if err != nil {
		return nil, err
	}
	return cfg, nil
}

// InspectFile is Inspect of a file.
func InspectFile(path string) (*Config, *strictyaml.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w; `telecare init` writes one", err)
	}
	defer f.Close()
	b, err := readBounded(f, strictyaml.MaxSize+1)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration %q: %w", path, err)
	}
	return Inspect(path, b)
}

// Parse checks what was read from the file called name. Relative paths in it
// are relative to name's folder.
func Parse(name string, b []byte) (*Config, error) {
	cfg, _, err := Inspect(name, b)
	if err != nil {
		return nil, err
	}
	return cfg, nil
}

// Inspect is Parse that gives what it could read also beside an error, with the
// place of everything, for checks that go on. Nothing may run by such a Config.
// Both are nil where nothing could be read.
func Inspect(name string, b []byte) (*Config, *strictyaml.Document, error) {
	var raw rawConfig
	doc, err := strictyaml.Decode(name, b, &raw)
	if doc == nil {
		return nil, nil, err
	}
	c := &checker{Document: doc, dir: filepath.Dir(name)}
	cfg := c.config(raw)
	return cfg, doc, doc.Err()
}

package config

import "telecare/gateway/strictyaml"

// The file as it is written, before anything is checked.
type (
	rawConfig struct {
		Site     string       `yaml:"site"`
		Data     string       `yaml:"data"`
		Log      string       `yaml:"log"`
		Page     rawPage      `yaml:"page"`
		Sources  []rawSource  `yaml:"sources"`
		Channels []rawChannel `yaml:"channels"`
		Influx   *rawInflux   `yaml:"influx"`
		Deadman  *rawDeadman  `yaml:"deadman"`
		Alarms   *rawBroker   `yaml:"alarms_mqtt"`
	}
	rawBroker struct {
		URL          Secret `yaml:"url"` // somebody may write a password into it
		ClientID     string `yaml:"client_id"`
		Username     string `yaml:"username"`
		Password     Secret `yaml:"password"`
		PasswordFile string `yaml:"password_file"`
		CAFile       string `yaml:"ca_file"`
	}
	// rawSource has the keys of every type; the table sourceKeys says which
	// are whose.
	rawSource struct {
		Name string `yaml:"name"`
		Type string `yaml:"type"`

		URL          Secret   `yaml:"url"`
		ClientID     string   `yaml:"client_id"`
		Username     string   `yaml:"username"`
		Password     Secret   `yaml:"password"`
		PasswordFile string   `yaml:"password_file"`
		CAFile       string   `yaml:"ca_file"`
		Topics       []string `yaml:"topics"`

		Codecs []rawCodec `yaml:"codecs"`

		Mappings []rawMapping `yaml:"mappings"`

		Listen      string    `yaml:"listen"`
		Users       []rawUser `yaml:"users"`
		TLS         *rawTLS   `yaml:"tls"`
		BehindProxy bool      `yaml:"behind_proxy"`

		Port     string       `yaml:"port"`
		Format   string       `yaml:"format"`
		Baud     int          `yaml:"baud"`
		Profiles []rawProfile `yaml:"profiles"`
	}
	rawProfile struct {
		Device  string `yaml:"device"`
		Profile string `yaml:"profile"`
	}
	rawMapping struct {
		Topic   string       `yaml:"topic"`
		Device  string       `yaml:"device"`
		Field   string       `yaml:"field"`
		Values  []rawMeaning `yaml:"values"`
		Normal  []string     `yaml:"normal"`
		Reading string       `yaml:"reading"`
		Unit    string       `yaml:"unit"`
		Scale   rawNumber    `yaml:"scale"`
	}
	rawMeaning struct {
		Is    string `yaml:"is"`
		Means string `yaml:"means"`
	}
	rawCodec struct {
		Device  string `yaml:"device"`
		Profile string `yaml:"profile"`
		File    string `yaml:"file"`
	}
	rawUser struct {
		Name         string `yaml:"name"`
		PasswordHash string `yaml:"password_hash"`
	}
	rawTLS struct {
		Cert string `yaml:"cert"`
		Key  string `yaml:"key"`
	}
	// rawChannel has the keys of every type; the table channelKeys says which
	// are whose.
	rawChannel struct {
		Name    string               `yaml:"name"`
		Type    string               `yaml:"type"`
		Timeout *strictyaml.Duration `yaml:"timeout"`
		Says    string               `yaml:"says"`

		TestEvery string `yaml:"test_every"`

		URL        Secret `yaml:"url"`
		URLFile    string `yaml:"url_file"`
		TestURL    Secret `yaml:"test_url"`
		Secret     Secret `yaml:"secret"`
		SecretFile string `yaml:"secret_file"`

		Host         string `yaml:"host"`
		Port         string `yaml:"port"` // of a mail server, or a serial one
		Security     string `yaml:"security"`
		Username     string `yaml:"username"`
		Password     Secret `yaml:"password"`
		PasswordFile string `yaml:"password_file"`
		From         string `yaml:"from"`
		CAFile       string `yaml:"ca_file"`

		Mode     string `yaml:"mode"`
		Baud     int    `yaml:"baud"`
		PIN      Secret `yaml:"pin"`
		PINFile  string `yaml:"pin_file"`
		Rings    int    `yaml:"rings"`
		Letters  string `yaml:"letters"`
		TextMode bool   `yaml:"text_mode"`

		Subject      string `yaml:"subject"`
		ByLink       bool   `yaml:"by_link"`
		AllowPrivate bool   `yaml:"allow_private"`

		SMSC      string      `yaml:"smsc"`
		Method    string      `yaml:"method"`
		Headers   []rawHeader `yaml:"headers"`
		Body      Secret      `yaml:"body"`
		Sent      *rawAnswers `yaml:"sent"`
		Refused   *rawAnswers `yaml:"refused"`
		Reports   *rawReports `yaml:"reports"`
		Token     Secret      `yaml:"token"`
		TokenFile string      `yaml:"token_file"`
	}
	rawHeader struct {
		Name  string `yaml:"name"`
		Value Secret `yaml:"value"`
	}
	rawAnswers struct {
		Status []int  `yaml:"status"`
		Body   string `yaml:"body"`
	}
	rawReports struct {
		URL       string `yaml:"url"`
		Status    string `yaml:"status"`
		Delivered string `yaml:"delivered"`
		Failed    string `yaml:"failed"`
		From      string `yaml:"from"`
		Text      string `yaml:"text"`
	}
	rawInflux struct {
		URL       Secret          `yaml:"url"`
		Token     Secret          `yaml:"token"`
		TokenFile string          `yaml:"token_file"`
		Org       string          `yaml:"org"`
		Bucket    string          `yaml:"bucket"`
		Quota     strictyaml.Size `yaml:"quota"`
	}
	rawPage struct {
		Listen      string       `yaml:"listen"`
		PublicURL   string       `yaml:"public_url"`
		TLS         *rawTLS      `yaml:"tls"`
		BehindProxy bool         `yaml:"behind_proxy"`
		Accounts    []rawAccount `yaml:"accounts"`
		Tokens      []rawToken   `yaml:"tokens"`
		SignIn      *rawSignIn   `yaml:"sign_in"`
	}
	rawSignIn struct {
		Issuer           string      `yaml:"issuer"`
		ClientID         string      `yaml:"client_id"`
		ClientSecret     Secret      `yaml:"client_secret"`
		ClientSecretFile string      `yaml:"client_secret_file"`
		Name             string      `yaml:"name"`
		RoleClaim        string      `yaml:"role_claim"`
		Roles            []rawRoleOf `yaml:"roles"`
		People           []rawWho    `yaml:"people"`
		SignOut          string      `yaml:"sign_out"`
	}
	rawRoleOf struct {
		Is   string `yaml:"is"`
		Role string `yaml:"role"`
	}
	rawWho struct {
		Is     string `yaml:"is"`
		Person string `yaml:"person"`
	}
	rawToken struct {
		Name   string   `yaml:"name"`
		Hash   string   `yaml:"hash"`
		Scopes []string `yaml:"scopes"`
		Person string   `yaml:"person"`
	}
	rawAccount struct {
		Name         string   `yaml:"name"`
		PasswordHash string   `yaml:"password_hash"`
		Person       string   `yaml:"person"`
		Role         string   `yaml:"role"`
		TOTP         Secret   `yaml:"totp"`
		TOTPFile     string   `yaml:"totp_file"`
		Recovery     []string `yaml:"recovery"`
		Of           []string `yaml:"of"`
	}
	rawDeadman struct {
		URL   Secret               `yaml:"url"`
		Every *strictyaml.Duration `yaml:"every"`
	}
)

// sourceKeys says which keys a source of each type may have, beside name and
// type.
var sourceKeys = map[string][]string{
	"mqtt":   {"url", "client_id", "username", "password", "password_file", "ca_file", "topics", "codecs", "mappings"},
	"broker": {"listen", "users", "tls", "behind_proxy", "codecs", "mappings"},
	"serial": {"port", "format", "baud", "profiles"},
}

// channelKeys says the same of channels.
var channelKeys = map[string][]string{
	"webhook":  {"url", "secret", "secret_file", "timeout", "test_every", "test_url"},
	"email":    {"host", "port", "security", "username", "password", "password_file", "from", "ca_file", "timeout", "test_every"},
	"kannel":   {"url", "username", "password", "password_file", "from", "smsc", "reports", "token", "token_file", "ca_file", "timeout", "test_every"},
	"sms":      {"url", "method", "headers", "body", "secret", "secret_file", "sent", "refused", "from", "reports", "token", "token_file", "ca_file", "timeout", "test_every"},
	"shoutrrr": {"url", "url_file", "timeout"},
	"ntfy":     {"url", "username", "password", "password_file", "token", "token_file", "ca_file", "timeout", "test_every"},
	"push":     {"subject", "by_link", "allow_private", "ca_file", "timeout", "test_every"},
	"modem":    {"port", "mode", "baud", "pin", "pin_file", "rings", "letters", "text_mode", "test_every"},
	"screen":   nil,
}

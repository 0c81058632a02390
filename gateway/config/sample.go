package config

import (
	_ "embed"
	"strings"
)

//go:embed telecare.yaml
var sample string

// Sample is a commented telecare.yaml to begin with, for `telecare init`. It
// needs the bcrypt hash of the password for its one account, the secret of its
// one channel, and the data folder; Parse accepts it.
func Sample(passwordHash, channelSecret, data string) []byte {
	return []byte(strings.NewReplacer(
		"{{password_hash}}", passwordHash,
		"{{channel_secret}}", channelSecret,
		"{{data}}", data,
	).Replace(sample))
}

package config

import (
	"crypto/sha256"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	cfg, err := Load("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []Token{
		{Name: "arc", Hash: sha256.Sum256([]byte("test")), Scopes: []Scope{AlarmsRead, AlarmsWrite}, Person: "marta"},
		{Name: "reports", Hash: sha256.Sum256([]byte("test2")), Scopes: []Scope{DevicesRead}},
	}
	if diff := cmp.Diff(want, cfg.Page.Tokens); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

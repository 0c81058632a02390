package gatewaytest

import (
	"database/sql"
	"testing"

	_ "modernc.org/sqlite" // which the store opens its files with
)

// Meddle changes a store's file behind the program's back, in SQL; "" changes
// nothing. The file must be no other's.
func Meddle(t testing.TB, path, how string) {
	t.Helper()
	if how == "" {
		return
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(how); err != nil {
		t.Fatal(err)
	}
}

package gatewaytest

import (
	"bytes"
	"database/sql"
	"os"
	"testing"
)

// SpoilPage overwrites the page of a store's file in which the bytes stand that
// an SQL query gives, as a disk does that has gone bad. The file must be no
// other's.
func SpoilPage(t testing.TB, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var mark []byte
	_, err = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil {
		err = db.QueryRow(query).Scan(&mark)
	}
	if e := db.Close(); err != nil || e != nil {
		t.Fatal(err, e)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	at := bytes.Index(b, mark)
	if at < page { // the first has the whole file's description
		t.Fatalf("%x stands at %d", mark, at)
	}
	from := at / page * page
	for i := range b[from : from+page] {
		b[from+i] = byte(i*7 + 13)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

-- +goose Up
CREATE TABLE meta (
	format INTEGER NOT NULL -- of the hash chain: see hash.go
) STRICT;
INSERT INTO meta (format) VALUES (1);

CREATE TABLE records (
	seq      INTEGER PRIMARY KEY,
	at       INTEGER NOT NULL, -- ns since 1970, the machine's time
	version  INTEGER NOT NULL, -- of the machine that decided
	kind     TEXT    NOT NULL,
	body     BLOB    NOT NULL,
	digest   BLOB    NOT NULL,
	delivery TEXT    NOT NULL,
	hash     BLOB    NOT NULL
) STRICT;

CREATE TABLE snapshots (
	seq     INTEGER PRIMARY KEY, -- the last record it contains
	at      INTEGER NOT NULL,
	version INTEGER NOT NULL,
	state   BLOB    NOT NULL,
	head    BLOB    NOT NULL, -- hash of that record
	sum     BLOB    NOT NULL
) STRICT;

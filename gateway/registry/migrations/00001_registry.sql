-- +goose Up

-- What is in force, as one document: it is applied, exported and erased whole.
CREATE TABLE document (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	revision INTEGER NOT NULL,
	body     TEXT NOT NULL
) STRICT;

-- The opaque id of every record there is or ever was. The key of a record that
-- is gone is forgotten; its id is never given again.
CREATE TABLE ids (
	id   TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	key  TEXT,
	UNIQUE (kind, key)
) STRICT;

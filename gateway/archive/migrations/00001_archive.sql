-- +goose Up
-- All of it is made of the journal and may be deleted.
CREATE TABLE alarms (
	id        TEXT    PRIMARY KEY,
	raised    INTEGER NOT NULL, -- ns since 1970
	number    INTEGER NOT NULL,
	technical INTEGER NOT NULL,
	kind      TEXT    NOT NULL,
	state     TEXT    NOT NULL,
	outcome   TEXT    NOT NULL,
	place     TEXT    NOT NULL,
	device    TEXT    NOT NULL,
	alarm     BLOB    NOT NULL, -- as it is known now, without history and calls
	story     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alarms_by_time ON alarms (technical, raised, id);
CREATE INDEX alarms_by_number ON alarms (number);

-- Who was called, did something about it, or stayed there.
CREATE TABLE persons (
	alarm  TEXT NOT NULL,
	person TEXT NOT NULL,
	PRIMARY KEY (person, alarm)
) STRICT, WITHOUT ROWID;

-- How far the journal was read.
CREATE TABLE mark (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	at   INTEGER NOT NULL,
	mark BLOB    NOT NULL
) STRICT;

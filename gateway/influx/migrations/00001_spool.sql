-- +goose Up
CREATE TABLE batches (
	seq    INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never used again
	points INTEGER NOT NULL,
	bytes  INTEGER NOT NULL,
	lines  BLOB    NOT NULL -- line protocol, each point with its newline
) STRICT;

CREATE TABLE poison (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	line    BLOB NOT NULL,
	message TEXT NOT NULL -- what the server said
) STRICT;

-- One row, kept up by the transaction that changes what it counts, so that a
-- large backlog need not be summed up at the start.
CREATE TABLE totals (
	points   INTEGER NOT NULL, -- waiting
	bytes    INTEGER NOT NULL, -- waiting
	dropped  INTEGER NOT NULL, -- points given up for the quota, ever
	poisoned INTEGER NOT NULL  -- points set aside, ever
) STRICT;
INSERT INTO totals VALUES (0, 0, 0, 0);

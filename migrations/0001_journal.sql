-- The record of every change is evidence: rows are only ever added, and each carries the hash of the one before.
CREATE TABLE record (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
  kind TEXT NOT NULL,
  change_id INTEGER NOT NULL CHECK (change_id >= 1),
  -- RFC 3339, UTC, milliseconds: when the change started (intent) or ended (outcome).
  recorded_at TEXT NOT NULL
    CHECK (recorded_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z'),
  -- SHA-256 in lower-case hex; what is hashed is said at recordHash in src/journal/record.ts.
  previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64 AND previous_hash NOT GLOB '*[^0-9a-f]*'),
  hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  -- Canonical JSON: keys sorted, no blanks, integers only.
  content TEXT NOT NULL CHECK (json_valid(content)),
  actor_id TEXT GENERATED ALWAYS AS (content ->> '$.actor.tokenId') VIRTUAL,
  actor_name TEXT GENERATED ALWAYS AS (content ->> '$.actor.name') VIRTUAL,
  outcome_name TEXT GENERATED ALWAYS AS (content ->> '$.outcome') VIRTUAL
) STRICT;

CREATE UNIQUE INDEX record_intent ON record (change_id) WHERE kind = 'intent';
CREATE UNIQUE INDEX record_outcome ON record (change_id) WHERE kind = 'outcome';
CREATE INDEX record_started_at ON record (recorded_at, change_id) WHERE kind = 'intent';
CREATE INDEX record_actor_id ON record (actor_id, change_id) WHERE kind = 'intent';
CREATE INDEX record_actor_name ON record (actor_name, change_id) WHERE kind = 'intent';
CREATE INDEX record_outcome_name ON record (outcome_name, change_id) WHERE kind = 'outcome';

CREATE TRIGGER record_never_updated BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never updated'); END;

CREATE TRIGGER record_never_deleted BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;

-- A trigger, not a CHECK: a later migration that adds a kind can replace it.
CREATE TRIGGER record_kind_known BEFORE INSERT ON record WHEN new.kind NOT IN ('intent', 'outcome')
BEGIN SELECT RAISE(ABORT, 'a record is an intent or an outcome'); END;

CREATE TRIGGER record_continues_chain BEFORE INSERT ON record
WHEN new.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM record)
  OR new.previous_hash <> coalesce((SELECT hash FROM record ORDER BY sequence DESC LIMIT 1), hex(zeroblob(32)))
BEGIN SELECT RAISE(ABORT, 'a record continues the chain at its head'); END;

CREATE TRIGGER intent_counts_up BEFORE INSERT ON record
WHEN new.kind = 'intent' AND new.change_id <> (SELECT coalesce(max(change_id), 0) + 1 FROM record WHERE kind = 'intent')
BEGIN SELECT RAISE(ABORT, 'changes are numbered from 1 without gaps'); END;

-- What follows only finds records faster. It is filled from them by triggers, and verification compares it with them.

-- Changes without an outcome.
CREATE TABLE open_change (change_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER outcome_closes_open_change BEFORE INSERT ON record
WHEN new.kind = 'outcome' AND NOT EXISTS (SELECT 1 FROM open_change WHERE change_id = new.change_id)
BEGIN SELECT RAISE(ABORT, 'an outcome needs an open change: this one was never opened, or is closed already'); END;

CREATE TRIGGER open_change_needs_outcome BEFORE DELETE ON open_change
WHEN NOT EXISTS (SELECT 1 FROM record WHERE kind = 'outcome' AND change_id = old.change_id)
BEGIN SELECT RAISE(ABORT, 'a change stays open until its outcome is recorded'); END;

CREATE TRIGGER outcome_recorded AFTER INSERT ON record WHEN new.kind = 'outcome'
BEGIN DELETE FROM open_change WHERE change_id = new.change_id; END;

-- The settings (by name) and files (by path) of each change; alters is 0 where it asked for what was there already.
-- Values are compared as JSON text (->): as SQL text (->>) a file's bytes after a NUL might not count.
CREATE VIEW subject_of_intent AS
SELECT value ->> '$.name' AS subject, change_id, value -> '$.before' <> value -> '$.requested' AS alters
FROM record, json_each(content, '$.settings') WHERE kind = 'intent'
UNION ALL
SELECT value ->> '$.path', change_id, value -> '$.before' <> value -> '$.after'
FROM record, json_each(content, '$.files') WHERE kind = 'intent';

CREATE TABLE change_subject (
  subject TEXT NOT NULL,
  change_id INTEGER NOT NULL,
  alters INTEGER NOT NULL CHECK (alters IN (0, 1)),
  PRIMARY KEY (subject, change_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER change_subject_never_updated BEFORE UPDATE ON change_subject
BEGIN SELECT RAISE(ABORT, 'the subjects of a change are never updated'); END;

CREATE TRIGGER change_subject_never_deleted BEFORE DELETE ON change_subject
BEGIN SELECT RAISE(ABORT, 'the subjects of a change are never deleted'); END;

CREATE TRIGGER intent_recorded AFTER INSERT ON record WHEN new.kind = 'intent'
BEGIN
  INSERT INTO open_change (change_id) VALUES (new.change_id);
  INSERT INTO change_subject (subject, change_id, alters)
  SELECT subject, change_id, alters FROM subject_of_intent WHERE change_id = new.change_id;
END;

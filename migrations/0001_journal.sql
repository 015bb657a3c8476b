-- The record of every change is evidence: rows are only ever added, and each carries the hash of the one before.
CREATE TABLE record (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
  kind TEXT NOT NULL,
  -- 0 for an origin, which belongs to no change.
  change_id INTEGER NOT NULL CHECK (change_id >= 0),
  -- RFC 3339, UTC, milliseconds: when the change started (intent) or ended (outcome), or the journal began (origin).
  recorded_at TEXT NOT NULL
    CHECK (recorded_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z'),
  -- SHA-256 in lower-case hex; what is hashed is said at recordHash in src/journal/record.ts.
  previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64 AND previous_hash NOT GLOB '*[^0-9a-f]*'),
  hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  -- Canonical JSON: keys sorted, no blanks, integers only.
  content TEXT NOT NULL CHECK (json_valid(content)),
  actor_id TEXT GENERATED ALWAYS AS (content ->> '$.actor.tokenId') VIRTUAL,
  actor_name TEXT GENERATED ALWAYS AS (content ->> '$.actor.name') VIRTUAL,
  change_kind TEXT GENERATED ALWAYS AS (content ->> '$.kind') VIRTUAL,
  rolls_back INTEGER GENERATED ALWAYS AS (content ->> '$.rollsBack') VIRTUAL,
  concerns INTEGER GENERATED ALWAYS AS (content ->> '$.concerns') VIRTUAL,
  window_seconds INTEGER GENERATED ALWAYS AS (content ->> '$.confirm.withinSeconds') VIRTUAL,
  idempotency_key TEXT GENERATED ALWAYS AS (content ->> '$.idempotency.key') VIRTUAL,
  outcome_name TEXT GENERATED ALWAYS AS (content ->> '$.outcome') VIRTUAL
) STRICT;

CREATE UNIQUE INDEX record_intent ON record (change_id) WHERE kind = 'intent';
CREATE UNIQUE INDEX record_outcome ON record (change_id) WHERE kind = 'outcome';
CREATE INDEX record_started_at ON record (recorded_at, change_id) WHERE kind = 'intent';
CREATE INDEX record_actor_id ON record (actor_id, change_id) WHERE kind = 'intent';
CREATE INDEX record_actor_name ON record (actor_name, change_id) WHERE kind = 'intent';
CREATE INDEX record_change_kind ON record (change_kind, change_id) WHERE kind = 'intent';
CREATE INDEX record_rolls_back ON record (rolls_back, change_id) WHERE kind = 'intent' AND rolls_back IS NOT NULL;
CREATE INDEX record_concerns ON record (concerns, change_id) WHERE kind = 'intent' AND concerns IS NOT NULL;
CREATE INDEX record_window ON record (change_id) WHERE kind = 'intent' AND window_seconds IS NOT NULL;
CREATE INDEX record_idempotency_key ON record (actor_id, idempotency_key, change_id) WHERE kind = 'intent' AND idempotency_key IS NOT NULL;
CREATE INDEX record_outcome_name ON record (outcome_name, change_id) WHERE kind = 'outcome';

CREATE TRIGGER record_never_updated BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never updated'); END;

CREATE TRIGGER record_never_deleted BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;

-- A trigger, not a CHECK: a later migration that adds a kind can replace it.
CREATE TRIGGER record_kind_known BEFORE INSERT ON record WHEN new.kind NOT IN ('intent', 'outcome', 'origin')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome or an origin'); END;

-- A journal that follows one that was moved aside says so first.
CREATE TRIGGER origin_comes_first BEFORE INSERT ON record WHEN new.kind = 'origin' AND new.sequence <> 1
BEGIN SELECT RAISE(ABORT, 'an origin is the first record'); END;

CREATE TRIGGER only_origin_has_no_change BEFORE INSERT ON record WHEN (new.kind = 'origin') <> (new.change_id = 0)
BEGIN SELECT RAISE(ABORT, 'every record but an origin belongs to a change'); END;

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

CREATE INDEX change_subject_change ON change_subject (change_id);

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

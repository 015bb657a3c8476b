-- The oldest records can be moved to a file. A record of kind `archive` names the file and its last record (`through`), which is the anchor that
-- the remaining chain continues from, and the older records that stay because a setting still depends on them (`kept`).
DROP TRIGGER record_kind_known;
DROP TRIGGER record_never_deleted;
DROP TRIGGER intent_counts_up;
DROP TRIGGER change_subject_never_deleted;

CREATE TRIGGER record_kind_known BEFORE INSERT ON record WHEN new.kind NOT IN ('intent', 'outcome', 'origin', 'token', 'archive')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome, an origin, of a token or of an archive'); END;

CREATE INDEX record_archive ON record (sequence) WHERE kind = 'archive';

CREATE TRIGGER record_never_deleted BEFORE DELETE ON record
WHEN old.sequence > coalesce((SELECT max(content ->> '$.through.sequence') FROM record WHERE kind = 'archive'), 0)
BEGIN SELECT RAISE(ABORT, 'a record is never deleted before it is archived'); END;

CREATE VIEW last_change AS
SELECT max(
  coalesce((SELECT max(change_id) FROM record WHERE kind = 'intent'), 0),
  coalesce((SELECT max(content ->> '$.through.change') FROM record WHERE kind = 'archive'), 0)
) AS id;

CREATE TRIGGER intent_counts_up BEFORE INSERT ON record WHEN new.kind = 'intent' AND new.change_id <> (SELECT id + 1 FROM last_change)
BEGIN SELECT RAISE(ABORT, 'changes are numbered from 1 without gaps'); END;

CREATE TRIGGER change_subject_never_deleted BEFORE DELETE ON change_subject
WHEN EXISTS (SELECT 1 FROM record WHERE kind = 'intent' AND change_id = old.change_id)
BEGIN SELECT RAISE(ABORT, 'the subjects of a change are never deleted'); END;

CREATE TRIGGER intent_archived AFTER DELETE ON record WHEN old.kind = 'intent'
BEGIN DELETE FROM change_subject WHERE change_id = old.change_id; END;

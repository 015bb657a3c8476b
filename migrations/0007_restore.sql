-- A record of kind `restore` says that this journal was restored from a backup: the head of the backup, and the file and head of the journal that it
-- replaced.
DROP TRIGGER record_kind_known;

CREATE TRIGGER record_kind_known BEFORE INSERT ON record
WHEN new.kind NOT IN ('intent', 'outcome', 'origin', 'token', 'archive', 'restore')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome, an origin, of a token, of an archive or of a restore'); END;

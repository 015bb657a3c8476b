-- A record of kind `guard` contains the configuration of the capacity guard before and after. The newest one is in effect.
DROP TRIGGER record_kind_known;

CREATE TRIGGER record_kind_known BEFORE INSERT ON record
WHEN new.kind NOT IN ('intent', 'outcome', 'origin', 'token', 'archive', 'restore', 'guard')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome, an origin, of a token, of an archive, of a restore or of the guard'); END;

CREATE INDEX record_guard ON record (sequence) WHERE kind = 'guard';

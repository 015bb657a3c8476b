-- A record of kind `guard` contains the configuration of the capacity guard before and after, one of kind `desired` the desired state. The newest
-- one of each is in effect.
DROP TRIGGER record_kind_known;

CREATE TRIGGER record_kind_known BEFORE INSERT ON record
WHEN new.kind NOT IN ('intent', 'outcome', 'origin', 'token', 'archive', 'restore', 'guard', 'desired')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome, an origin, of a token, of an archive, of a restore, of the guard or of the desired state'); END;

CREATE INDEX record_guard ON record (sequence) WHERE kind = 'guard';
CREATE INDEX record_desired ON record (sequence) WHERE kind = 'desired';

-- Creating, rotating and revoking a token is recorded in the chain, like a change. A record of kind `token` contains the state of one token before
-- and after; the state after the newest record is the only one that the token's row may have.
DROP TRIGGER record_kind_known;
DROP TRIGGER only_origin_has_no_change;

CREATE TRIGGER record_kind_known BEFORE INSERT ON record WHEN new.kind NOT IN ('intent', 'outcome', 'origin', 'token')
BEGIN SELECT RAISE(ABORT, 'a record is an intent, an outcome, an origin or of a token'); END;

CREATE TRIGGER only_intent_and_outcome_have_a_change BEFORE INSERT ON record WHEN (new.kind IN ('intent', 'outcome')) <> (new.change_id <> 0)
BEGIN SELECT RAISE(ABORT, 'an intent or outcome belongs to a change, and no other record does'); END;

ALTER TABLE record ADD COLUMN token_id TEXT GENERATED ALWAYS AS (content ->> '$.token') VIRTUAL;

CREATE INDEX record_token ON record (token_id, sequence) WHERE kind = 'token';

-- Records of releases before 0.2 contain words that have been replaced. Their content stays as it was hashed. These columns, which queries
-- search by, contain the current words. src/journal/record/former-words.ts maps the same words when records are read.
DROP INDEX record_change_kind;
DROP INDEX record_rolls_back;
DROP INDEX record_concerns;
DROP INDEX record_outcome_name;

ALTER TABLE record DROP COLUMN change_kind;
ALTER TABLE record DROP COLUMN rolls_back;
ALTER TABLE record DROP COLUMN concerns;
ALTER TABLE record DROP COLUMN outcome_name;

ALTER TABLE record ADD COLUMN change_kind TEXT GENERATED ALWAYS AS (
  CASE content ->> '$.kind'
    WHEN 'rearm' THEN 'window-extended'
    WHEN 'reversion' THEN 'auto-revert'
    WHEN 'external' THEN 'drift'
    ELSE content ->> '$.kind'
  END
) VIRTUAL;
ALTER TABLE record ADD COLUMN rollback_of INTEGER GENERATED ALWAYS AS (coalesce(content ->> '$.rollbackOf', content ->> '$.rollsBack')) VIRTUAL;
ALTER TABLE record ADD COLUMN relates_to INTEGER GENERATED ALWAYS AS (coalesce(content ->> '$.relatesTo', content ->> '$.concerns')) VIRTUAL;
ALTER TABLE record ADD COLUMN outcome_name TEXT GENERATED ALWAYS AS (
  CASE content ->> '$.outcome'
    WHEN 'unrestored' THEN 'restore-failed'
    WHEN 'mismatch' THEN 'not-effective'
    WHEN 'observed-requested' THEN 'recovered-applied'
    WHEN 'observed-before' THEN 'recovered-unchanged'
    ELSE content ->> '$.outcome'
  END
) VIRTUAL;

CREATE INDEX record_change_kind ON record (change_kind, change_id) WHERE kind = 'intent';
CREATE INDEX record_rollback_of ON record (rollback_of, change_id) WHERE kind = 'intent' AND rollback_of IS NOT NULL;
CREATE INDEX record_relates_to ON record (relates_to, change_id) WHERE kind = 'intent' AND relates_to IS NOT NULL;
CREATE INDEX record_outcome_name ON record (outcome_name, change_id) WHERE kind = 'outcome';

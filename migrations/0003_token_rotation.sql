-- A token is replaced by a successor with the same name and scopes; the expiry of the old one is then brought forward.
ALTER TABLE token ADD COLUMN succeeds TEXT REFERENCES token (id);
-- RFC 3339, UTC, milliseconds; noted once a minute at most.
ALTER TABLE token ADD COLUMN last_used_at TEXT;

CREATE UNIQUE INDEX token_one_successor ON token (succeeds) WHERE succeeds IS NOT NULL;

DROP TRIGGER token_only_revoked;

CREATE TRIGGER token_only_revoked BEFORE UPDATE OF id, name, secret_sha256, scopes, created_at, succeeds ON token
BEGIN SELECT RAISE(ABORT, 'a token is revoked, never changed'); END;

CREATE TRIGGER token_expiry_only_nearer BEFORE UPDATE OF expires_at ON token
WHEN new.expires_at IS NULL OR new.expires_at > old.expires_at
BEGIN SELECT RAISE(ABORT, 'the expiry of a token is brought forward, never put off'); END;

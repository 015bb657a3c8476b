-- Bearer tokens. The secret itself is nowhere: only its SHA-256.
CREATE TABLE token (
  id TEXT PRIMARY KEY CHECK (length(id) = 12 AND id NOT GLOB '*[^0-9a-f]*'),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),
  -- JSON array of scope names.
  scopes TEXT NOT NULL CHECK (json_valid(scopes) AND json_type(scopes) = 'array'),
  -- RFC 3339, UTC, milliseconds.
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
) STRICT;

-- Records name tokens by id, so a token outlives its revocation.
CREATE TRIGGER token_never_deleted BEFORE DELETE ON token
BEGIN SELECT RAISE(ABORT, 'a token is revoked, never deleted'); END;

CREATE TRIGGER token_only_revoked BEFORE UPDATE OF id, name, secret_sha256, scopes, created_at, expires_at ON token
BEGIN SELECT RAISE(ABORT, 'a token is revoked, never changed'); END;

CREATE TRIGGER token_revoked_once BEFORE UPDATE OF revoked_at ON token WHEN old.revoked_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revoked token stays revoked'); END;

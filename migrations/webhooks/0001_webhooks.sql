-- Webhooks, what was delivered to them, and the events that are not changes. The journal has the changes.

-- Identifies this file in the ids of its events: a new file begins with sequence 1 again.
CREATE TABLE store (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id TEXT NOT NULL,
  -- 0: `finding` has not been filled yet.
  watched INTEGER NOT NULL CHECK (watched IN (0, 1))
) STRICT;
INSERT INTO store (only, id, watched) VALUES (1, lower(hex(randomblob(6))), 0);

CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  -- The key of the signatures, in plain text: signing needs it.
  secret TEXT NOT NULL CHECK (secret GLOB 'whsec_*'),
  types TEXT NOT NULL CHECK (json_type(types) = 'array'),
  -- Milliseconds since 1970, like every time here.
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL CHECK (json_type(created_by) = 'object'),
  -- The last change and the last event that were delivered.
  change INTEGER NOT NULL CHECK (change >= 0),
  derived INTEGER NOT NULL CHECK (derived >= 0),
  delivered_at INTEGER,
  -- Of the event that could not be delivered: since, attempts, error, at, retryAt.
  failure TEXT CHECK (failure IS NULL OR json_type(failure) = 'object'),
  dead INTEGER NOT NULL CHECK (dead IN (0, 1))
) STRICT;

-- AUTOINCREMENT: a number is never used again, even after the newest events were removed.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL,
  data TEXT NOT NULL CHECK (json_type(data) = 'object')
) STRICT;

-- The findings that were reported as raised.
CREATE TABLE finding (
  position INTEGER PRIMARY KEY,
  finding TEXT NOT NULL CHECK (json_type(finding) = 'object'),
  absent INTEGER NOT NULL CHECK (absent >= 0)
) STRICT;

-- How the table was over time. No evidence: a damaged file is set aside and begun anew.

-- Which counters a list of increments is of, in its order. One row for each kernel that was sampled.
CREATE TABLE counter_names (
  id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE CHECK (json_valid(names) AND json_type(names) = 'array')
) STRICT;

-- What was seen in a period of `step` seconds. A sample goes into its period of every step at once, so that nothing has to be summed up later.
CREATE TABLE period (
  step INTEGER NOT NULL CHECK (step > 0),
  -- Where it begins, in seconds since 1970.
  at INTEGER NOT NULL CHECK (at % step = 0),
  readings INTEGER NOT NULL CHECK (readings > 0),
  -- Readings that had a count, and their sum.
  counts INTEGER NOT NULL CHECK (counts BETWEEN 0 AND readings),
  count_sum INTEGER NOT NULL,
  count_peak INTEGER CHECK ((count_peak IS NULL) = (counts = 0)),
  -- The last readings.
  max INTEGER,
  buckets INTEGER,
  -- Time that the increments are of.
  seconds REAL CHECK ((seconds IS NULL) = (increments IS NULL)),
  names_id INTEGER REFERENCES counter_names (id) CHECK ((names_id IS NULL) = (increments IS NULL)),
  -- JSON array, in the order of the names.
  increments TEXT,
  PRIMARY KEY (step, at)
) STRICT, WITHOUT ROWID;

-- The most entries ever seen: outlives the periods.
CREATE TABLE peak (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  count INTEGER NOT NULL,
  -- Milliseconds since 1970.
  at INTEGER NOT NULL
) STRICT;

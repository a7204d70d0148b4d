-- The process that runs a generation, so that a process that starts leaves the replies of living ones alone.

-- A runner without a row, or with an expired one, has ended.
CREATE TABLE runners (
    id BLOB NOT NULL PRIMARY KEY
  , lease_expires_at INTEGER NOT NULL
) STRICT;

ALTER TABLE generations ADD COLUMN runner_id BLOB;

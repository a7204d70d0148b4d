-- Names of this server that somebody confirmed with the set-up code.

CREATE TABLE confirmed_hosts (
    name TEXT NOT NULL PRIMARY KEY
  , confirmed_at INTEGER NOT NULL
) STRICT;

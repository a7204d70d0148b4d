-- Saved prompts. The folded key makes a name unique in its account without regard to case.

CREATE TABLE prompts (
    id BLOB NOT NULL PRIMARY KEY
  , owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , name TEXT NOT NULL
  , name_key TEXT NOT NULL
  , text TEXT NOT NULL
  , created_at INTEGER NOT NULL
  , updated_at INTEGER NOT NULL
  , UNIQUE (owner_id, name_key)
) STRICT;

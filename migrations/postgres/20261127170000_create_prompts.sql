-- Saved prompts. The folded key makes a name unique in its account without regard to case.

CREATE TABLE prompts (
    id UUID NOT NULL PRIMARY KEY
  , owner_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , name TEXT NOT NULL
  , name_key TEXT NOT NULL
  , text TEXT NOT NULL
  , created_at BIGINT NOT NULL
  , updated_at BIGINT NOT NULL
  , UNIQUE (owner_id, name_key)
);

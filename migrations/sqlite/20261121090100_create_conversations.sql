-- A conversation is a row, and its messages are a tree in which siblings are alternatives.

-- `title_folded` is the title in lower case as Rust folds it, because the engines fold differently.
-- `active_leaf_id` has no foreign key: it would make a circle with `messages`, and both go together anyway.
CREATE TABLE conversations (
    id BLOB NOT NULL PRIMARY KEY
  , owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , title TEXT NOT NULL
  , title_folded TEXT NOT NULL
  , title_is_own INTEGER NOT NULL CHECK (title_is_own IN (0, 1))
  , model TEXT
  , active_leaf_id BLOB
  , created_at INTEGER NOT NULL
  , updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_owner ON conversations (owner_id, updated_at DESC, id DESC);

-- `parent_id` does not cascade: SQLite nests cascades only 1000 deep, and a conversation may be longer than that.
-- Messages go with their conversation, all in one statement.
CREATE TABLE messages (
    id BLOB NOT NULL PRIMARY KEY
  , conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
  , owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , parent_id BLOB REFERENCES messages (id)
  , author TEXT NOT NULL CHECK (author IN ('user', 'assistant'))
  , status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed'))
  , parts TEXT NOT NULL
  , model TEXT
  , generation_id BLOB
  , client_message_id BLOB
  , input_tokens INTEGER
  , output_tokens INTEGER
  , cached_tokens INTEGER
  , reasoning_tokens INTEGER
  , created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_conversation ON messages (conversation_id);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE UNIQUE INDEX messages_by_client_id ON messages (owner_id, client_message_id);
CREATE INDEX messages_streaming ON messages (id) WHERE status = 'streaming';

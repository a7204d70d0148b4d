-- One run of a model that fills one reply, so that it can be watched, stopped and accounted for by itself.

CREATE TABLE generations (
    id BLOB NOT NULL PRIMARY KEY
  , conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
  , message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE
  , status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed'))
  , sequence INTEGER NOT NULL CHECK (sequence >= 0)
  , created_at INTEGER NOT NULL
  , ended_at INTEGER
  , CHECK ((status = 'streaming') = (ended_at IS NULL))
) STRICT;

CREATE INDEX generations_by_conversation ON generations (conversation_id);
CREATE INDEX generations_by_message ON generations (message_id);
CREATE INDEX generations_streaming ON generations (conversation_id) WHERE status = 'streaming';

-- One run of a model that fills one reply, so that it can be watched, stopped and accounted for by itself.

CREATE TABLE generations (
    id UUID NOT NULL PRIMARY KEY
  , conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
  , message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE
  , status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed'))
  , sequence BIGINT NOT NULL CHECK (sequence >= 0)
  , created_at BIGINT NOT NULL
  , ended_at BIGINT
  , CHECK ((status = 'streaming') = (ended_at IS NULL))
);

CREATE INDEX generations_by_conversation ON generations (conversation_id);
CREATE INDEX generations_by_message ON generations (message_id);
CREATE INDEX generations_streaming ON generations (conversation_id) WHERE status = 'streaming';

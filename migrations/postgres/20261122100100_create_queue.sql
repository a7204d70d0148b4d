-- Messages that wait for a running reply to end. Each goes when it is sent or deleted.

-- `beside` and `options` are JSON. A reply that is deleted sets its waiting messages free instead of taking them along.
CREATE TABLE queued_messages (
    owner_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , client_message_id UUID NOT NULL
  , conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
  , reply_id UUID REFERENCES messages (id) ON DELETE SET NULL
  , position BIGINT NOT NULL
  , content TEXT NOT NULL
  , model TEXT
  , beside TEXT NOT NULL
  , options TEXT NOT NULL
  , created_at BIGINT NOT NULL
  , PRIMARY KEY (owner_id, client_message_id)
);

CREATE UNIQUE INDEX queued_messages_by_conversation ON queued_messages (conversation_id, position);
CREATE INDEX queued_messages_by_reply ON queued_messages (reply_id);

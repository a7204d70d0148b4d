-- Each index costs every message a page of the log, so two of them become one and one goes.

-- The messages at the top of a conversation have no parent in this index.
DROP INDEX messages_at_top;
DROP INDEX messages_by_conversation;
CREATE INDEX messages_by_conversation ON messages (conversation_id, parent_id);

-- Running replies are found by their generations.
DROP INDEX messages_streaming;

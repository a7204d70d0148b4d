-- Which alternative was shown at each fork, what a reply was asked for with, and one name for each request.

-- `shown_child_id` has no foreign key, as `active_leaf_id` has none: a child that is gone is as good as none.
-- `comparison_id` is shared by the replies that several models gave to one message at once: the first one's id.
ALTER TABLE messages ADD COLUMN shown_child_id UUID;
ALTER TABLE messages ADD COLUMN comparison_id UUID;
ALTER TABLE messages ADD COLUMN options TEXT;

CREATE INDEX messages_at_top ON messages (conversation_id) WHERE parent_id IS NULL;
CREATE INDEX messages_compared ON messages (comparison_id) WHERE comparison_id IS NOT NULL;

WITH RECURSIVE path (id, child) AS (
    SELECT m.parent_id, m.id
    FROM conversations c
    JOIN messages m ON m.id = c.active_leaf_id
    UNION ALL
    SELECT m.parent_id, m.id
    FROM path
    JOIN messages m ON m.id = path.id
)
UPDATE messages SET shown_child_id = path.child
FROM path
WHERE messages.id = path.id;

-- A request to write a reply is known by its client's id, whether it brought a message or asked for another reply or
-- for more of one. The digest tells a repeat from another request under the same id.
ALTER TABLE generations ADD COLUMN owner_id UUID REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE generations ADD COLUMN client_message_id UUID;
ALTER TABLE generations ADD COLUMN request_digest BYTEA;

UPDATE generations SET
    owner_id = (SELECT r.owner_id FROM messages r WHERE r.id = generations.message_id)
  , client_message_id = (
        SELECT q.client_message_id
        FROM messages r
        JOIN messages q ON q.id = r.parent_id
        WHERE r.id = generations.message_id
    );

CREATE UNIQUE INDEX generations_by_client_id ON generations (owner_id, client_message_id);

-- The number of messages above each message, so that nobody counts them for every reply.

ALTER TABLE messages ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;

WITH RECURSIVE down (id, depth) AS (
    SELECT m.id, CAST(0 AS BIGINT)
    FROM messages m
    WHERE m.parent_id IS NULL
    UNION ALL
    SELECT m.id, down.depth + 1
    FROM down
    JOIN messages m ON m.parent_id = down.id
)
UPDATE messages SET depth = down.depth
FROM down
WHERE messages.id = down.id AND down.depth > 0;

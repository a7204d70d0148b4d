-- The content of a queued message is JSON: a string, or a list of parts.

UPDATE queued_messages SET content = json_quote(content);

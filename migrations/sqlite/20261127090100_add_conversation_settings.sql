-- What a conversation asks of every model that answers in it; `options` is JSON.

ALTER TABLE conversations ADD COLUMN system_prompt TEXT;
ALTER TABLE conversations ADD COLUMN options TEXT;

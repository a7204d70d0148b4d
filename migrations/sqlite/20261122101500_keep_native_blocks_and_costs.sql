-- What a reply needs to be sent back unchanged to the provider that wrote it, and what it cost beyond plain tokens.

-- `native` is JSON that only its provider understands; no client ever gets it.
ALTER TABLE messages ADD COLUMN native TEXT;
ALTER TABLE messages ADD COLUMN finish TEXT;
ALTER TABLE messages ADD COLUMN context TEXT;
ALTER TABLE messages ADD COLUMN cache_write_tokens INTEGER;
ALTER TABLE messages ADD COLUMN cost_micros INTEGER;
ALTER TABLE messages ADD COLUMN usage_estimated INTEGER CHECK (usage_estimated IN (0, 1));

-- Uploaded files. Their bytes lie elsewhere, under the hash of what is in them.

-- The owner's client chooses the id. `upload_hash` tells a repeated upload from another file with the same id. A file
-- that no message uses is deleted after `kept_until`.
CREATE TABLE files (
    owner_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , id UUID NOT NULL
  , name TEXT NOT NULL
  , media_type TEXT NOT NULL
  , size BIGINT NOT NULL CHECK (size >= 0)
  , width BIGINT
  , height BIGINT
  , upload_hash BYTEA NOT NULL
  , kept_until BIGINT NOT NULL
  , created_at BIGINT NOT NULL
  , PRIMARY KEY (owner_id, id)
);

CREATE INDEX files_by_kept_until ON files (kept_until);

-- The file itself and what was made of it.
CREATE TABLE file_blobs (
    owner_id UUID NOT NULL
  , file_id UUID NOT NULL
  , role TEXT NOT NULL CHECK (role IN ('content', 'for_models', 'thumbnail', 'text'))
  , hash BYTEA NOT NULL
  , size BIGINT NOT NULL CHECK (size >= 0)
  , media_type TEXT NOT NULL
  , PRIMARY KEY (owner_id, file_id, role)
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id) ON DELETE CASCADE
);

CREATE INDEX file_blobs_by_hash ON file_blobs (hash);

CREATE TABLE message_files (
    message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE
  , owner_id UUID NOT NULL
  , file_id UUID NOT NULL
  , PRIMARY KEY (message_id, file_id)
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id)
);

CREATE INDEX message_files_by_file ON message_files (owner_id, file_id);

CREATE TABLE queued_files (
    owner_id UUID NOT NULL
  , client_message_id UUID NOT NULL
  , file_id UUID NOT NULL
  , PRIMARY KEY (owner_id, client_message_id, file_id)
  , FOREIGN KEY (owner_id, client_message_id) REFERENCES queued_messages (owner_id, client_message_id) ON DELETE CASCADE
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id)
);

CREATE INDEX queued_files_by_file ON queued_files (owner_id, file_id);

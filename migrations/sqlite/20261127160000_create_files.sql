-- Uploaded files. Their bytes lie elsewhere, under the hash of what is in them.

-- The owner's client chooses the id. `upload_hash` tells a repeated upload from another file with the same id. A file
-- that no message uses is deleted after `kept_until`.
CREATE TABLE files (
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , id BLOB NOT NULL
  , name TEXT NOT NULL
  , media_type TEXT NOT NULL
  , size INTEGER NOT NULL CHECK (size >= 0)
  , width INTEGER
  , height INTEGER
  , upload_hash BLOB NOT NULL
  , kept_until INTEGER NOT NULL
  , created_at INTEGER NOT NULL
  , PRIMARY KEY (owner_id, id)
) STRICT;

CREATE INDEX files_by_kept_until ON files (kept_until);

-- The file itself and what was made of it.
CREATE TABLE file_blobs (
    owner_id BLOB NOT NULL
  , file_id BLOB NOT NULL
  , role TEXT NOT NULL CHECK (role IN ('content', 'for_models', 'thumbnail', 'text'))
  , hash BLOB NOT NULL
  , size INTEGER NOT NULL CHECK (size >= 0)
  , media_type TEXT NOT NULL
  , PRIMARY KEY (owner_id, file_id, role)
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX file_blobs_by_hash ON file_blobs (hash);

CREATE TABLE message_files (
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE
  , owner_id BLOB NOT NULL
  , file_id BLOB NOT NULL
  , PRIMARY KEY (message_id, file_id)
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id)
) STRICT;

CREATE INDEX message_files_by_file ON message_files (owner_id, file_id);

CREATE TABLE queued_files (
    owner_id BLOB NOT NULL
  , client_message_id BLOB NOT NULL
  , file_id BLOB NOT NULL
  , PRIMARY KEY (owner_id, client_message_id, file_id)
  , FOREIGN KEY (owner_id, client_message_id) REFERENCES queued_messages (owner_id, client_message_id) ON DELETE CASCADE
  , FOREIGN KEY (owner_id, file_id) REFERENCES files (owner_id, id)
) STRICT;

CREATE INDEX queued_files_by_file ON queued_files (owner_id, file_id);

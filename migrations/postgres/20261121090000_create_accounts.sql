-- An account and its logins; the folded keys make names and addresses unique without regard to case.

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY
  , username TEXT NOT NULL
  , username_key TEXT NOT NULL UNIQUE
  , email TEXT
  , email_key TEXT UNIQUE
  , role TEXT NOT NULL CHECK (role IN ('admin', 'user'))
  , password_hash TEXT NOT NULL
  , created_at BIGINT NOT NULL
  , CHECK ((email IS NULL) = (email_key IS NULL))
);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY
  , user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE
  , created_at BIGINT NOT NULL
  , expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Accounts, sessions and API tokens. Neither truth nor derived: kept by backups.
-- Of tokens only the SHA-256 is here, of passwords only the Argon2id string.

CREATE TABLE account (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  folded      TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  password    TEXT NOT NULL,
  is_disabled INTEGER NOT NULL,
  created_at  BIGINT NOT NULL
);

CREATE TABLE account_grant (
  account INTEGER NOT NULL,
  role    TEXT NOT NULL,
  unit    TEXT NOT NULL,
  PRIMARY KEY (account, role, unit)
) WITHOUT ROWID;

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,
  account    INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX session_account ON session (account);

CREATE TABLE api_token (
  token_hash BLOB PRIMARY KEY,
  account    INTEGER NOT NULL,
  label      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

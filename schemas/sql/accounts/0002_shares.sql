-- Sharing links. Of a link's token only the SHA-256 is here, of its password only the Argon2id string.

CREATE TABLE share (
  id             TEXT PRIMARY KEY,
  token_hash     BLOB NOT NULL UNIQUE,
  material       TEXT NOT NULL,
  kit_version    INTEGER,
  maker          TEXT NOT NULL,
  recipient      TEXT NOT NULL,
  password       TEXT NOT NULL,
  download_limit INTEGER,
  made_at        BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  revoked_at     BIGINT,
  used_at        BIGINT,
  opened         INTEGER NOT NULL,
  downloaded     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX share_material ON share (material, made_at);

-- What a client began lately, so that its further ranges are the same download.
CREATE TABLE share_use (
  share  TEXT NOT NULL,
  what   TEXT NOT NULL,
  client BLOB NOT NULL,
  at     BIGINT NOT NULL,
  PRIMARY KEY (share, what, client)
) WITHOUT ROWID;

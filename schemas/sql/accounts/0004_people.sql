-- Links that work once, second steps of signing in, what sessions and tokens say of themselves.
-- Of links, codes and devices only the SHA-256 is here. The secret of a second step must be known to
-- hold codes against it: it is as safe as this file.

ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE api_token ADD COLUMN scope TEXT NOT NULL DEFAULT 'write';

-- A password was right and a code is awaited.
CREATE TABLE awaited_code (
  token_hash BLOB PRIMARY KEY,
  account    INTEGER NOT NULL,
  ends_at    BIGINT NOT NULL,
  failures   INTEGER NOT NULL
) WITHOUT ROWID;

-- Browsers that have signed in to an account before.
CREATE TABLE device (
  token_hash BLOB NOT NULL,
  account    INTEGER NOT NULL,
  seen_at    BIGINT NOT NULL,
  PRIMARY KEY (token_hash, account)
) WITHOUT ROWID;

CREATE INDEX device_account ON device (account, seen_at);

-- last_step: the newest time step of which a code was taken; each is taken once.
CREATE TABLE second_step (
  account      INTEGER PRIMARY KEY,
  secret       TEXT NOT NULL,
  is_confirmed INTEGER NOT NULL,
  last_step    BIGINT NOT NULL
);

CREATE TABLE recovery_code (
  account   INTEGER NOT NULL,
  code_hash BLOB NOT NULL,
  PRIMARY KEY (account, code_hash)
) WITHOUT ROWID;

-- Links that let somebody choose a password. Those that were used or revoked are not here any more.
CREATE TABLE invitation (
  token_hash BLOB PRIMARY KEY,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  folded     TEXT NOT NULL,
  role       TEXT NOT NULL,
  unit       TEXT NOT NULL,
  maker      TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX invitation_folded ON invitation (folded);

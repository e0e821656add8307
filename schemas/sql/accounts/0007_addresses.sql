-- Where people are written to, passwords that were forgotten, accreditations of journalists, and
-- names that are never given again.

-- ends_at: from then on the account is closed; null: it has no end.
ALTER TABLE account ADD COLUMN ends_at BIGINT;

-- told_at: up to when its person has heard of the work that waits; look_at: when that is looked at.
CREATE TABLE account_address (
  account    INTEGER PRIMARY KEY,
  address    TEXT NOT NULL,
  folded     TEXT NOT NULL,
  language   TEXT NOT NULL,
  wants_work INTEGER NOT NULL,
  told_at    BIGINT NOT NULL,
  look_at    BIGINT NOT NULL
);

CREATE INDEX account_address_folded ON account_address (folded);
CREATE INDEX account_address_look ON account_address (look_at) WHERE wants_work = 1;

-- An address that its person has not confirmed yet; an account has one at most.
CREATE TABLE address_wish (
  account  INTEGER PRIMARY KEY,
  address  TEXT NOT NULL,
  folded   TEXT NOT NULL,
  language TEXT NOT NULL,
  ends_at  BIGINT NOT NULL
);

-- A mail that was sent twice has two tokens, and either confirms. `wish`: an account's or an
-- accreditation's, by `kind`.
CREATE TABLE address_token (
  token_hash BLOB PRIMARY KEY,
  kind       TEXT NOT NULL,
  wish       TEXT NOT NULL,
  ends_at    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX address_token_end ON address_token (ends_at);

-- Somebody says that a password was forgotten. `asked`: an account's name or an address, as typed;
-- whether there is one is found out when the mail is written.
CREATE TABLE recovery_wish (
  id       TEXT PRIMARY KEY,
  asked    TEXT NOT NULL,
  language TEXT NOT NULL,
  ends_at  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX recovery_wish_end ON recovery_wish (ends_at);

-- Journalists who ask for a press account, and those who got one.
CREATE TABLE accreditation (
  id           TEXT PRIMARY KEY,
  state        TEXT NOT NULL,
  person       TEXT NOT NULL,
  newsroom     TEXT NOT NULL,
  card         TEXT NOT NULL,
  telephone    TEXT NOT NULL,
  purpose      TEXT NOT NULL,
  address      TEXT NOT NULL,
  folded       TEXT NOT NULL,
  language     TEXT NOT NULL,
  asked_at     BIGINT NOT NULL,
  decided_at   BIGINT NOT NULL,
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL,
  account      TEXT NOT NULL,
  ends_at      BIGINT NOT NULL,
  is_reminded  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX accreditation_state ON accreditation (state, asked_at);
CREATE INDEX accreditation_end ON accreditation (ends_at) WHERE state = 'granted';
CREATE INDEX accreditation_address ON accreditation (folded);

-- Names of accounts that were erased, as the SHA-256 of the folded name: what their people made
-- keeps the name, so that nobody else may come by it.
CREATE TABLE erased_name (
  name_hash BLOB PRIMARY KEY,
  at        BIGINT NOT NULL
) WITHOUT ROWID;

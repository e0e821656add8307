-- Mail that waits to be sent, and who asked to be told of corrections of press kits.
-- A mail is written when it is sent; here stands only what it is about.

CREATE TABLE mail (
  id       TEXT PRIMARY KEY,
  kind     TEXT NOT NULL,
  subject  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  rank     INTEGER NOT NULL,
  made_at  BIGINT NOT NULL,
  due_at   BIGINT NOT NULL,
  attempts INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX mail_due ON mail (rank, due_at);
CREATE INDEX mail_subject ON mail (subject);

-- Who asked and has not confirmed it.
CREATE TABLE notice_wish (
  id       TEXT PRIMARY KEY,
  kit      TEXT NOT NULL,
  address  TEXT NOT NULL,
  folded   TEXT NOT NULL,
  account  TEXT NOT NULL,
  language TEXT NOT NULL,
  version  INTEGER NOT NULL,
  ends_at  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX notice_wish_end ON notice_wish (ends_at);
CREATE INDEX notice_wish_of ON notice_wish (kit, folded);

-- A mail that was sent twice has two tokens, and either confirms.
CREATE TABLE notice_wish_token (
  token_hash BLOB PRIMARY KEY,
  wish       TEXT NOT NULL,
  ends_at    BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX notice_wish_token_end ON notice_wish_token (ends_at);

-- Who gets notices. Each of them carries leave_token, which ends them and does nothing else.
CREATE TABLE notice_follower (
  id                TEXT PRIMARY KEY,
  kit               TEXT NOT NULL,
  address           TEXT NOT NULL,
  folded            TEXT NOT NULL,
  account           TEXT NOT NULL,
  language          TEXT NOT NULL,
  leave_token       TEXT NOT NULL UNIQUE,
  told_version      INTEGER NOT NULL,
  is_told_withdrawn INTEGER NOT NULL,
  confirmed_at      BIGINT NOT NULL,
  UNIQUE (kit, folded)
) WITHOUT ROWID;

CREATE INDEX notice_follower_untold ON notice_follower (kit, told_version, account);
CREATE INDEX notice_follower_withdrawal ON notice_follower (kit, is_told_withdrawn, account);

-- The kits that somebody follows, and when each is looked at next.
CREATE TABLE notice_kit (
  kit     TEXT PRIMARY KEY,
  look_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX notice_kit_look ON notice_kit (look_at);

-- Mails that were asked for lately, by the SHA-256 of the address and of the client's network.
CREATE TABLE notice_count (
  who BLOB NOT NULL,
  at  BIGINT NOT NULL
);

CREATE INDEX notice_count_who ON notice_count (who, at);
CREATE INDEX notice_count_at ON notice_count (at);

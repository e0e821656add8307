-- Who an account is at a provider of sign-in, and the rights that come from there.
-- is_origin: the account was made for this identity; else its person linked it.

CREATE TABLE identity (
  id        INTEGER PRIMARY KEY,
  issuer    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  account   INTEGER NOT NULL,
  label     TEXT NOT NULL,
  is_origin INTEGER NOT NULL,
  linked_at BIGINT NOT NULL,
  used_at   BIGINT NOT NULL,
  UNIQUE (issuer, subject)
);

CREATE INDEX identity_account ON identity (account);

-- identity: whose claims gave it; 0: given by hand. Both may give the same.

CREATE TABLE grant_of_some (
  account  INTEGER NOT NULL,
  role     TEXT NOT NULL,
  unit     TEXT NOT NULL,
  ends_at  BIGINT,
  identity INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, role, unit, identity)
) WITHOUT ROWID;

INSERT INTO grant_of_some (account, role, unit, ends_at)
  SELECT account, role, unit, ends_at FROM account_grant;

DROP TABLE account_grant;

ALTER TABLE grant_of_some RENAME TO account_grant;

ALTER TABLE session ADD COLUMN had_second_factor INTEGER NOT NULL DEFAULT 0;

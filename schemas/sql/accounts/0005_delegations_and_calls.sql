-- Grants that were delegated, and calls for contributions.

-- ends_at: of a delegation; null for good.

ALTER TABLE account_grant ADD COLUMN ends_at BIGINT;

-- Calls by which members without an account contribute; the id is the link.
CREATE TABLE call (
  id         TEXT PRIMARY KEY,
  unit       TEXT NOT NULL,
  title      TEXT NOT NULL,
  invitation TEXT NOT NULL,
  preset     TEXT NOT NULL,
  maker      TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  most       BIGINT NOT NULL,
  received   BIGINT NOT NULL,
  is_listed  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX call_unit ON call (unit, made_at);
CREATE INDEX call_listed ON call (ends_at) WHERE is_listed = 1;

-- Uploads that are under way or were lately brought to an end. Neither truth nor derived, and not
-- kept by backups: what was acknowledged as a material is in the store.
-- The bytes lie beside this file in <id>.part; the first offset_bytes of them are durable.

CREATE TABLE upload (
  id           TEXT PRIMARY KEY,
  creator      TEXT NOT NULL,
  unit         TEXT NOT NULL,
  length_bytes BIGINT NOT NULL,
  offset_bytes BIGINT NOT NULL,
  metadata     TEXT NOT NULL,
  state        TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  material     TEXT NOT NULL,
  outcome      TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX upload_creator ON upload (creator, state);
CREATE INDEX upload_unit ON upload (unit, state);
CREATE INDEX upload_expiry ON upload (expires_at);

-- What keeps bytes in the store, when they were last read whole, and what is owed to the audit chain.

-- Every file that any revision of a material names: bytes stay while one of these rows wants them.
CREATE TABLE kept_file (
  sha256  BLOB NOT NULL,
  arrival INTEGER NOT NULL,
  PRIMARY KEY (sha256, arrival)
) WITHOUT ROWID;

INSERT INTO kept_file (sha256, arrival) SELECT DISTINCT sha256, arrival FROM holding;

-- kind and year are those of the body, for retention; deleted_at is null unless it is deleted.
ALTER TABLE material ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE material ADD COLUMN year INTEGER NOT NULL DEFAULT 0;
ALTER TABLE material ADD COLUMN deleted_at BIGINT;
ALTER TABLE material ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;

UPDATE material SET kind = body ->> '$.kind', year = CAST(substr(body ->> '$.date', 1, 4) AS INTEGER);

CREATE INDEX material_of_kind ON material (kind, year) WHERE kind <> '';
CREATE INDEX material_deleted ON material (deleted_at) WHERE deleted_at IS NOT NULL;

-- How each blob was found when it was last read; checked_at 0: not yet. crc32 as in gzip.
CREATE TABLE fixity (
  sha256     BLOB PRIMARY KEY,
  size_bytes BIGINT NOT NULL,
  crc32      BIGINT,
  checked_at BIGINT NOT NULL,
  state      TEXT NOT NULL
) WITHOUT ROWID;

INSERT INTO fixity (sha256, size_bytes, crc32, checked_at, state)
SELECT sha256, max(size_bytes), NULL, 0, 'good' FROM holding GROUP BY sha256;

CREATE INDEX fixity_bad ON fixity (state) WHERE state <> 'good';

-- Entries of the audit chain that it may not have yet.
CREATE TABLE owed_audit (
  seq  BIGINT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('audit', 0);

-- The highest mark that the index was said to hold: an index that has less was lost.
INSERT INTO counter (name, value) SELECT 'indexed', coalesce(max(indexed_mark), 0) FROM material;

-- What upkeep remembers between runs, as JSON: how far the scrub is, the last backup.
CREATE TABLE upkeep (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

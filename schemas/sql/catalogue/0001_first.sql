-- The catalogue: what the records say, in a form that answers quickly, and the work still to do.
-- Ids are the 36 characters of a UUID, digests are 32 bytes, instants are milliseconds since 1970.
-- For PostgreSQL the types are put into its words, and lines that begin with two hyphens and
-- `postgresql` are statements (storage/catalogue/postgres_schema.hpp).

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
) WITHOUT ROWID;

INSERT INTO counter (name, value)
VALUES ('materials', 0), ('blobs', 0), ('bytes', 0), ('jobs', 0), ('mark', 0);

CREATE TABLE unit (
  id       TEXT PRIMARY KEY,
  number   BIGINT NOT NULL UNIQUE,
  body     TEXT NOT NULL,
  row_hash BLOB NOT NULL
) WITHOUT ROWID;

-- row_hash is the SHA-256 of id, revision, seal, page_count and body: SQLite's own check sees less
-- than a third of flipped bits.
CREATE TABLE material (
  arrival      INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  revision     INTEGER NOT NULL,
  seal         BLOB NOT NULL,
  page_count   INTEGER NOT NULL,
  mark         BIGINT NOT NULL,
  indexed_mark BIGINT NOT NULL,
  part_of      TEXT,
  batch        TEXT NOT NULL,
  group_name   TEXT NOT NULL,
  row_hash     BLOB NOT NULL,
  body         TEXT NOT NULL
);

CREATE INDEX material_waiting ON material (mark) WHERE mark > indexed_mark;
CREATE INDEX material_part_of ON material (part_of, arrival) WHERE part_of IS NOT NULL;
CREATE INDEX material_group ON material (batch, group_name, arrival) WHERE group_name <> '';

-- The originals of materials, by their bytes.
CREATE TABLE holding (
  sha256     BLOB NOT NULL,
  unit       TEXT NOT NULL,
  arrival    INTEGER NOT NULL,
  size_bytes BIGINT NOT NULL,
  PRIMARY KEY (sha256, unit, arrival)
) WITHOUT ROWID;

-- Bytes of records that the record store may not have yet.
CREATE TABLE owed_record (
  id       TEXT NOT NULL,
  revision INTEGER NOT NULL,
  body     TEXT NOT NULL,
  PRIMARY KEY (id, revision)
) WITHOUT ROWID;

CREATE TABLE batch (
  id         TEXT PRIMARY KEY,
  creator    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  is_closed  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX batch_newest ON batch (created_at);
CREATE INDEX batch_of_creator ON batch (creator, created_at);

CREATE TABLE batch_item (
  batch      TEXT NOT NULL,
  position   INTEGER NOT NULL,
  path       TEXT NOT NULL,
  sha256     BLOB,
  size_bytes BIGINT NOT NULL,
  pages      INTEGER NOT NULL,
  material   TEXT,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  PRIMARY KEY (batch, position)
) WITHOUT ROWID;

CREATE INDEX batch_item_material ON batch_item (material) WHERE material IS NOT NULL;

-- `due`: when it may be taken; while someone works on it, when it comes back.
CREATE TABLE job (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  lane       INTEGER NOT NULL,
  task       TEXT NOT NULL,
  material   TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  is_awaited INTEGER NOT NULL,
  due        BIGINT NOT NULL
);

CREATE INDEX job_due ON job (lane, due, id);
CREATE INDEX job_material ON job (material);

-- The time of the queue, in milliseconds; SQLite's comes from the program.
--postgresql CREATE FUNCTION queue_time() RETURNS BIGINT LANGUAGE sql STABLE
--postgresql   AS 'SELECT (extract(epoch FROM statement_timestamp()) * 1000)::BIGINT';
-- Who claimed it: the number of the server process that serves the claimer.
--postgresql ALTER TABLE job ADD COLUMN holder INTEGER;

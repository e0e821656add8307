-- Retention, and the records that are neither units nor materials.

-- kind is the retention key: "=10" for a material with a term of its own, else its kind. A list goes on
-- where it ended by (year, id).
DROP INDEX material_of_kind;
CREATE INDEX material_due ON material (kind, year, id) WHERE kind <> '' AND deleted_at IS NULL;

-- Which vocabularies and disposals there are; what they say is in the record store.
CREATE TABLE other_record (
  kind TEXT NOT NULL,
  id   TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

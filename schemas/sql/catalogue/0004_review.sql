-- Which materials wait for a decision of which unit, and whose are not out yet.

-- review_to and review_since: while it is submitted or approved; unpublished_of: its creator until it is out.
ALTER TABLE material ADD COLUMN review_to TEXT;
ALTER TABLE material ADD COLUMN review_since BIGINT;
ALTER TABLE material ADD COLUMN unpublished_of TEXT;

UPDATE material SET unpublished_of = body ->> '$.creator'
WHERE body ->> '$.state' IN ('draft', 'submitted', 'approved');

CREATE INDEX material_in_review ON material (review_to, review_since, id) WHERE review_to IS NOT NULL;
CREATE INDEX material_unpublished ON material (unpublished_of, id) WHERE unpublished_of IS NOT NULL;

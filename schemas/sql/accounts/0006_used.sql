-- When somebody signed in to the account last: what nobody used for long can be closed.

ALTER TABLE account ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;

UPDATE account SET used_at = MAX(created_at,
  COALESCE((SELECT MAX(seen_at) FROM device WHERE device.account = account.id), 0),
  COALESCE((SELECT MAX(seen_at) FROM session WHERE session.account = account.id), 0));

-- What people ask about their own data, and what they were answered.

CREATE TABLE data_request (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  person      TEXT NOT NULL,
  address     TEXT NOT NULL,
  subject     TEXT NOT NULL,
  language    TEXT NOT NULL,
  is_open     INTEGER NOT NULL,
  asked_at    BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  answered_by TEXT NOT NULL,
  answer      TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX data_request_open ON data_request (due_at) WHERE is_open = 1;
CREATE INDEX data_request_answered ON data_request (answered_at) WHERE is_open = 0;

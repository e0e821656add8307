#include "indexer/pipeline/record_writer.hpp"

#include <utility>

#include "indexer/pipeline/audit_trail.hpp"

namespace khochung::pipeline {

Result<std::optional<Record>> RecordWriter::newest(const Uuid& id) const {
  auto record = records_.newest(id);
  if (!record && record.error().code == ErrorCode::not_found) return std::nullopt;
  return KHOCHUNG_TRY(std::move(record));
}

Result<Record> RecordWriter::put(RecordKind kind, const Uuid& id, int expected,
                                 const Change& change, boost::json::value body,
                                 std::string_view action) {
  const std::scoped_lock one_writer(writing_);
  KHOCHUNG_CHECK(owed_.settle());
  const auto before = KHOCHUNG_TRY(newest(id));
  if ((before ? before->revision : 0) != expected)
    return fail(ErrorCode::precondition_failed,
                "revision " + std::to_string(expected) + " is not the newest of " + id.text());
  Record record{
      kind,           id,
      expected + 1,   before ? std::optional(Digest::of(to_canonical_json(*before))) : std::nullopt,
      now(),          change.by,
      change.from,    change.why,
      std::move(body)};
  const auto text = to_canonical_json(record);
  storage::AuditEvent event;
  event.at = record.at;
  event.by = record.by;
  event.from = record.from;
  event.action = action;
  event.object = id.text();
  event.detail = {{"revision", record.revision}, {"sha256", Digest::of(text).hex()}};
  KHOCHUNG_CHECK(catalogue_.put_record({kind, id, record.revision, text, owed_form(event)}));
  owed_.write(record);
  return record;
}

}  // namespace khochung::pipeline

#include "schemas/record.hpp"

#include <boost/json.hpp>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

std::string_view format_of(RecordKind kind) {
  return kind == RecordKind::material ? "khochung/material/1" : "khochung/unit/1";
}

}  // namespace

std::string to_canonical_json(const Record& record) {
  boost::json::object object{{"format", format_of(record.kind)},
                             {"id", record.id.text()},
                             {"revision", record.revision},
                             {"at", to_rfc3339(record.at)},
                             {"by", record.by},
                             {"from", record.from},
                             {"why", record.why},
                             {"body", record.body}};
  object["previous"] = record.previous ? boost::json::value(record.previous->hex()) : nullptr;
  return canonical_json(object);
}

Result<Record> record_from_json(std::string_view text) {
  boost::json::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error) return fail(ErrorCode::corrupt, "a record is not JSON: " + error.message());
  const JsonReader read(value);
  Record record;
  const auto format = read.string("format");
  if (format == format_of(RecordKind::material)) {
    record.kind = RecordKind::material;
  } else if (format == format_of(RecordKind::unit)) {
    record.kind = RecordKind::unit;
  } else {
    return fail(ErrorCode::corrupt, "a record of an unknown format: " + format);
  }
  record.id = KHOCHUNG_TRY(Uuid::parse(read.string("id")));
  record.revision = static_cast<int>(read.integer("revision"));
  if (const auto previous = read.string("previous"); !previous.empty()) {
    record.previous = KHOCHUNG_TRY(Digest::parse(previous));
  }
  record.at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  record.by = read.string("by");
  record.from = read.string("from");
  record.why = read.string("why");
  if (const auto* body = read.find("body")) record.body = *body;
  return record;
}

}  // namespace khochung

#include "schemas/record.hpp"

#include <array>
#include <boost/json.hpp>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

constexpr std::array<std::string_view, 5> kind_names{"material", "unit", "vocabulary", "disposal",
                                                     "bulk_edit"};

std::string format_of(RecordKind kind) {
  return "khochung/" + std::string(to_text(kind)) + "/1";
}

Result<RecordKind> kind_from(std::string_view format) {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    const auto kind = static_cast<RecordKind>(i);
    if (format_of(kind) == format) return kind;
  }
  return fail(ErrorCode::corrupt, "a record of an unknown format: " + std::string(format));
}

}  // namespace

std::string_view to_text(RecordKind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

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
  record.kind = KHOCHUNG_TRY(kind_from(read.string("format")));
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

bool may_begin_history(const Record& first, const Record& newest) {
  if (first.revision == 1) return !first.previous;
  const JsonReader body(newest.body);
  const auto* erasure = body.find("erasure");
  if (erasure == nullptr || !first.previous) return false;
  const auto erased = JsonReader(*erasure).strings("revisions");
  const auto before = static_cast<std::size_t>(first.revision) - 1;
  return erased.size() >= before && erased[before - 1] == first.previous->hex();
}

}  // namespace khochung

#include "indexer/pipeline/retention.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace khochung::pipeline {
namespace {

/// The retention keys whose materials can fall due, with the years that they are kept.
using Key = std::pair<std::string, int>;

std::vector<Key> keys_of(const RetentionTable& table) {
  std::vector<Key> keys;
  for (const auto& one : table.classes) {
    if (one.term.years) keys.emplace_back(one.kind, *one.term.years);
  }
  for (int years = 1; years <= longest_retention_years; ++years)
    keys.emplace_back("=" + std::to_string(years), years);
  std::ranges::sort(keys);
  return keys;
}

/// Where a part of the list ended: "<key>|<year>|<id>".
struct Cursor {
  std::string key;
  storage::Catalogue::DuePlace place;
};

Result<Cursor> cursor_from(const std::string& text) {
  Cursor cursor;
  if (text.empty()) return cursor;
  const auto first = text.find('|');
  const auto second = first == std::string::npos ? first : text.find('|', first + 1);
  if (second == std::string::npos) return fail(ErrorCode::bad_input, "no place of the due list");
  cursor.key = text.substr(0, first);
  cursor.place.id = text.substr(second + 1);
  std::from_chars(text.data() + first + 1, text.data() + second, cursor.place.year);
  return cursor;
}

std::string text_of(const std::string& key, const Material& last) {
  return key + "|" + std::to_string(filing_year(last.date)) + "|" + last.id.text();
}

}  // namespace

Result<Retention::Kept> Retention::table() const {
  const auto record = KHOCHUNG_TRY(writer_.newest(retention_table_id()));
  if (!record) return Kept{proposed_retention(), 0};
  return Kept{KHOCHUNG_TRY(retention_table_from_json(record->body)), record->revision};
}

Result<Retention::Kept> Retention::set_table(const RetentionTable& table, int expected,
                                             const Change& change) {
  const auto record =
      KHOCHUNG_TRY(writer_.put(RecordKind::vocabulary, retention_table_id(), expected, change,
                               to_json(table), "retention.revise"));
  return Kept{table, record.revision};
}

Result<Retention::DueList> Retention::due(std::chrono::year_month_day day, const std::string& after,
                                          int limit) const {
  const auto kept = KHOCHUNG_TRY(table());
  auto cursor = KHOCHUNG_TRY(cursor_from(after));
  DueList list;
  for (const auto& [key, years] : keys_of(kept.table)) {
    if (key < cursor.key) continue;
    if (key != cursor.key) cursor = {key, {}};
    const int newest_year = static_cast<int>(day.year()) - years - 1;
    const auto found = KHOCHUNG_TRY(catalogue_.of_key_until(key, newest_year, cursor.place, limit));
    for (const auto& entry : found) {
      const auto due = due_on(entry.material, kept.table);
      if (due && *due <= day) list.materials.push_back({entry, *due});
    }
    limit -= static_cast<int>(found.size());
    if (limit > 0) continue;
    list.next = text_of(key, found.back().material);
    break;
  }
  return list;
}

}  // namespace khochung::pipeline

#include <algorithm>
#include <array>

#include "storage/catalogue/tables.hpp"

namespace khochung::storage {
namespace {

using State = FixityResult::State;

constexpr std::array<std::string_view, 3> state_names{"good", "damaged", "missing"};

Result<State> fixity_state_from(std::string_view text) {
  const auto* found = std::ranges::find(state_names, text);
  if (found == state_names.end())
    return fail(ErrorCode::corrupt, "no state of a blob: " + std::string(text));
  return static_cast<State>(found - state_names.begin());
}

// clang-format off
#define KHOCHUNG_FIXITY_COLUMNS "sha256, size_bytes, crc32, checked_at, state"
// clang-format on

Result<FixityResult> result_from(const Rows& rows) {
  FixityResult result;
  result.sha256 = KHOCHUNG_TRY(rows.digest(0));
  result.size_bytes = static_cast<std::uint64_t>(rows.integer(1));
  if (!rows.is_null(2)) result.crc32 = static_cast<std::uint32_t>(rows.integer(2));
  if (rows.integer(3) != 0) result.checked_at = Instant(std::chrono::milliseconds(rows.integer(3)));
  result.state = KHOCHUNG_TRY(fixity_state_from(rows.text(4)));
  return result;
}

Result<std::vector<FixityResult>> results_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<FixityResult> results;
  while (KHOCHUNG_TRY(rows.next())) results.push_back(KHOCHUNG_TRY(result_from(rows)));
  return results;
}

}  // namespace

std::string_view to_text(State state) {
  return state_names.at(static_cast<std::size_t>(state));
}

namespace tables {

/// The bytes were read whole as they came in, so a blob that is new here was checked just now.
Result<void> expect_blob(Connection& connection, const MaterialFile& file, std::int64_t arrival) {
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO kept_file (sha256, arrival) VALUES (?, ?) ON CONFLICT DO NOTHING",
      {file.sha256, arrival}));
  KHOCHUNG_TRY(
      connection.change("INSERT INTO fixity (sha256, size_bytes, crc32, checked_at, state) "
                        "VALUES (?, ?, NULL, 0, 'good') ON CONFLICT DO NOTHING",
                        {file.sha256, static_cast<std::int64_t>(file.size_bytes)}));
  return {};
}

Result<std::vector<FixityResult>> fixity_in(Connection& connection, std::uint8_t slice) {
  std::array<std::uint8_t, Digest::size_bytes> first{};
  std::array<std::uint8_t, Digest::size_bytes> last{};
  last.fill(0xFF);
  first[0] = last[0] = slice;
  return results_of(connection.query("SELECT " KHOCHUNG_FIXITY_COLUMNS
                                     " FROM fixity WHERE sha256 BETWEEN ? AND ? ORDER BY sha256",
                                     {Digest(first), Digest(last)}));
}

Result<FixityResult> fixity(Connection& connection, const Digest& sha256) {
  const auto found = KHOCHUNG_TRY(results_of(connection.query(
      "SELECT " KHOCHUNG_FIXITY_COLUMNS " FROM fixity WHERE sha256 = ?", {sha256})));
  if (found.empty()) return fail(ErrorCode::not_found, "no blob " + sha256.hex());
  return found.front();
}

Result<void> set_fixity(Connection& connection, const FixityResult& result) {
  KHOCHUNG_TRY(connection.change(
      "UPDATE fixity SET size_bytes = ?, crc32 = coalesce(?, crc32), checked_at = ?, state = ? "
      "WHERE sha256 = ?",
      {static_cast<std::int64_t>(result.size_bytes),
       result.crc32 ? SqlValue(std::int64_t{*result.crc32}) : SqlValue(nullptr),
       result.checked_at ? milliseconds_of(*result.checked_at) : 0, to_text(result.state),
       result.sha256}));
  return {};
}

Result<std::vector<FixityResult>> bad_blobs(Connection& connection, int limit) {
  return results_of(connection.query("SELECT " KHOCHUNG_FIXITY_COLUMNS
                                     " FROM fixity WHERE state <> 'good' ORDER BY sha256 LIMIT ?",
                                     {std::int64_t{limit}}));
}

Result<bool> is_kept(Connection& connection, const Digest& sha256, Instant deleted_before) {
  const auto found = KHOCHUNG_TRY(connection.number(
      "SELECT 1 FROM kept_file k JOIN material m ON m.arrival = k.arrival WHERE k.sha256 = ? "
      "AND (m.deleted_at IS NULL OR m.deleted_at >= ? OR m.is_held = 1) LIMIT 1",
      {sha256, milliseconds_of(deleted_before)}));
  return found.has_value();
}

Result<Ids> keepers(Connection& connection, const Digest& sha256) {
  Ids ids;
  auto rows = KHOCHUNG_TRY(
      connection.query("SELECT m.id FROM kept_file k JOIN material m ON m.arrival = k.arrival "
                       "WHERE k.sha256 = ? ORDER BY m.id",
                       {sha256}));
  while (KHOCHUNG_TRY(rows.next())) ids.push_back(KHOCHUNG_TRY(MaterialId::parse(rows.text(0))));
  return ids;
}

Result<void> forget_blob(Connection& connection, const Digest& sha256) {
  KHOCHUNG_TRY(connection.change("DELETE FROM kept_file WHERE sha256 = ?", {sha256}));
  KHOCHUNG_TRY(connection.change("DELETE FROM fixity WHERE sha256 = ?", {sha256}));
  return {};
}

Result<void> owe_audit(Connection& connection, std::string_view body) {
  const auto seq = KHOCHUNG_TRY(add_to_counter(connection, "audit", 1));
  KHOCHUNG_TRY(connection.change("INSERT INTO owed_audit (seq, body) VALUES (?, ?)", {seq, body}));
  return {};
}

Result<std::vector<OwedAudit>> owed_audit(Connection& connection, int limit) {
  std::vector<OwedAudit> owed;
  auto rows = KHOCHUNG_TRY(connection.query("SELECT seq, body FROM owed_audit ORDER BY seq LIMIT ?",
                                            {std::int64_t{limit}}));
  while (KHOCHUNG_TRY(rows.next())) owed.push_back({rows.integer(0), rows.text(1)});
  return owed;
}

Result<void> forget_owed_audit(Connection& connection, std::int64_t seq) {
  KHOCHUNG_TRY(connection.change("DELETE FROM owed_audit WHERE seq <= ?", {seq}));
  return {};
}

Result<std::int64_t> audit_seq(Connection& connection) {
  return KHOCHUNG_TRY(connection.number("SELECT value FROM counter WHERE name = 'audit'"))
      .value_or(0);
}

Result<void> set_audit_seq(Connection& connection, std::int64_t seq) {
  KHOCHUNG_TRY(connection.change("UPDATE counter SET value = ? WHERE name = 'audit'", {seq}));
  return {};
}

Result<std::string> upkeep(Connection& connection, std::string_view name) {
  auto rows = KHOCHUNG_TRY(connection.query("SELECT value FROM upkeep WHERE name = ?", {name}));
  if (!KHOCHUNG_TRY(rows.next())) return std::string();
  return rows.text(0);
}

Result<void> set_upkeep(Connection& connection, std::string_view name, std::string_view value) {
  KHOCHUNG_TRY(
      connection.change("INSERT INTO upkeep (name, value) VALUES (?, ?) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        {name, value}));
  return {};
}

}  // namespace tables
}  // namespace khochung::storage

#include "storage/accounts/account_rows.hpp"

#include <algorithm>
#include <array>

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

/// Who stands so in the audit chain or in X-Act-As is nobody's account.
constexpr std::array<std::string_view, 5> words_of_ours{"anonymous", "system", "local", "cli",
                                                        "khochung"};

std::string_view to_text(access::AccountKind kind) {
  return kind == access::AccountKind::press ? "press" : "union_person";
}

}  // namespace

Result<std::vector<AccountRow>> account_rows(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<AccountRow> found;
  while (KHOCHUNG_TRY(rows.next())) {
    if (found.empty() || found.back().id != rows.integer(0)) {
      const auto kind =
          rows.text(2) == "press" ? access::AccountKind::press : access::AccountKind::union_person;
      found.push_back(
          {rows.integer(0), {rows.text(1), kind, {}, rows.integer(3) != 0}, rows.text(4)});
      auto& account = found.back().account;
      if (!rows.is_null(8)) account.ends_at = Instant(std::chrono::milliseconds(rows.integer(8)));
      account.has_password = !found.back().password.empty();
    }
    if (rows.is_null(5)) continue;
    AccountGrant grant{KHOCHUNG_TRY(access::role_from(rows.text(5))),
                       KHOCHUNG_TRY(UnitId::parse(rows.text(6)))};
    if (!rows.is_null(7)) grant.ends_at = Instant(std::chrono::milliseconds(rows.integer(7)));
    grant.is_from_provider = rows.integer(9) != 0;
    found.back().account.grants.push_back(grant);
  }
  return found;
}

Result<std::optional<AccountRow>> find_account(Connection& connection, std::string_view folded) {
  auto found = KHOCHUNG_TRY(
      account_rows(connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS KHOCHUNG_ACCOUNTS
                                    "WHERE a.folded = ? ORDER BY g.role, g.unit",
                                    {folded})));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<AccountRow> expect_account(Connection& connection, std::string_view folded) {
  auto found = KHOCHUNG_TRY(find_account(connection, folded));
  if (!found) return fail(ErrorCode::not_found, "no such account");
  return *std::move(found);
}

std::string folded_or_empty(std::string_view name) {
  return folded_account_name(name).value_or(std::string());
}

Result<void> expect_free_name(Connection& connection, std::string_view folded) {
  if (std::ranges::find(words_of_ours, folded) != words_of_ours.end())
    return fail(ErrorCode::conflict, "name_taken", "a word of the archive's own");
  const auto erased = KHOCHUNG_TRY(connection.number(
      "SELECT COUNT(*) FROM erased_name WHERE name_hash = ?", {Digest::of(folded)}));
  if (erased.value_or(0) == 0 && !KHOCHUNG_TRY(find_account(connection, folded))) return {};
  return fail(ErrorCode::conflict, "name_taken", "this name is taken");
}

Result<AccountRow> insert_account(Connection& connection, const Account& account,
                                  std::string_view phc, Instant at) {
  const auto folded = KHOCHUNG_TRY(folded_account_name(account.name));
  KHOCHUNG_CHECK(expect_free_name(connection, folded));
  const auto id = KHOCHUNG_TRY(connection.number(
      "INSERT INTO account (name, folded, kind, password, is_disabled, created_at) "
      "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
      {account.name, folded, to_text(account.kind), phc, std::int64_t{account.is_disabled ? 1 : 0},
       milliseconds_of(at)}));
  KHOCHUNG_CHECK(put_grants(connection, id.value_or(0), account.grants));
  return AccountRow{id.value_or(0), account, std::string(phc)};
}

Result<void> put_grants(Connection& connection, std::int64_t account,
                        const std::vector<AccountGrant>& grants) {
  for (const auto& grant : grants) {
    if (grant.is_from_provider) continue;
    const auto unit = grant.unit.text();
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO account_grant (account, role, unit, ends_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {account, access::to_text(grant.role), unit,
         grant.ends_at ? SqlValue(milliseconds_of(*grant.ends_at)) : SqlValue(nullptr)}));
  }
  return {};
}

Result<void> end_all_sessions(Connection& connection, std::int64_t account) {
  KHOCHUNG_TRY(connection.change("DELETE FROM session WHERE account = ?", {account}));
  KHOCHUNG_TRY(connection.change("DELETE FROM awaited_code WHERE account = ?", {account}));
  return {};
}

}  // namespace khochung::storage

#include "storage/accounts/sqlite_accounts.hpp"

#include <array>
#include <optional>

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::chrono::milliseconds idle_limit = hours(12);
constexpr std::chrono::milliseconds absolute_limit = hours(7 * 24);
/// How exactly the last use of a session is kept: a write a request would be an fsync a request.
constexpr std::chrono::milliseconds seen_step = minutes(5);
constexpr std::size_t token_bytes = 32;
constexpr std::string_view api_token_prefix = "kc_";

#define KHOCHUNG_ACCOUNT_COLUMNS "a.id, a.name, a.kind, a.is_disabled, a.password, g.role, g.unit"
#define KHOCHUNG_ACCOUNTS " FROM account a LEFT JOIN account_grant g ON g.account = a.id "

std::string_view to_text(access::AccountKind kind) {
  return kind == access::AccountKind::press ? "press" : "union_person";
}

/// An account with what only this file needs of it.
struct Row {
  std::int64_t id = 0;
  Account account;
  std::string password;
};

/// Accounts whose rows, one a grant, follow each other.
Result<std::vector<Row>> rows_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Row> found;
  while (KHOCHUNG_TRY(rows.next())) {
    if (found.empty() || found.back().id != rows.integer(0)) {
      const auto kind =
          rows.text(2) == "press" ? access::AccountKind::press : access::AccountKind::union_person;
      found.push_back(
          {rows.integer(0), {rows.text(1), kind, {}, rows.integer(3) != 0}, rows.text(4)});
    }
    if (rows.is_null(5)) continue;
    found.back().account.grants.push_back(
        {KHOCHUNG_TRY(access::role_from(rows.text(5))), KHOCHUNG_TRY(UnitId::parse(rows.text(6)))});
  }
  return found;
}

Result<std::optional<Row>> find(Connection& connection, std::string_view folded) {
  auto found =
      KHOCHUNG_TRY(rows_of(connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS KHOCHUNG_ACCOUNTS
                                            "WHERE a.folded = ? ORDER BY g.role, g.unit",
                                            {folded})));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<Row> expect(Connection& connection, std::string_view folded) {
  auto found = KHOCHUNG_TRY(find(connection, folded));
  if (!found) return fail(ErrorCode::not_found, "no such account");
  return *std::move(found);
}

/// A name that cannot be one is the name of nobody.
std::string folded_or_empty(std::string_view name) {
  return folded_account_name(name).value_or(std::string());
}

Result<void> put_grants(Connection& connection, std::int64_t account,
                        const std::vector<AccountGrant>& grants) {
  for (const auto& grant : grants) {
    const auto unit = grant.unit.text();
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO account_grant (account, role, unit) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        {account, access::to_text(grant.role), unit}));
  }
  return {};
}

tl::unexpected<Error> signed_out() {
  return fail(ErrorCode::unauthenticated, "no such session");
}

/// A form's token that only this session's pages know and that does not tell the session's.
std::string csrf_token_of(std::string_view token) {
  return Digest::of("khochung csrf " + std::string(token)).hex();
}

}  // namespace

SqliteAccounts::SqliteAccounts(std::unique_ptr<Database> database, Clock clock)
    : database_(std::move(database)), clock_(std::move(clock)) {}

// -- accounts

Result<void> SqliteAccounts::add(const Account& account, std::string_view password) {
  const auto folded = KHOCHUNG_TRY(folded_account_name(account.name));
  KHOCHUNG_CHECK(check_password(password));
  const auto phc = KHOCHUNG_TRY(hasher_.hash(password));
  return database_->write([&](Connection& connection) -> Result<void> {
    if (KHOCHUNG_TRY(find(connection, folded))) {
      return fail(ErrorCode::conflict, "name_taken", "this name is taken");
    }
    const auto id = KHOCHUNG_TRY(connection.number(
        "INSERT INTO account (name, folded, kind, password, is_disabled, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        {account.name, folded, to_text(account.kind), phc,
         std::int64_t{account.is_disabled ? 1 : 0}, milliseconds_of(clock_())}));
    return put_grants(connection, id.value_or(0), account.grants);
  });
}

Result<Account> SqliteAccounts::account(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  const auto row = database_->read([&](Connection& c) { return expect(c, folded); });
  return row.map([](const Row& found) { return found.account; });
}

Result<std::vector<Account>> SqliteAccounts::accounts() const {
  const auto rows = KHOCHUNG_TRY(database_->read([](Connection& connection) {
    return rows_of(connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS KHOCHUNG_ACCOUNTS
                                    "ORDER BY a.folded, g.role, g.unit"));
  }));
  std::vector<Account> accounts;
  for (const auto& row : rows) accounts.push_back(row.account);
  return accounts;
}

Result<void> SqliteAccounts::set_disabled(std::string_view name, bool is_disabled) {
  const auto folded = folded_or_empty(name);
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect(connection, folded));
    KHOCHUNG_TRY(connection.change("UPDATE account SET is_disabled = ? WHERE id = ?",
                                   {std::int64_t{is_disabled ? 1 : 0}, row.id}));
    if (is_disabled) {
      KHOCHUNG_TRY(connection.change("DELETE FROM session WHERE account = ?", {row.id}));
    }
    return {};
  });
}

Result<void> SqliteAccounts::set_password(std::string_view name, std::string_view password) {
  KHOCHUNG_CHECK(check_password(password));
  const auto folded = folded_or_empty(name);
  const auto phc = KHOCHUNG_TRY(hasher_.hash(password));
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect(connection, folded));
    KHOCHUNG_TRY(connection.change("UPDATE account SET password = ? WHERE id = ?", {phc, row.id}));
    KHOCHUNG_TRY(connection.change("DELETE FROM session WHERE account = ?", {row.id}));
    return {};
  });
}

Result<void> SqliteAccounts::set_grants(std::string_view name,
                                        const std::vector<AccountGrant>& grants) {
  const auto folded = folded_or_empty(name);
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect(connection, folded));
    KHOCHUNG_TRY(connection.change("DELETE FROM account_grant WHERE account = ?", {row.id}));
    return put_grants(connection, row.id, grants);
  });
}

// -- sessions

Result<Session> SqliteAccounts::sign_in(std::string_view name, std::string_view password,
                                        std::string_view network) {
  const auto folded = folded_or_empty(name);
  if (!throttle_.may_try(folded, network, clock_())) {
    return fail(ErrorCode::unavailable, "too_many_attempts", "this pair is slowed down");
  }
  const auto row = KHOCHUNG_TRY(
      database_->read([&](Connection& connection) { return find(connection, folded); }));
  const auto tried = password.substr(0, longest_password + 1);
  const bool matches = row ? KHOCHUNG_TRY(hasher_.matches(row->password, tried))
                           : KHOCHUNG_TRY(hasher_.matches_nobody(tried));
  if (!row || !matches || row->account.is_disabled) {
    return fail(ErrorCode::unauthenticated, "wrong_password", "wrong name or password");
  }
  throttle_.succeeded(folded, network);
  const bool is_outdated = PasswordHasher::is_outdated(row->password);
  return begin_session(folded, is_outdated ? KHOCHUNG_TRY(hasher_.hash(tried)) : std::string());
}

Result<Session> SqliteAccounts::begin_session(std::string_view folded,
                                              const std::string& new_password) {
  const auto token = random_hex(token_bytes);
  const auto at = clock_();
  return database_->write_giving<Session>([&](Connection& connection) -> Result<Session> {
    const auto row = KHOCHUNG_TRY(expect(connection, folded));
    if (row.account.is_disabled) return signed_out();
    if (!new_password.empty()) {
      KHOCHUNG_TRY(connection.change("UPDATE account SET password = ? WHERE id = ?",
                                     {new_password, row.id}));
    }
    KHOCHUNG_TRY(connection.change(
        "DELETE FROM session WHERE created_at < ? OR seen_at < ?",
        {milliseconds_of(at - absolute_limit), milliseconds_of(at - idle_limit)}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO session (token_hash, account, created_at, seen_at) VALUES (?, ?, ?, ?)",
        {Digest::of(token), row.id, milliseconds_of(at), milliseconds_of(at)}));
    return Session{token, csrf_token_of(token), row.account};
  });
}

Result<Session> SqliteAccounts::session(std::string_view token) {
  const auto token_hash = Digest::of(token);
  const auto at = clock_();
  std::int64_t seen_at = 0;
  const auto rows = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    auto seen = connection.number("SELECT seen_at FROM session WHERE token_hash = ?", {token_hash});
    if (seen) seen_at = seen->value_or(0);
    return rows_of(connection.query(
        "SELECT " KHOCHUNG_ACCOUNT_COLUMNS
        " FROM session s JOIN account a ON a.id = s.account "
        "LEFT JOIN account_grant g ON g.account = a.id WHERE s.token_hash = ? "
        "AND s.created_at >= ? AND s.seen_at >= ? AND a.is_disabled = 0 ORDER BY g.role, g.unit",
        {token_hash, milliseconds_of(at - absolute_limit), milliseconds_of(at - idle_limit)}));
  }));
  if (rows.empty()) return signed_out();
  if (milliseconds_of(at) - seen_at >= seen_step.count()) {
    const auto seen = database_->write([&](Connection& connection) -> Result<void> {
      KHOCHUNG_TRY(connection.change("UPDATE session SET seen_at = ? WHERE token_hash = ?",
                                     {milliseconds_of(at), token_hash}));
      return {};
    });
    if (!seen) return fail(seen.error());
  }
  return Session{"", csrf_token_of(token), rows.front().account};
}

Result<void> SqliteAccounts::end_session(std::string_view token) {
  return database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("DELETE FROM session WHERE token_hash = ?", {Digest::of(token)}));
    return {};
  });
}

// -- API tokens

Result<std::string> SqliteAccounts::make_api_token(std::string_view name, std::string_view label,
                                                   Instant expires_at) {
  const auto folded = folded_or_empty(name);
  const auto token = std::string(api_token_prefix) + random_hex(token_bytes);
  return database_->write_giving<std::string>([&](Connection& connection) -> Result<std::string> {
    const auto row = KHOCHUNG_TRY(expect(connection, folded));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO api_token (token_hash, account, label, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {Digest::of(token), row.id, label, milliseconds_of(clock_()),
         milliseconds_of(expires_at)}));
    return token;
  });
}

Result<Account> SqliteAccounts::account_of_api_token(std::string_view token) const {
  const auto at = milliseconds_of(clock_());
  const auto rows = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    return rows_of(
        connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS
                         " FROM api_token t JOIN account a ON a.id = t.account "
                         "LEFT JOIN account_grant g ON g.account = a.id WHERE t.token_hash = ? "
                         "AND t.expires_at > ? AND a.is_disabled = 0 ORDER BY g.role, g.unit",
                         {Digest::of(token), at}));
  }));
  if (rows.empty()) return fail(ErrorCode::unauthenticated, "no such API token");
  return rows.front().account;
}

Result<CheckedPages> SqliteAccounts::check_pages(std::uint8_t slice) {
  return database_->check_pages(slice);
}

}  // namespace khochung::storage

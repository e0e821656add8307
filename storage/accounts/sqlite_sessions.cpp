#include <algorithm>

#include "schemas/utf8.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/sqlite_accounts.hpp"

namespace khochung::storage {
namespace {

using std::chrono::minutes;

/// How exactly the last use of a session is kept: a write a request would be an fsync a request.
constexpr std::chrono::milliseconds seen_step = minutes(5);
constexpr std::size_t token_bytes = 32;
constexpr std::string_view api_token_prefix = "kc_";

tl::unexpected<Error> signed_out() {
  return fail(ErrorCode::unauthenticated, "no such session");
}

Instant instant_in(const Rows& rows, int column) {
  return Instant(std::chrono::milliseconds(rows.integer(column)));
}

Result<void> check_terms(const TokenTerms& terms, Instant at) {
  if (terms.expires_at <= at || terms.expires_at > at + AccountStore::longest_token_life)
    return fail(ErrorCode::bad_input, "token_expiry", "a token ends within 366 days");
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  };
  if (terms.label.size() > AccountStore::longest_label_bytes || !is_utf8(terms.label) ||
      std::ranges::any_of(terms.label, is_control)) {
    return fail(ErrorCode::bad_input, "the label is plain text of at most 100 bytes");
  }
  return {};
}

/// Takes the row of that id off a table, if it is the account's.
Result<void> remove_own(Database& database, std::string_view sql, std::string_view name,
                        std::string_view id) {
  const auto token_hash = Digest::parse(id);
  if (!token_hash) return fail(ErrorCode::not_found, "no such id");
  const auto folded = folded_or_empty(name);
  return database.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    if (KHOCHUNG_TRY(connection.change(sql, {*token_hash, row.id})) == 0)
      return fail(ErrorCode::not_found, "no such id");
    return {};
  });
}

}  // namespace

std::string csrf_token_of(std::string_view token) {
  return Digest::of("khochung csrf " + std::string(token)).hex();
}

// -- sessions

/// Without a second step the rights of an administrator rest, where they are asked to.
Result<std::vector<AccountRow>> SqliteAccounts::with_rights_in_force(
    Connection& connection, Result<std::vector<AccountRow>> found, bool had_second_factor) const {
  if (!found || had_second_factor || !settings_.administrators_need_second_step) return found;
  for (auto& row : *found) {
    if (KHOCHUNG_TRY(has_second_step(connection, row.id))) continue;
    for (auto& grant : row.account.grants)
      grant.role = std::min(grant.role, access::Role::spokesperson);
  }
  return found;
}

Result<Session> SqliteAccounts::session(std::string_view token) {
  const auto token_hash = Digest::of(token);
  const auto at = clock_();
  std::int64_t seen_at = 0;
  bool had_second_factor = false;
  const auto rows = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    auto seen = connection.query(
        "SELECT seen_at, had_second_factor FROM session WHERE token_hash = ?", {token_hash});
    if (seen && seen->next().value_or(false)) {
      seen_at = seen->integer(0);
      had_second_factor = seen->integer(1) != 0;
    }
    return with_rights_in_force(
        connection,
        account_rows(connection.query(
            "SELECT " KHOCHUNG_ACCOUNT_COLUMNS " FROM session s JOIN account a ON a.id = s.account "
            "LEFT JOIN account_grant g ON g.account = a.id WHERE s.token_hash = ? "
            "AND s.created_at >= ? AND s.seen_at >= ? ORDER BY g.role, g.unit",
            {token_hash, milliseconds_of(at - session_absolute_limit),
             milliseconds_of(at - session_idle_limit)})),
        had_second_factor);
  }));
  if (rows.empty() || !rows.front().account.is_open(at)) return signed_out();
  if (milliseconds_of(at) - seen_at >= seen_step.count()) {
    const auto seen = database_->write([&](Connection& connection) -> Result<void> {
      KHOCHUNG_TRY(connection.change("UPDATE session SET seen_at = ? WHERE token_hash = ?",
                                     {milliseconds_of(at), token_hash}));
      return {};
    });
    if (!seen) return fail(seen.error());
  }
  return Session{"", csrf_token_of(token), rows.front().account, "", false, had_second_factor};
}

Result<void> SqliteAccounts::end_session(std::string_view token) {
  return database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("DELETE FROM session WHERE token_hash = ?", {Digest::of(token)}));
    return {};
  });
}

Result<std::vector<SessionLine>> SqliteAccounts::sessions_of(std::string_view name) const {
  using Lines = std::vector<SessionLine>;
  const auto folded = folded_or_empty(name);
  const auto at = clock_();
  return database_->read([&](Connection& connection) -> Result<Lines> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT token_hash, created_at, seen_at, browser, network FROM session WHERE account = ? "
        "AND created_at >= ? AND seen_at >= ? ORDER BY seen_at DESC, token_hash",
        {row.id, milliseconds_of(at - session_absolute_limit),
         milliseconds_of(at - session_idle_limit)}));
    Lines lines;
    while (KHOCHUNG_TRY(rows.next())) {
      lines.push_back({KHOCHUNG_TRY(rows.digest(0)).hex(), instant_in(rows, 1), instant_in(rows, 2),
                       rows.text(3), rows.text(4)});
    }
    return lines;
  });
}

Result<void> SqliteAccounts::end_session_of(std::string_view name, std::string_view id) {
  return remove_own(*database_, "DELETE FROM session WHERE token_hash = ? AND account = ?", name,
                    id);
}

Result<int> SqliteAccounts::end_other_sessions(std::string_view name, std::string_view token) {
  const auto folded = folded_or_empty(name);
  return database_->write_giving<int>([&](Connection& connection) -> Result<int> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    return static_cast<int>(KHOCHUNG_TRY(connection.change(
        "DELETE FROM session WHERE account = ? AND token_hash <> ?", {row.id, Digest::of(token)})));
  });
}

// -- API tokens

Result<std::string> SqliteAccounts::make_api_token(std::string_view name, const TokenTerms& terms) {
  const auto folded = folded_or_empty(name);
  const auto at = clock_();
  KHOCHUNG_CHECK(check_terms(terms, at));
  const auto token = std::string(api_token_prefix) + random_hex(token_bytes);
  return database_->write_giving<std::string>([&](Connection& connection) -> Result<std::string> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    KHOCHUNG_TRY(
        connection.change("DELETE FROM api_token WHERE expires_at <= ?", {milliseconds_of(at)}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO api_token (token_hash, account, label, scope, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        {Digest::of(token), row.id, terms.label, to_text(terms.scope), milliseconds_of(at),
         milliseconds_of(terms.expires_at)}));
    return token;
  });
}

Result<std::vector<TokenLine>> SqliteAccounts::api_tokens_of(std::string_view name) const {
  using Lines = std::vector<TokenLine>;
  const auto folded = folded_or_empty(name);
  const auto at = milliseconds_of(clock_());
  return database_->read([&](Connection& connection) -> Result<Lines> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT token_hash, label, scope, expires_at, created_at FROM api_token "
        "WHERE account = ? AND expires_at > ? ORDER BY created_at DESC, token_hash",
        {row.id, at}));
    Lines lines;
    while (KHOCHUNG_TRY(rows.next())) {
      const TokenTerms terms{rows.text(1), KHOCHUNG_TRY(token_scope_from(rows.text(2))),
                             instant_in(rows, 3)};
      lines.push_back({KHOCHUNG_TRY(rows.digest(0)).hex(), terms, instant_in(rows, 4)});
    }
    return lines;
  });
}

Result<void> SqliteAccounts::revoke_api_token(std::string_view name, std::string_view id) {
  return remove_own(*database_, "DELETE FROM api_token WHERE token_hash = ? AND account = ?", name,
                    id);
}

Result<TokenHolder> SqliteAccounts::holder_of_api_token(std::string_view token) const {
  const auto at = clock_();
  const auto token_hash = Digest::of(token);
  return database_->read([&](Connection& connection) -> Result<TokenHolder> {
    const auto found = KHOCHUNG_TRY(with_rights_in_force(
        connection,
        account_rows(
            connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS
                             " FROM api_token t JOIN account a ON a.id = t.account "
                             "LEFT JOIN account_grant g ON g.account = a.id WHERE t.token_hash = ? "
                             "AND t.expires_at > ? ORDER BY g.role, g.unit",
                             {token_hash, milliseconds_of(at)})),
        false));
    if (found.empty() || !found.front().account.is_open(at))
      return fail(ErrorCode::unauthenticated, "no such API token");
    const auto writes = KHOCHUNG_TRY(connection.number(
        "SELECT COUNT(*) FROM api_token WHERE token_hash = ? AND scope = 'write'", {token_hash}));
    return TokenHolder{found.front().account,
                       writes.value_or(0) > 0 ? TokenScope::write : TokenScope::read};
  });
}

}  // namespace khochung::storage

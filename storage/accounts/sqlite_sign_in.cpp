#include "storage/accounts/columns.hpp"
#include "storage/accounts/sqlite_accounts.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::chrono::milliseconds code_is_awaited_for = std::chrono::minutes(5);
constexpr std::int64_t codes_tried_at_most = 5;
constexpr std::int64_t devices_at_most = 20;

tl::unexpected<Error> too_many_attempts() {
  return fail(ErrorCode::unavailable, "too_many_attempts", "tried too often");
}

tl::unexpected<Error> sign_in_again() {
  return fail(ErrorCode::unauthenticated, "sign_in_again", "no code is awaited");
}

/// Whether that browser has signed in to the account; the same work for a name that nobody has.
Result<bool> is_known_device(Connection& connection, std::string_view device,
                             std::string_view folded) {
  const auto count = KHOCHUNG_TRY(
      connection.number("SELECT COUNT(*) FROM device d JOIN account a ON a.id = d.account "
                        "WHERE d.token_hash = ? AND a.folded = ?",
                        {Digest::of(device), folded}));
  return count.value_or(0) > 0;
}

/// Remembers the browser; one that came with a token of ours keeps it.
Result<std::string> put_device(Connection& connection, std::int64_t account,
                               const std::string& shown, Instant at) {
  const auto known = KHOCHUNG_TRY(
      connection.number("SELECT COUNT(*) FROM device WHERE token_hash = ?", {Digest::of(shown)}));
  auto token = known.value_or(0) > 0 ? shown : random_hex(token_bytes);
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO device (token_hash, account, seen_at) VALUES (?, ?, ?) "
      "ON CONFLICT (token_hash, account) DO UPDATE SET seen_at = excluded.seen_at",
      {Digest::of(token), account, milliseconds_of(at)}));
  KHOCHUNG_TRY(connection.change(
      "DELETE FROM device WHERE account = ? AND token_hash NOT IN "
      "(SELECT token_hash FROM device WHERE account = ? ORDER BY seen_at DESC LIMIT ?)",
      {account, account, devices_at_most}));
  return token;
}

}  // namespace

Result<SqliteAccounts::Try> SqliteAccounts::begin_try(const std::string& folded,
                                                      const SignInFrom& from) {
  const auto at = clock_();
  Try one{folded, from.network, false};
  const bool is_known = KHOCHUNG_TRY(database_->read(
      [&](Connection& connection) { return is_known_device(connection, from.device, folded); }));
  if (is_known) one.place = "device " + Digest::of(from.device).hex();
  if (settings_.has_strict_lockout) {
    if (!lockout_.may_try(folded, at)) return too_many_attempts();
    return one;
  }
  if (throttle_.may_try(folded, one.place, at)) return one;
  if (from.code.empty()) return too_many_attempts();
  const auto taken = take_code(folded, from.code, CodeComes::before_password);
  if (!taken && taken.error().reason == "wrong_code") return too_many_attempts();
  if (!taken) return fail(taken.error());
  one.was_code_right = true;
  return one;
}

Result<void> SqliteAccounts::take_code(const std::string& folded, std::string_view code,
                                       CodeComes comes) {
  // No network is called so.
  const std::string_view place =
      comes == CodeComes::after_password ? "code after password" : "code before password";
  if (!throttle_.may_try(folded, place, clock_())) return too_many_attempts();
  KHOCHUNG_CHECK(second_steps_.take(folded, code));
  throttle_.succeeded(folded, place);
  return {};
}

void SqliteAccounts::let_in(const Try& one) {
  throttle_.succeeded(one.folded, one.place);
  lockout_.succeeded(one.folded);
}

Result<void> SqliteAccounts::check_is_in_use(const AccountRow& row) const {
  if (!settings_.idle_limit) return {};
  const auto since = milliseconds_of(clock_() - *settings_.idle_limit);
  const auto in_use = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    return connection.number(
        "SELECT COUNT(*) FROM account WHERE id = ? AND MAX(used_at, created_at) >= ?",
        {row.id, since});
  }));
  if (in_use.value_or(0) > 0) return {};
  return fail(ErrorCode::unauthenticated, "account_idle", "nobody used the account for long");
}

Result<AccountRow> SqliteAccounts::account_of_password(const std::string& folded,
                                                       std::string_view password) {
  const auto row = KHOCHUNG_TRY(
      database_->read([&](Connection& connection) { return find_account(connection, folded); }));
  const auto tried = password.substr(0, longest_password + 1);
  // An account whose password was taken back has none.
  const bool matches = row && !row->password.empty()
                           ? KHOCHUNG_TRY(hasher_.matches(row->password, tried))
                           : KHOCHUNG_TRY(hasher_.matches_nobody(tried));
  if (!row || !matches || row->account.is_disabled)
    return fail(ErrorCode::unauthenticated, "wrong_password", "wrong name or password");
  if (!row->account.is_open(clock_()))
    return fail(ErrorCode::unauthenticated, "account_over", "the account has ended");
  KHOCHUNG_CHECK(check_is_in_use(*row));
  if (!PasswordHasher::is_outdated(row->password)) return *row;
  const auto phc = KHOCHUNG_TRY(hasher_.hash(tried));
  const auto written = database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change("UPDATE account SET password = ? WHERE id = ? AND password = ?",
                                   {phc, row->id, row->password}));
    return {};
  });
  if (!written) return fail(written.error());
  return *row;
}

Result<Session> SqliteAccounts::sign_in(std::string_view name, std::string_view password,
                                        const SignInFrom& from) {
  const auto folded = folded_or_empty(name);
  const auto one = KHOCHUNG_TRY(begin_try(folded, from));
  const auto row = KHOCHUNG_TRY(account_of_password(folded, password));
  const bool needs_code = KHOCHUNG_TRY(
      database_->read([&](Connection& connection) { return has_second_step(connection, row.id); }));
  if (needs_code && !one.was_code_right) {
    if (from.code.empty()) return await_code(row);
    KHOCHUNG_CHECK(take_code(folded, from.code, CodeComes::after_password));
  }
  let_in(one);
  return put_session(folded, from);
}

Result<Session> SqliteAccounts::await_code(const AccountRow& row) {
  const auto token = random_hex(token_bytes);
  const auto at = clock_();
  const auto written = database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("DELETE FROM awaited_code WHERE ends_at <= ?", {milliseconds_of(at)}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO awaited_code (token_hash, account, ends_at, failures) VALUES (?, ?, ?, 0)",
        {Digest::of(token), row.id, milliseconds_of(at + code_is_awaited_for)}));
    return {};
  });
  if (!written) return fail(written.error());
  return Session{token, "", row.account, "", true};
}

Result<Session> SqliteAccounts::finish_sign_in(std::string_view awaited, std::string_view code,
                                               const SignInFrom& from) {
  const auto token_hash = Digest::of(awaited);
  const auto at = milliseconds_of(clock_());
  // A try is counted before the code is looked at.
  const auto folded =
      database_->write_giving<std::string>([&](Connection& connection) -> Result<std::string> {
        auto rows = KHOCHUNG_TRY(connection.query(
            "UPDATE awaited_code SET failures = failures + 1 "
            "WHERE token_hash = ? AND ends_at > ? AND failures < ? "
            "RETURNING (SELECT folded FROM account WHERE account.id = awaited_code.account)",
            {token_hash, at, codes_tried_at_most}));
        if (!KHOCHUNG_TRY(rows.next()) || rows.is_null(0)) return sign_in_again();
        auto name = rows.text(0);
        KHOCHUNG_TRY(rows.next());
        return name;
      });
  if (!folded) return fail(folded.error());
  SignInFrom shown = from;
  shown.code = code;
  const auto one = KHOCHUNG_TRY(begin_try(*folded, shown));
  if (!one.was_code_right) KHOCHUNG_CHECK(take_code(*folded, code, CodeComes::after_password));
  const auto ended = database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change("DELETE FROM awaited_code WHERE token_hash = ?", {token_hash}));
    return {};
  });
  if (!ended) return fail(ended.error());
  let_in(one);
  return put_session(*folded, from);
}

Result<Session> SqliteAccounts::begin_session(std::string_view name, const SignInFrom& from) {
  return put_session(folded_or_empty(name), from);
}

Result<Session> SqliteAccounts::begin_proven_session(std::string_view name,
                                                     const SignInFrom& from) {
  const auto folded = folded_or_empty(name);
  if (from.had_second_factor) return put_session(folded, from);
  const auto row = KHOCHUNG_TRY(
      database_->read([&](Connection& connection) { return expect_account(connection, folded); }));
  const bool needs_code = KHOCHUNG_TRY(
      database_->read([&](Connection& connection) { return has_second_step(connection, row.id); }));
  return needs_code ? await_code(row) : put_session(folded, from);
}

Result<void> SqliteAccounts::check_password(std::string_view name, std::string_view password,
                                            const SignInFrom& from) {
  const auto folded = folded_or_empty(name);
  const auto one = KHOCHUNG_TRY(begin_try(folded, from));
  KHOCHUNG_CHECK(account_of_password(folded, password));
  if (!from.code.empty() && !one.was_code_right)
    KHOCHUNG_CHECK(take_code(folded, from.code, CodeComes::after_password));
  let_in(one);
  return {};
}

Result<Session> SqliteAccounts::put_session(const std::string& folded, const SignInFrom& from) {
  const auto token = random_hex(token_bytes);
  const auto at = clock_();
  return database_->write_giving<Session>([&](Connection& connection) -> Result<Session> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    if (!row.account.is_open(at)) return sign_in_again();
    KHOCHUNG_TRY(connection.change(
        "DELETE FROM session WHERE created_at < ? OR seen_at < ?",
        {milliseconds_of(at - session_absolute_limit), milliseconds_of(at - session_idle_limit)}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO session (token_hash, account, created_at, seen_at, browser, network, "
        "had_second_factor) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {Digest::of(token), row.id, milliseconds_of(at), milliseconds_of(at), from.browser,
         from.network, std::int64_t{from.had_second_factor ? 1 : 0}}));
    KHOCHUNG_TRY(connection.change("UPDATE account SET used_at = ? WHERE id = ?",
                                   {milliseconds_of(at), row.id}));
    Session session{token, csrf_token_of(token), row.account, "", false};
    if (!from.is_program)
      session.device_token = KHOCHUNG_TRY(put_device(connection, row.id, from.device, at));
    return session;
  });
}

}  // namespace khochung::storage

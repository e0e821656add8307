#include "storage/accounts/second_step_store.hpp"

#include <optional>

#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/password.hpp"
#include "storage/accounts/totp.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t recovery_code_bytes = 8;
constexpr std::size_t letters_between_hyphens = 4;
constexpr std::size_t longest_code = 64;

struct SecondStep {
  std::string secret;
  bool is_confirmed = false;
  std::int64_t last_step = 0;
};

Result<std::optional<SecondStep>> step_row(Connection& connection, std::int64_t account) {
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT secret, is_confirmed, last_step FROM second_step WHERE account = ?", {account}));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  return SecondStep{rows.text(0), rows.integer(1) != 0, rows.integer(2)};
}

tl::unexpected<Error> wrong_code() {
  return fail(ErrorCode::unauthenticated, "wrong_code", "no code of the second step");
}

tl::unexpected<Error> none_begun() {
  return fail(ErrorCode::not_found, "no second step was begun");
}

/// A code as people type it, without what they add for reading.
std::string plain(std::string_view code) {
  std::string kept;
  for (const char letter : code.substr(0, longest_code)) {
    if (letter == ' ' || letter == '-') continue;
    kept += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return kept;
}

Digest hash_of(std::int64_t account, std::string_view plain_code) {
  return Digest::of("khochung recovery " + std::to_string(account) + " " + std::string(plain_code));
}

std::string with_hyphens(const std::string& code) {
  std::string text;
  for (std::size_t at = 0; at < code.size(); at += letters_between_hyphens)
    text += (at == 0 ? "" : "-") + code.substr(at, letters_between_hyphens);
  return text;
}

Result<std::vector<std::string>> put_recovery_codes(Connection& connection, std::int64_t account) {
  std::vector<std::string> codes;
  KHOCHUNG_TRY(connection.change("DELETE FROM recovery_code WHERE account = ?", {account}));
  for (int i = 0; i < SecondStepStore::recovery_codes; ++i) {
    const auto code = random_hex(recovery_code_bytes);
    KHOCHUNG_TRY(connection.change("INSERT INTO recovery_code (account, code_hash) VALUES (?, ?)",
                                   {account, hash_of(account, code)}));
    codes.push_back(with_hyphens(code));
  }
  return codes;
}

/// Takes a code of the authenticator program; false: it is none, or was taken before.
Result<bool> take_shown(Connection& connection, std::int64_t account, const SecondStep& row,
                        std::string_view code, Instant at) {
  const auto step = KHOCHUNG_TRY(totp::step_of(row.secret, code, at, row.last_step));
  if (!step) return false;
  KHOCHUNG_TRY(connection.change("UPDATE second_step SET last_step = ? WHERE account = ?",
                                 {*step, account}));
  return true;
}

}  // namespace

Result<bool> has_second_step(Connection& connection, std::int64_t account) {
  const auto row = KHOCHUNG_TRY(step_row(connection, account));
  return row && row->is_confirmed;
}

Result<void> forget_second_step(Connection& connection, std::int64_t account) {
  KHOCHUNG_TRY(connection.change("DELETE FROM second_step WHERE account = ?", {account}));
  KHOCHUNG_TRY(connection.change("DELETE FROM recovery_code WHERE account = ?", {account}));
  return {};
}

Result<bool> SecondStepStore::is_on(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  return database_.read([&](Connection& connection) -> Result<bool> {
    return has_second_step(connection, KHOCHUNG_TRY(expect_account(connection, folded)).id);
  });
}

Result<int> SecondStepStore::recovery_codes_left(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  return database_.read([&](Connection& connection) -> Result<int> {
    const auto id = KHOCHUNG_TRY(expect_account(connection, folded)).id;
    const auto count = KHOCHUNG_TRY(
        connection.number("SELECT COUNT(*) FROM recovery_code WHERE account = ?", {id}));
    return static_cast<int>(count.value_or(0));
  });
}

Result<std::string> SecondStepStore::begin(std::string_view name) {
  const auto folded = folded_or_empty(name);
  const auto secret = totp::make_secret();
  const auto written = database_.write([&](Connection& connection) -> Result<void> {
    const auto id = KHOCHUNG_TRY(expect_account(connection, folded)).id;
    if (KHOCHUNG_TRY(has_second_step(connection, id)))
      return fail(ErrorCode::conflict, "second_step_is_on", "there is a second step");
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO second_step (account, secret, is_confirmed, last_step) VALUES (?, ?, 0, 0) "
        "ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, last_step = 0",
        {id, secret}));
    return {};
  });
  if (!written) return fail(written.error());
  return secret;
}

Result<std::string> SecondStepStore::begun(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  return database_.read([&](Connection& connection) -> Result<std::string> {
    const auto id = KHOCHUNG_TRY(expect_account(connection, folded)).id;
    const auto row = KHOCHUNG_TRY(step_row(connection, id));
    if (!row || row->is_confirmed) return none_begun();
    return row->secret;
  });
}

Result<std::vector<std::string>> SecondStepStore::confirm(std::string_view name,
                                                          std::string_view code) {
  using Codes = std::vector<std::string>;
  const auto folded = folded_or_empty(name);
  const auto shown = plain(code);
  return database_.write_giving<Codes>([&](Connection& connection) -> Result<Codes> {
    const auto id = KHOCHUNG_TRY(expect_account(connection, folded)).id;
    const auto row = KHOCHUNG_TRY(step_row(connection, id));
    if (!row || row->is_confirmed) return none_begun();
    if (!KHOCHUNG_TRY(take_shown(connection, id, *row, shown, clock_()))) return wrong_code();
    KHOCHUNG_TRY(
        connection.change("UPDATE second_step SET is_confirmed = 1 WHERE account = ?", {id}));
    return put_recovery_codes(connection, id);
  });
}

Result<void> SecondStepStore::take(std::string_view name, std::string_view code) {
  const auto folded = folded_or_empty(name);
  const auto shown = plain(code);
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto found = KHOCHUNG_TRY(find_account(connection, folded));
    if (!found) return wrong_code();
    const auto row = KHOCHUNG_TRY(step_row(connection, found->id));
    if (!row || !row->is_confirmed) return wrong_code();
    if (KHOCHUNG_TRY(take_shown(connection, found->id, *row, shown, clock_()))) return {};
    const auto spent = KHOCHUNG_TRY(
        connection.change("DELETE FROM recovery_code WHERE account = ? AND code_hash = ?",
                          {found->id, hash_of(found->id, shown)}));
    if (spent == 0) return wrong_code();
    return {};
  });
}

Result<void> SecondStepStore::turn_off(std::string_view name) {
  const auto folded = folded_or_empty(name);
  return database_.write([&](Connection& connection) -> Result<void> {
    return forget_second_step(connection, KHOCHUNG_TRY(expect_account(connection, folded)).id);
  });
}

}  // namespace khochung::storage

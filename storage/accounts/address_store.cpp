#include "storage/accounts/address_store.hpp"

#include "schemas/identifier.hpp"
#include "schemas/language_code.hpp"
#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/mail_allowance.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/password.hpp"

namespace khochung::storage {
namespace {

using RecoveryId = Identifier<struct RecoveryTag>;

constexpr std::size_t token_bytes = 32;
constexpr std::string_view token_kind = "address";
constexpr std::size_t longest_asked_bytes = 254;

tl::unexpected<Error> link_over() {
  return fail(ErrorCode::not_found, "address_link_over", "no such wish");
}

Language language_from(std::string_view text) {
  return text == "en" ? Language::english : Language::vietnamese;
}

/// Of a query for an account's name, address, language and wants_work.
Result<std::optional<AccountAddress>> only_address(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  AccountAddress one{rows.text(0), KHOCHUNG_TRY(MailAddress::parse(rows.text(1))),
                     language_from(rows.text(2)), rows.integer(3) != 0};
  KHOCHUNG_TRY(rows.next());
  return one;
}

Result<std::optional<AccountAddress>> address_of_row(Connection& connection, std::int64_t id) {
  return only_address(
      connection.query("SELECT a.name, d.address, d.language, d.wants_work FROM account_address d "
                       "JOIN account a ON a.id = d.account WHERE d.account = ?",
                       {id}));
}

Result<AccountAddress> wish_of_row(Connection& connection, std::int64_t account, Instant at) {
  const auto wish = KHOCHUNG_TRY(
      only_address(connection.query("SELECT a.name, w.address, w.language, 1 FROM address_wish w "
                                    "JOIN account a ON a.id = w.account "
                                    "WHERE w.account = ? AND w.ends_at > ?",
                                    {account, milliseconds_of(at)})));
  if (!wish) return link_over();
  return *wish;
}

/// Whose address the token confirms. Errors: not_found "address_link_over".
Result<std::int64_t> account_of_token(Connection& connection, std::string_view token, Instant at) {
  const auto account =
      KHOCHUNG_TRY(connection.number("SELECT CAST(wish AS INTEGER) FROM address_token "
                                     "WHERE token_hash = ? AND kind = ? AND ends_at > ?",
                                     {Digest::of(token), token_kind, milliseconds_of(at)}));
  if (!account) return link_over();
  return *account;
}

Result<void> tell_row(Connection& connection, const AccountRow& row, std::string_view kind,
                      std::string_view detail, Instant at) {
  if (!KHOCHUNG_TRY(address_of_row(connection, row.id))) return {};
  return MailQueue::add(connection, {kind, row.account.name, detail, MailRank::awaited}, at);
}

}  // namespace

Result<void> end_address_wish(Connection& connection, std::int64_t account) {
  const auto named = std::to_string(account);
  KHOCHUNG_TRY(connection.change("DELETE FROM address_token WHERE kind = ? AND wish = ?",
                                 {token_kind, named}));
  KHOCHUNG_TRY(connection.change("DELETE FROM address_wish WHERE account = ?", {account}));
  return {};
}

Result<void> put_address(Connection& connection, std::int64_t account,
                         const AccountAddress& address, Instant at) {
  const auto folded = address.address.folded();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO account_address (account, address, folded, language, wants_work, told_at, "
      "look_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (account) DO UPDATE SET address = excluded.address, folded = excluded.folded, "
      "language = excluded.language",
      {account, address.address.text(), folded, code_of(address.language),
       std::int64_t{address.wants_work ? 1 : 0}, milliseconds_of(at), milliseconds_of(at)}));
  return {};
}

Result<void> forget_address(Connection& connection, std::int64_t account, std::string_view name) {
  KHOCHUNG_CHECK(end_address_wish(connection, account));
  KHOCHUNG_TRY(connection.change("DELETE FROM account_address WHERE account = ?", {account}));
  return MailQueue::forget(connection, name);
}

// -- an account's address

Result<std::optional<AccountAddress>> AddressStore::address_of(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  return database_.read([&](Connection& connection) -> Result<std::optional<AccountAddress>> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    return address_of_row(connection, row.id);
  });
}

Result<void> AddressStore::ask(std::string_view name, const MailAddress& address,
                               Language language) {
  const auto at = clock_();
  const auto folded_name = folded_or_empty(name);
  const auto folded = address.folded();
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded_name));
    if (!KHOCHUNG_TRY(allow_mail_to(connection, "address", folded, at))) return {};
    KHOCHUNG_CHECK(tell_row(connection, row, account_notice, "address", at));
    KHOCHUNG_CHECK(end_address_wish(connection, row.id));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO address_wish (account, address, folded, language, ends_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {row.id, address.text(), folded, code_of(language), milliseconds_of(at + wish_lives)}));
    return MailQueue::add(connection,
                          {address_confirmation, row.account.name, {}, MailRank::awaited}, at);
  });
}

Result<AddressStore::WishToSend> AddressStore::begin_confirmation(std::string_view name) {
  const auto at = clock_();
  const auto folded = folded_or_empty(name);
  const auto token = random_hex(token_bytes);
  return database_.write_giving<WishToSend>([&](Connection& connection) -> Result<WishToSend> {
    const auto account = KHOCHUNG_TRY(expect_account(connection, folded)).id;
    auto wish = KHOCHUNG_TRY(wish_of_row(connection, account, at));
    const auto time = milliseconds_of(at);
    const auto named = std::to_string(account);
    KHOCHUNG_TRY(connection.change("DELETE FROM address_token WHERE ends_at <= ?", {time}));
    KHOCHUNG_TRY(connection.change("DELETE FROM address_wish WHERE ends_at <= ?", {time}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO address_token (token_hash, kind, wish, ends_at) VALUES (?, ?, ?, ?)",
        {Digest::of(token), token_kind, named, milliseconds_of(at + wish_lives)}));
    return WishToSend{std::move(wish), token};
  });
}

Result<AccountAddress> AddressStore::wish_of(std::string_view token) const {
  const auto at = clock_();
  return database_.read([&](Connection& connection) -> Result<AccountAddress> {
    const auto account = KHOCHUNG_TRY(account_of_token(connection, token, at));
    return wish_of_row(connection, account, at);
  });
}

Result<AccountAddress> AddressStore::confirm(std::string_view token) {
  const auto at = clock_();
  return database_.write_giving<AccountAddress>(
      [&](Connection& connection) -> Result<AccountAddress> {
        const auto account = KHOCHUNG_TRY(account_of_token(connection, token, at));
        const auto wish = KHOCHUNG_TRY(wish_of_row(connection, account, at));
        KHOCHUNG_CHECK(put_address(connection, account, wish, at));
        KHOCHUNG_CHECK(end_address_wish(connection, account));
        return wish;
      });
}

Result<void> AddressStore::forget(std::string_view name) {
  const auto folded = folded_or_empty(name);
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    return forget_address(connection, row.id, row.account.name);
  });
}

Result<void> AddressStore::tell(std::string_view name, std::string_view kind,
                                std::string_view detail) {
  const auto folded = folded_or_empty(name);
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    return tell_row(connection, row, kind, detail, clock_());
  });
}

// -- forgotten passwords

Result<void> AddressStore::ask_recovery(std::string_view asked, Language language,
                                        std::string_view network) {
  const auto at = clock_();
  const auto id = RecoveryId::make().text();
  const auto typed = asked.substr(0, longest_asked_bytes);
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("DELETE FROM recovery_wish WHERE ends_at <= ?", {milliseconds_of(at)}));
    KHOCHUNG_CHECK(expect_allowed_client(connection, network, at));
    const auto address = MailAddress::parse(typed);
    const auto who = address ? address->folded() : "account " + folded_or_empty(typed);
    if (!KHOCHUNG_TRY(allow_mail_to(connection, "recovery", who, at))) return {};
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO recovery_wish (id, asked, language, ends_at) VALUES (?, ?, ?, ?)",
        {id, typed, code_of(language), milliseconds_of(at + recovery_lives)}));
    return MailQueue::add(connection, {password_recovery, id, {}, MailRank::awaited}, at);
  });
}

Result<AddressStore::Recovery> AddressStore::recovery(std::string_view id) const {
  const auto at = clock_();
  return database_.read([&](Connection& connection) -> Result<Recovery> {
    auto wishes = KHOCHUNG_TRY(
        connection.query("SELECT asked, language FROM recovery_wish WHERE id = ? AND ends_at > ?",
                         {id, milliseconds_of(at)}));
    if (!KHOCHUNG_TRY(wishes.next())) return link_over();
    const auto asked = wishes.text(0);
    const auto language = language_from(wishes.text(1));
    const auto address = MailAddress::parse(asked);
    const auto folded = address ? address->folded() : std::string();
    const auto name = folded_or_empty(asked);
    // Somebody may be called as an address is written.
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT a.name, d.address FROM account_address d JOIN account a ON a.id = d.account "
        "WHERE d.folded = ? OR a.folded = ? ORDER BY d.folded = ? DESC, a.folded LIMIT ?",
        {folded, name, folded, std::int64_t{accounts_of_an_address}}));
    std::optional<Recovery> found;
    while (KHOCHUNG_TRY(rows.next())) {
      const auto to = KHOCHUNG_TRY(MailAddress::parse(rows.text(1)));
      if (!found) found = Recovery{to, language, {}};
      if (to.folded() == found->address.folded()) found->accounts.push_back(rows.text(0));
    }
    if (!found) return link_over();
    return *found;
  });
}

// -- work that waits

Result<void> AddressStore::set_wants_work(std::string_view name, bool wants) {
  const auto folded = folded_or_empty(name);
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    const auto at = milliseconds_of(clock_());
    KHOCHUNG_TRY(connection.change(
        "UPDATE account_address SET wants_work = ?, told_at = ?, look_at = ? WHERE account = ?",
        {std::int64_t{wants ? 1 : 0}, at, at, row.id}));
    return {};
  });
}

Result<std::vector<AddressStore::DueAccount>> AddressStore::due_accounts(int limit) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<DueAccount>> {
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT a.name, d.told_at FROM account_address d JOIN account a ON a.id = d.account "
        "WHERE d.wants_work = 1 AND d.look_at <= ? ORDER BY d.look_at LIMIT ?",
        {milliseconds_of(clock_()), std::int64_t{limit}}));
    std::vector<DueAccount> due;
    while (KHOCHUNG_TRY(rows.next()))
      due.push_back({rows.text(0), Instant(std::chrono::milliseconds(rows.integer(1)))});
    return due;
  });
}

Result<void> AddressStore::look_again(const DueAccount& account, bool has_news, Instant at) {
  const auto folded = folded_or_empty(account.account);
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    const auto present = clock_();
    const auto told = milliseconds_of(has_news ? present : account.told_at);
    const auto changed = KHOCHUNG_TRY(connection.change(
        "UPDATE account_address SET look_at = ?, told_at = ? WHERE account = ? AND told_at = ?",
        {milliseconds_of(at), told, row.id, milliseconds_of(account.told_at)}));
    if (!has_news || changed == 0) return {};
    return MailQueue::add(connection,
                          {work_notice, row.account.name,
                           std::to_string(milliseconds_of(account.told_at)), MailRank::other},
                          present);
  });
}

}  // namespace khochung::storage

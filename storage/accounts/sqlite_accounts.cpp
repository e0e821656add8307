#include "storage/accounts/sqlite_accounts.hpp"

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

/// Whether an open account administers this very unit.
Result<bool> is_administered(Connection& connection, UnitId unit, Instant at) {
  const auto text = unit.text();
  const auto count = KHOCHUNG_TRY(connection.number(
      "SELECT COUNT(*) FROM account_grant g JOIN account a ON a.id = g.account "
      "WHERE g.role = 'administrator' AND g.unit = ? AND (g.ends_at IS NULL OR g.ends_at > ?) "
      "AND a.is_disabled = 0 AND (a.ends_at IS NULL OR a.ends_at > ?)",
      {text, milliseconds_of(at), milliseconds_of(at)}));
  return count.value_or(0) > 0;
}

/// After a change, in its transaction: what the account administered before it, somebody still
/// administers there or above.
Result<void> expect_administered(Connection& connection, const Account& before,
                                 const AccountStore::UnitsAbove& above, Instant at) {
  if (!above) return {};
  for (const auto& grant : before.grants) {
    if (grant.role != access::Role::administrator || (grant.ends_at && *grant.ends_at <= at))
      continue;
    bool has_one = false;
    for (const auto& unit : above(grant.unit))
      has_one = has_one || KHOCHUNG_TRY(is_administered(connection, unit, at));
    if (!has_one)
      return fail(ErrorCode::conflict, "last_administrator", "nobody else administers this unit");
  }
  return {};
}

}  // namespace

SqliteAccounts::SqliteAccounts(std::unique_ptr<Database> database, Clock clock, Settings settings)
    : database_(std::move(database)), clock_(std::move(clock)), settings_(settings) {}

Result<void> SqliteAccounts::add(const Account& account, std::string_view password) {
  KHOCHUNG_CHECK(folded_account_name(account.name));
  KHOCHUNG_CHECK(storage::check_password(password, account.name));
  const auto phc = KHOCHUNG_TRY(hasher_.hash(password));
  return database_->write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_CHECK(insert_account(connection, account, phc, clock_()));
    return {};
  });
}

Result<Account> SqliteAccounts::account(std::string_view name) const {
  const auto folded = folded_or_empty(name);
  const auto row = database_->read([&](Connection& c) { return expect_account(c, folded); });
  return row.map([](const AccountRow& found) { return found.account; });
}

Result<std::vector<Account>> SqliteAccounts::accounts() const {
  const auto rows = KHOCHUNG_TRY(database_->read([](Connection& connection) {
    return account_rows(connection.query("SELECT " KHOCHUNG_ACCOUNT_COLUMNS KHOCHUNG_ACCOUNTS
                                         "ORDER BY a.folded, g.role, g.unit"));
  }));
  std::vector<Account> accounts;
  for (const auto& row : rows) accounts.push_back(row.account);
  return accounts;
}

Result<void> SqliteAccounts::set_disabled(std::string_view name, bool is_disabled) {
  const auto folded = folded_or_empty(name);
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    KHOCHUNG_TRY(connection.change("UPDATE account SET is_disabled = ? WHERE id = ?",
                                   {std::int64_t{is_disabled ? 1 : 0}, row.id}));
    if (is_disabled) {
      KHOCHUNG_CHECK(end_all_sessions(connection, row.id));
    }
    return {};
  });
}

Result<void> SqliteAccounts::set_password(std::string_view name, std::string_view password) {
  KHOCHUNG_CHECK(storage::check_password(password, name));
  const auto folded = folded_or_empty(name);
  const auto phc = KHOCHUNG_TRY(hasher_.hash(password));
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    KHOCHUNG_TRY(connection.change("UPDATE account SET password = ? WHERE id = ?", {phc, row.id}));
    KHOCHUNG_TRY(connection.change("DELETE FROM invitation WHERE kind = 'recover' AND folded = ?",
                                   {std::string_view(folded)}));
    KHOCHUNG_CHECK(end_address_wish(connection, row.id));
    return end_all_sessions(connection, row.id);
  });
}

Result<void> SqliteAccounts::set_grants(std::string_view name,
                                        const std::vector<AccountGrant>& grants,
                                        const UnitsAbove& above) {
  const auto folded = folded_or_empty(name);
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    KHOCHUNG_TRY(connection.change("DELETE FROM account_grant WHERE account = ? AND identity = 0",
                                   {row.id}));
    // What is given by hand outlives the rights of a provider.
    if (row.account.kind == access::AccountKind::union_person && !grants.empty())
      KHOCHUNG_TRY(connection.change("UPDATE account SET ends_at = NULL WHERE id = ?", {row.id}));
    KHOCHUNG_CHECK(put_grants(connection, row.id, grants));
    return expect_administered(connection, row.account, above, clock_());
  });
}

Result<void> SqliteAccounts::erase(std::string_view name, const UnitsAbove& above,
                                   const std::function<Result<void>()>& note) {
  const auto folded = folded_or_empty(name);
  return database_->write([&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    KHOCHUNG_CHECK(end_all_sessions(connection, row.id));
    KHOCHUNG_CHECK(forget_second_step(connection, row.id));
    KHOCHUNG_TRY(
        connection.change("DELETE FROM recovery_wish WHERE asked = ? OR asked IN "
                          "(SELECT address FROM account_address WHERE account = ?)",
                          {row.account.name, row.id}));
    KHOCHUNG_TRY(
        connection.change("DELETE FROM accreditation WHERE folded IN "
                          "(SELECT folded FROM account_address WHERE account = ?)",
                          {row.id}));
    KHOCHUNG_TRY(
        connection.change("UPDATE call SET maker = '' WHERE maker = ?", {row.account.name}));
    KHOCHUNG_CHECK(forget_address(connection, row.id, row.account.name));
    for (const auto* table : {"account_grant", "api_token", "device", "identity"})
      KHOCHUNG_TRY(
          connection.change("DELETE FROM " + std::string(table) + " WHERE account = ?", {row.id}));
    KHOCHUNG_TRY(connection.change("DELETE FROM invitation WHERE folded = ? OR maker = ?",
                                   {std::string_view(folded), row.account.name}));
    for (const auto* what : {"share WHERE maker = ?", "accreditation WHERE account = ?",
                             "notice_wish WHERE account = ?", "notice_follower WHERE account = ?"})
      KHOCHUNG_TRY(connection.change("DELETE FROM " + std::string(what), {row.account.name}));
    KHOCHUNG_TRY(connection.change("DELETE FROM account WHERE id = ?", {row.id}));
    KHOCHUNG_TRY(
        connection.change("INSERT INTO erased_name (name_hash, at) VALUES (?, ?) "
                          "ON CONFLICT DO NOTHING",
                          {Digest::of(folded), milliseconds_of(clock_())}));
    KHOCHUNG_CHECK(expect_administered(connection, row.account, above, clock_()));
    return note();
  });
}

Result<CheckedPages> SqliteAccounts::check_pages(std::uint8_t slice) {
  return database_->check_pages(slice);
}

}  // namespace khochung::storage

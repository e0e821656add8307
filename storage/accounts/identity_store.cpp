#include "storage/accounts/identity_store.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

constexpr std::string_view no_right = "provider_no_right";
constexpr int names_tried = 100;
constexpr std::size_t shown_of_digest = 8;

Digest id_of(std::string_view issuer, std::string_view subject) {
  return Digest::of(std::string(issuer) + "\n" + std::string(subject));
}

/// Letters that cannot look like others: a name from elsewhere is no disguise.
bool is_plain(std::string_view name) {
  const auto is_fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '@';
  };
  return !name.empty() && std::ranges::all_of(name, is_fine);
}

Result<bool> is_free(Connection& connection, const std::string& name) {
  const auto folded = folded_account_name(name);
  if (!folded) return false;
  if (!expect_free_name(connection, *folded)) return false;
  const auto invited = KHOCHUNG_TRY(connection.number(
      "SELECT COUNT(*) FROM invitation WHERE folded = ?", {std::string_view(*folded)}));
  return invited.value_or(0) == 0;
}

/// The wished name, "lan-2" where it is another account's, or one that says nothing.
Result<std::string> free_name(Connection& connection, const ProvenPerson& person) {
  const auto digest = id_of(person.issuer, person.subject).hex();
  const auto fallback = "nguoi-dung-" + digest.substr(0, shown_of_digest);
  const auto wished = is_plain(person.name) ? person.name : fallback;
  for (int i = 1; i <= names_tried; ++i) {
    auto name = i == 1 ? wished : wished + "-" + std::to_string(i);
    if (KHOCHUNG_TRY(is_free(connection, name))) return name;
  }
  return "nguoi-dung-" + digest.substr(0, longest_account_name_bytes / 2);
}

struct IdentityRow {
  std::int64_t id = 0, account = 0;
  bool is_origin = false;
};

Result<std::optional<IdentityRow>> find_identity(Connection& connection,
                                                 const ProvenPerson& person) {
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT id, account, is_origin FROM identity WHERE issuer = ? AND subject = ?",
      {std::string_view(person.issuer), std::string_view(person.subject)}));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  return IdentityRow{rows.integer(0), rows.integer(1), rows.integer(2) != 0};
}

Result<IdentityRow> put_identity(Connection& connection, const ProvenPerson& person,
                                 const IdentityRow& row, Instant at) {
  const auto id = KHOCHUNG_TRY(connection.number(
      "INSERT INTO identity (issuer, subject, account, label, is_origin, linked_at, used_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
      {person.issuer, person.subject, row.account, person.label,
       std::int64_t{row.is_origin ? 1 : 0}, milliseconds_of(at), milliseconds_of(at)}));
  return IdentityRow{id.value_or(0), row.account, row.is_origin};
}

Result<AccountRow> account_with(Connection& connection, std::int64_t id) {
  auto found = KHOCHUNG_TRY(account_rows(connection.query(
      "SELECT " KHOCHUNG_ACCOUNT_COLUMNS KHOCHUNG_ACCOUNTS "WHERE a.id = ? ORDER BY g.role, g.unit",
      {id})));
  if (found.empty()) return fail(ErrorCode::not_found, "no such account");
  return std::move(found.front());
}

Result<std::vector<AccountGrant>> grants_of(Connection& connection, std::int64_t identity) {
  auto rows =
      KHOCHUNG_TRY(connection.query("SELECT role, unit FROM account_grant WHERE identity = ? "
                                    "ORDER BY role, unit",
                                    {identity}));
  std::vector<AccountGrant> grants;
  while (KHOCHUNG_TRY(rows.next()))
    grants.push_back({KHOCHUNG_TRY(access::role_from(rows.text(0))),
                      KHOCHUNG_TRY(UnitId::parse(rows.text(1))), std::nullopt, true});
  return grants;
}

bool holds(const std::vector<AccountGrant>& grants, const AccountGrant& wanted) {
  return std::ranges::any_of(grants, [&](const AccountGrant& one) {
    return one.role == wanted.role && one.unit == wanted.unit;
  });
}

Result<void> put_grant(Connection& connection, const IdentityRow& row, const AccountGrant& grant) {
  const auto unit = grant.unit.text();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO account_grant (account, role, unit, identity, ends_at) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (account, role, unit, identity) DO UPDATE SET ends_at = excluded.ends_at",
      {row.account, access::to_text(grant.role), unit, row.id,
       grant.ends_at ? SqlValue(milliseconds_of(*grant.ends_at)) : SqlValue(nullptr)}));
  return {};
}

Result<void> take_grant(Connection& connection, const IdentityRow& row, const AccountGrant& grant) {
  const auto unit = grant.unit.text();
  KHOCHUNG_TRY(
      connection.change("DELETE FROM account_grant WHERE account = ? AND role = ? AND "
                        "unit = ? AND identity = ?",
                        {row.account, access::to_text(grant.role), unit, row.id}));
  return {};
}

/// The identity's grants are `wanted` from now on. An account of the press holds no role.
Result<Entrance> renewed(Connection& connection, const IdentityRow& row,
                         std::vector<AccountGrant> wanted) {
  const auto before = KHOCHUNG_TRY(account_with(connection, row.account));
  if (before.account.kind != access::AccountKind::union_person) wanted.clear();
  const auto held = KHOCHUNG_TRY(grants_of(connection, row.id));
  Entrance entrance;
  for (const auto& grant : wanted) {
    KHOCHUNG_CHECK(put_grant(connection, row, grant));
    if (!holds(held, grant) && !holds(entrance.given, grant)) entrance.given.push_back(grant);
  }
  for (const auto& grant : held) {
    if (holds(wanted, grant)) continue;
    KHOCHUNG_CHECK(take_grant(connection, row, grant));
    entrance.taken.push_back(grant);
  }
  entrance.account = KHOCHUNG_TRY(account_with(connection, row.account)).account;
  return entrance;
}

/// An account that the provider made is open as long as the provider's rights last, whatever else
/// opens it; what was given by hand has no end.
Result<void> set_end(Connection& connection, const IdentityRow& row, Account& account, Instant at) {
  account.ends_at = at;
  for (const auto& grant : account.grants) {
    if (!account.ends_at || !grant.ends_at || !grant.is_from_provider) {
      account.ends_at = std::nullopt;
    } else {
      account.ends_at = std::max(*account.ends_at, *grant.ends_at);
    }
  }
  KHOCHUNG_TRY(connection.change(
      "UPDATE account SET ends_at = ? WHERE id = ?",
      {account.ends_at ? SqlValue(milliseconds_of(*account.ends_at)) : SqlValue(nullptr),
       row.account}));
  return {};
}

Result<void> note_use(Connection& connection, const IdentityRow& row, const ProvenPerson& person,
                      Instant at) {
  KHOCHUNG_TRY(connection.change("UPDATE identity SET used_at = ?, label = ? WHERE id = ?",
                                 {milliseconds_of(at), person.label, row.id}));
  return {};
}

/// A new account for the identity. No password's hash is empty: it has none.
Result<IdentityRow> put_account_of(Connection& connection, const ProvenPerson& person, Instant at) {
  if (person.grants.empty())
    return fail(ErrorCode::forbidden, no_right, "the claims give no right");
  const Account account{
      KHOCHUNG_TRY(free_name(connection, person)), access::AccountKind::union_person, {}, false};
  const auto made = KHOCHUNG_TRY(insert_account(connection, account, "", at));
  return put_identity(connection, person, {0, made.id, true}, at);
}

}  // namespace

Result<Entrance> IdentityStore::enter(const ProvenPerson& person) {
  const auto at = clock_();
  return database_.write_giving<Entrance>([&](Connection& connection) -> Result<Entrance> {
    auto row = KHOCHUNG_TRY(find_identity(connection, person));
    const bool is_new = !row;
    if (is_new) row = KHOCHUNG_TRY(put_account_of(connection, person, at));
    KHOCHUNG_CHECK(note_use(connection, *row, person, at));
    auto entrance = KHOCHUNG_TRY(renewed(connection, *row, person.grants));
    entrance.is_new = is_new;
    if (row->is_origin) {
      KHOCHUNG_CHECK(set_end(connection, *row, entrance.account, at));
    }
    if (row->is_origin && entrance.account.grants.empty()) {
      entrance.refusal = no_right;
      KHOCHUNG_CHECK(end_all_sessions(connection, row->account));
    } else if (!entrance.account.is_open(at)) {
      entrance.refusal = "account_disabled";
    }
    return entrance;
  });
}

Result<Entrance> IdentityStore::link(std::string_view name, const ProvenPerson& person) {
  const auto folded = folded_or_empty(name);
  const auto at = clock_();
  return database_.write_giving<Entrance>([&](Connection& connection) -> Result<Entrance> {
    const auto account = KHOCHUNG_TRY(expect_account(connection, folded));
    auto row = KHOCHUNG_TRY(find_identity(connection, person));
    if (row && row->account != account.id)
      return fail(ErrorCode::conflict, "identity_taken", "another account has this identity");
    const bool is_new = !row;
    if (is_new) row = KHOCHUNG_TRY(put_identity(connection, person, {0, account.id, false}, at));
    KHOCHUNG_CHECK(note_use(connection, *row, person, at));
    auto renewal = KHOCHUNG_TRY(renewed(connection, *row, person.grants));
    renewal.is_new = is_new;
    return renewal;
  });
}

Result<Entrance> IdentityStore::unlink(std::string_view name, std::string_view id) {
  const auto folded = folded_or_empty(name);
  return database_.write_giving<Entrance>([&](Connection& connection) -> Result<Entrance> {
    const auto account = KHOCHUNG_TRY(expect_account(connection, folded));
    std::optional<IdentityRow> row;
    int count = 0;
    {
      auto rows = KHOCHUNG_TRY(connection.query(
          "SELECT id, issuer, subject FROM identity WHERE account = ?", {account.id}));
      for (; KHOCHUNG_TRY(rows.next()); ++count) {
        if (id_of(rows.text(1), rows.text(2)).hex() == id)
          row = IdentityRow{rows.integer(0), account.id, false};
      }
    }
    if (!row) return fail(ErrorCode::not_found, "no such identity");
    if (count == 1 && account.password.empty())
      return fail(ErrorCode::conflict, "identity_only_way", "nothing else opens the account");
    auto gone = KHOCHUNG_TRY(renewed(connection, *row, {}));
    KHOCHUNG_TRY(connection.change("DELETE FROM identity WHERE id = ?", {row->id}));
    return gone;
  });
}

Result<std::vector<IdentityLine>> IdentityStore::identities_of(std::string_view name) const {
  using Lines = std::vector<IdentityLine>;
  const auto folded = folded_or_empty(name);
  return database_.read([&](Connection& connection) -> Result<Lines> {
    const auto account = KHOCHUNG_TRY(expect_account(connection, folded));
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT issuer, subject, label, is_origin, linked_at, used_at FROM identity "
        "WHERE account = ? ORDER BY linked_at, id",
        {account.id}));
    const auto instant = [&rows](int column) {
      return Instant(std::chrono::milliseconds(rows.integer(column)));
    };
    Lines lines;
    while (KHOCHUNG_TRY(rows.next()))
      lines.push_back({id_of(rows.text(0), rows.text(1)).hex(), rows.text(0), rows.text(2),
                       rows.integer(3) != 0, instant(4), instant(5)});
    return lines;
  });
}

Result<void> forget_linked_identities(Connection& connection, std::int64_t account) {
  KHOCHUNG_TRY(
      connection.change("DELETE FROM account_grant WHERE account = ? AND identity IN "
                        "(SELECT id FROM identity WHERE account = ? AND is_origin = 0)",
                        {account, account}));
  KHOCHUNG_TRY(
      connection.change("DELETE FROM identity WHERE account = ? AND is_origin = 0", {account}));
  return {};
}

}  // namespace khochung::storage

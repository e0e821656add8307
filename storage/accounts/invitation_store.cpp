#include "storage/accounts/invitation_store.hpp"

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/address_store.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/identity_store.hpp"
#include "storage/accounts/second_step_store.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t token_bytes = 32;
/// What no password's hash is: nothing matches it.
constexpr std::string_view no_password = "";

#define KHOCHUNG_INVITATION_COLUMNS "token_hash, kind, name, role, unit, maker, made_at, ends_at"

tl::unexpected<Error> no_invitation() {
  return fail(ErrorCode::not_found, "no such invitation");
}

InvitationKind kind_from(std::string_view text) {
  if (text == "reset") return InvitationKind::reset;
  if (text == "recover") return InvitationKind::recover;
  return text == "set_up" ? InvitationKind::set_up : InvitationKind::join;
}

Result<std::vector<Invitation>> invitations_of(Result<Rows> begun) {
  const auto instant_in = [](const Rows& rows, int column) {
    return Instant(std::chrono::milliseconds(rows.integer(column)));
  };
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Invitation> found;
  while (KHOCHUNG_TRY(rows.next())) {
    Invitation one;
    one.id = KHOCHUNG_TRY(rows.digest(0)).hex();
    one.kind = kind_from(rows.text(1));
    one.name = rows.text(2);
    if (!rows.text(3).empty())
      one.grant = AccountGrant{KHOCHUNG_TRY(access::role_from(rows.text(3))),
                               KHOCHUNG_TRY(UnitId::parse(rows.text(4)))};
    one.maker = rows.text(5);
    one.made_at = instant_in(rows, 6);
    one.ends_at = instant_in(rows, 7);
    found.push_back(std::move(one));
  }
  return found;
}

Result<Invitation> with_hash(Connection& connection, const Digest& token_hash, Instant at) {
  auto found = KHOCHUNG_TRY(invitations_of(connection.query(
      "SELECT " KHOCHUNG_INVITATION_COLUMNS " FROM invitation WHERE token_hash = ? AND ends_at > ?",
      {token_hash, milliseconds_of(at)})));
  if (found.empty()) return no_invitation();
  return std::move(found.front());
}

Result<void> insert(Connection& connection, const Invitation& one, const Digest& token_hash) {
  const auto folded = folded_or_empty(one.name);
  const auto unit = one.grant ? one.grant->unit.text() : std::string();
  const std::string_view role = one.grant ? access::to_text(one.grant->role) : "";
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO invitation (token_hash, kind, name, folded, role, unit, maker, made_at, "
      "ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {token_hash, to_text(one.kind), one.name, folded, role, unit, one.maker,
       milliseconds_of(one.made_at), milliseconds_of(one.ends_at)}));
  return {};
}

Result<bool> has_union_person(Connection& connection) {
  const auto any =
      KHOCHUNG_TRY(connection.number("SELECT COUNT(*) FROM account WHERE kind = 'union_person'"));
  return any.value_or(0) > 0;
}

/// Nothing that was given to the account opens it any more.
Result<void> take_keys_away(Connection& connection, std::int64_t account) {
  KHOCHUNG_CHECK(end_all_sessions(connection, account));
  KHOCHUNG_CHECK(forget_linked_identities(connection, account));
  KHOCHUNG_TRY(connection.change("DELETE FROM api_token WHERE account = ?", {account}));
  KHOCHUNG_TRY(connection.change("DELETE FROM device WHERE account = ?", {account}));
  return {};
}

/// Links that were sent for the account open nothing any more.
Result<void> end_links(Connection& connection, std::string_view folded) {
  KHOCHUNG_TRY(connection.change(
      "DELETE FROM invitation WHERE kind IN ('reset', 'recover') AND folded = ?", {folded}));
  return {};
}

Result<Account> put_password(Connection& connection, const Invitation& one, std::string_view phc,
                             Instant at) {
  const auto folded = folded_or_empty(one.name);
  const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
  if (one.kind == InvitationKind::recover && !row.account.is_open(at)) return no_invitation();
  KHOCHUNG_CHECK(end_links(connection, folded));
  KHOCHUNG_CHECK(end_address_wish(connection, row.id));
  KHOCHUNG_CHECK(take_keys_away(connection, row.id));
  // Whoever reads the mail has one of two proofs.
  if (one.kind == InvitationKind::reset) KHOCHUNG_CHECK(forget_second_step(connection, row.id));
  KHOCHUNG_TRY(connection.change("UPDATE account SET password = ? WHERE id = ?", {phc, row.id}));
  return row.account;
}

Result<Account> put_account(Connection& connection, const Invitation& one,
                            const InvitationStore::Chosen& chosen, std::string_view phc,
                            Instant at) {
  const bool is_first = one.kind == InvitationKind::set_up;
  if (is_first && KHOCHUNG_TRY(has_union_person(connection)))
    return fail(ErrorCode::conflict, "name_taken", "there is an account already");
  Account account{is_first ? chosen.name : one.name, access::AccountKind::union_person, {}, false};
  if (const auto& grant = is_first ? chosen.grant : one.grant) account.grants.push_back(*grant);
  return KHOCHUNG_TRY(insert_account(connection, account, phc, at)).account;
}

}  // namespace

std::string_view to_text(InvitationKind kind) {
  if (kind == InvitationKind::reset) return "reset";
  if (kind == InvitationKind::recover) return "recover";
  return kind == InvitationKind::set_up ? "set_up" : "join";
}

Result<NewInvitation> InvitationStore::put(
    Invitation invitation, std::chrono::hours opens_for,
    const std::function<Result<void>(Connection&)>& prepare) {
  invitation.made_at = clock_();
  invitation.ends_at = invitation.made_at + opens_for;
  const auto token = random_hex(token_bytes);
  const auto token_hash = Digest::of(token);
  invitation.id = token_hash.hex();
  const auto written = database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change("DELETE FROM invitation WHERE ends_at <= ?",
                                   {milliseconds_of(invitation.made_at)}));
    KHOCHUNG_CHECK(prepare(connection));
    return insert(connection, invitation, token_hash);
  });
  if (!written) return fail(written.error());
  return NewInvitation{std::move(invitation), token};
}

Result<NewInvitation> InvitationStore::invite(std::string_view name, const AccountGrant& grant,
                                              std::string_view maker) {
  const auto folded = KHOCHUNG_TRY(folded_account_name(name));
  Invitation invitation;
  invitation.name = name;
  invitation.grant = grant;
  invitation.maker = maker;
  return put(std::move(invitation), life,
             [&folded](Connection& connection) { return expect_free_name(connection, folded); });
}

Result<NewInvitation> InvitationStore::reset(std::string_view name, std::string_view maker) {
  const auto folded = folded_or_empty(name);
  Invitation invitation;
  invitation.kind = InvitationKind::reset;
  invitation.name = KHOCHUNG_TRY(database_.read([&](Connection& connection) {
                      return expect_account(connection, folded);
                    })).account.name;
  invitation.maker = maker;
  return put(std::move(invitation), life, [&folded](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    // At once: whoever else holds the account must not have it until the link is opened.
    KHOCHUNG_CHECK(take_keys_away(connection, row.id));
    KHOCHUNG_CHECK(forget_second_step(connection, row.id));
    KHOCHUNG_TRY(
        connection.change("UPDATE account SET password = ? WHERE id = ?", {no_password, row.id}));
    // Its address may be that of whoever else holds it.
    KHOCHUNG_CHECK(forget_address(connection, row.id, row.account.name));
    return end_links(connection, folded);
  });
}

Result<NewInvitation> InvitationStore::recover(std::string_view name,
                                               std::chrono::hours opens_for) {
  const auto folded = folded_or_empty(name);
  Invitation invitation;
  invitation.kind = InvitationKind::recover;
  invitation.name = name;
  return put(std::move(invitation), opens_for, [&](Connection& connection) -> Result<void> {
    const auto row = KHOCHUNG_TRY(expect_account(connection, folded));
    if (!row.account.is_open(clock_())) return fail(ErrorCode::not_found, "the account is closed");
    return {};
  });
}

Result<NewInvitation> InvitationStore::set_up() {
  Invitation invitation;
  invitation.kind = InvitationKind::set_up;
  return put(std::move(invitation), set_up_life, [](Connection& connection) -> Result<void> {
    if (KHOCHUNG_TRY(has_union_person(connection)))
      return fail(ErrorCode::conflict, "there is an account already");
    KHOCHUNG_TRY(connection.change("DELETE FROM invitation WHERE kind = 'set_up'"));
    return {};
  });
}

Result<Invitation> InvitationStore::find(std::string_view token) const {
  const auto at = clock_();
  return database_.read(
      [&](Connection& connection) { return with_hash(connection, Digest::of(token), at); });
}

Result<Invitation> InvitationStore::invitation(std::string_view id) const {
  const auto token_hash = Digest::parse(id);
  if (!token_hash) return no_invitation();
  const auto at = clock_();
  return database_.read(
      [&](Connection& connection) { return with_hash(connection, *token_hash, at); });
}

Result<std::vector<Invitation>> InvitationStore::open_ones() const {
  const auto at = milliseconds_of(clock_());
  return database_.read([&](Connection& connection) {
    return invitations_of(
        connection.query("SELECT " KHOCHUNG_INVITATION_COLUMNS
                         " FROM invitation WHERE ends_at > ? AND kind <> 'recover' "
                         "ORDER BY made_at DESC, token_hash",
                         {at}));
  });
}

Result<void> InvitationStore::revoke(std::string_view id) {
  const auto token_hash = Digest::parse(id);
  if (!token_hash) return no_invitation();
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto gone = KHOCHUNG_TRY(
        connection.change("DELETE FROM invitation WHERE token_hash = ?", {*token_hash}));
    if (gone == 0) return no_invitation();
    return {};
  });
}

Result<Account> InvitationStore::accept(std::string_view token, std::string_view password,
                                        const Chosen& chosen) {
  const auto found = KHOCHUNG_TRY(find(token));
  KHOCHUNG_CHECK(check_password(password, found.name.empty() ? chosen.name : found.name));
  const auto phc = KHOCHUNG_TRY(hasher_.hash(password));
  const auto token_hash = Digest::of(token);
  return database_.write_giving<Account>([&](Connection& connection) -> Result<Account> {
    const auto at = clock_();
    // Of many who send it at once, one finds it.
    const auto one = KHOCHUNG_TRY(with_hash(connection, token_hash, at));
    KHOCHUNG_TRY(connection.change("DELETE FROM invitation WHERE token_hash = ?", {token_hash}));
    const bool has_account =
        one.kind == InvitationKind::reset || one.kind == InvitationKind::recover;
    if (has_account) return put_password(connection, one, phc, at);
    return put_account(connection, one, chosen, phc, at);
  });
}

}  // namespace khochung::storage

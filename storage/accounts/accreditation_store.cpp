#include "storage/accounts/accreditation_store.hpp"

#include <algorithm>

#include "schemas/language_code.hpp"
#include "schemas/utf8.hpp"
#include "storage/accounts/account_name.hpp"
#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/address_store.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/mail_allowance.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/password.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view token_kind = "accreditation";

#define KHOCHUNG_ACCREDITATION_COLUMNS                                                          \
  "SELECT id, state, person, newsroom, card, telephone, purpose, address, language, asked_at, " \
  "decided_at, decided_by, reason, account, ends_at FROM accreditation "

tl::unexpected<Error> no_accreditation() {
  return fail(ErrorCode::not_found, "no such accreditation");
}

AccreditationState state_from(std::string_view text) {
  using enum AccreditationState;
  for (const auto state : {unconfirmed, asked, granted}) {
    if (to_text(state) == text) return state;
  }
  return refused;
}

Result<std::vector<Accreditation>> accreditations_in(Result<Rows> begun) {
  const auto instant_in = [](const Rows& rows, int column) {
    return Instant(std::chrono::milliseconds(rows.integer(column)));
  };
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Accreditation> found;
  while (KHOCHUNG_TRY(rows.next())) {
    AccreditationWish wish{rows.text(2),
                           rows.text(3),
                           rows.text(4),
                           rows.text(5),
                           rows.text(6),
                           KHOCHUNG_TRY(MailAddress::parse(rows.text(7))),
                           rows.text(8) == "en" ? Language::english : Language::vietnamese};
    found.push_back({KHOCHUNG_TRY(AccreditationId::parse(rows.text(0))), state_from(rows.text(1)),
                     std::move(wish), instant_in(rows, 9), instant_in(rows, 10), rows.text(11),
                     rows.text(12), rows.text(13), instant_in(rows, 14)});
  }
  return found;
}

Result<Accreditation> with_id(Connection& connection, std::string_view id) {
  auto found = KHOCHUNG_TRY(
      accreditations_in(connection.query(KHOCHUNG_ACCREDITATION_COLUMNS "WHERE id = ?", {id})));
  if (found.empty()) return no_accreditation();
  return std::move(found.front());
}

/// The wish that a link out of a mail is about. Errors: not_found "address_link_over".
Result<Accreditation> with_token(Connection& connection, std::string_view token, Instant at) {
  auto found = KHOCHUNG_TRY(accreditations_in(
      connection.query(KHOCHUNG_ACCREDITATION_COLUMNS
                       "WHERE state = 'unconfirmed' AND id = (SELECT wish FROM address_token "
                       "WHERE token_hash = ? AND kind = ? AND ends_at > ?)",
                       {Digest::of(token), token_kind, milliseconds_of(at)})));
  if (found.empty()) return fail(ErrorCode::not_found, "address_link_over", "no such wish");
  return std::move(found.front());
}

bool is_text(std::string_view text, std::size_t longest) {
  const auto is_control = [](unsigned char letter) {
    return (letter < 0x20 && letter != '\n' && letter != '\r') || letter == 0x7F;
  };
  return text.size() <= longest && is_utf8(text) && std::ranges::none_of(text, is_control);
}

Result<void> check_wish(const AccreditationWish& wish) {
  if (wish.person.empty() || wish.newsroom.empty())
    return fail(ErrorCode::bad_input, "accreditation_incomplete", "no name or no newsroom");
  for (const auto* text : {&wish.person, &wish.newsroom, &wish.card, &wish.telephone}) {
    if (!is_text(*text, AccreditationStore::longest_text_bytes) ||
        text->find_first_of("\r\n") != text->npos)
      return fail(ErrorCode::bad_input, "accreditation_text", "too long, or no plain text");
  }
  if (!is_text(wish.purpose, AccreditationStore::longest_purpose_bytes))
    return fail(ErrorCode::bad_input, "accreditation_text", "too long, or no plain text");
  return {};
}

Result<void> decide(Connection& connection, const Accreditation& one) {
  const auto id = one.id.text();
  const auto changed = KHOCHUNG_TRY(connection.change(
      "UPDATE accreditation SET state = ?, decided_at = ?, decided_by = ?, reason = ?, "
      "account = ?, ends_at = ?, is_reminded = 0 WHERE id = ? AND state = 'asked'",
      {to_text(one.state), milliseconds_of(one.decided_at), one.decided_by, one.reason, one.account,
       milliseconds_of(one.ends_at), id}));
  if (changed == 0) return fail(ErrorCode::conflict, "accreditation_decided", "decided already");
  return {};
}

/// Whether it is the account of whoever reads that mailbox.
Result<bool> is_theirs(Connection& connection, const AccountRow& row,
                       const AccreditationWish& wish) {
  const auto folded = wish.address.folded();
  const auto known = KHOCHUNG_TRY(connection.number(
      "SELECT COUNT(*) FROM account_address WHERE account = ? AND folded = ?", {row.id, folded}));
  return row.account.kind == access::AccountKind::press && known.value_or(0) > 0;
}

/// The press account of that name, made or prolonged; as it is called.
Result<std::string> open_account(Connection& connection, const Accreditation& one, Instant at) {
  const auto folded = KHOCHUNG_TRY(folded_account_name(one.account));
  auto row = KHOCHUNG_TRY(find_account(connection, folded));
  if (row && !KHOCHUNG_TRY(is_theirs(connection, *row, one.wish)))
    return fail(ErrorCode::conflict, "name_taken", "this name is taken");
  if (row && row->account.is_disabled)
    return fail(ErrorCode::conflict, "account_disabled", "this account was disabled");
  if (!row) {
    Account account;
    account.name = one.account;
    account.kind = access::AccountKind::press;
    row = KHOCHUNG_TRY(insert_account(connection, account, "", at));
  }
  const AccountAddress address{one.account, one.wish.address, one.wish.language, false};
  KHOCHUNG_CHECK(put_address(connection, row->id, address, at));
  // The account goes on, so the earlier accreditation of it is done.
  KHOCHUNG_TRY(
      connection.change("UPDATE accreditation SET ends_at = ? WHERE account = ? AND state = "
                        "'granted' AND ends_at > ?",
                        {milliseconds_of(at), row->account.name, milliseconds_of(at)}));
  KHOCHUNG_TRY(connection.change("UPDATE account SET ends_at = ? WHERE id = ?",
                                 {milliseconds_of(one.ends_at), row->id}));
  return row->account.name;
}

/// What need not be kept any more.
Result<void> forget_old(Connection& connection, Instant at) {
  KHOCHUNG_TRY(
      connection.change("DELETE FROM accreditation WHERE state = 'unconfirmed' AND asked_at <= ?",
                        {milliseconds_of(at - AccreditationStore::confirmed_within)}));
  for (const auto* what : {"state = 'refused' AND decided_at", "state = 'granted' AND ends_at"})
    KHOCHUNG_TRY(connection.change("DELETE FROM accreditation WHERE " + std::string(what) + " <= ?",
                                   {milliseconds_of(at - AccreditationStore::kept_for)}));
  return {};
}

}  // namespace

std::string_view to_text(AccreditationState state) {
  switch (state) {
    case AccreditationState::unconfirmed: return "unconfirmed";
    case AccreditationState::asked: return "asked";
    case AccreditationState::granted: return "granted";
    case AccreditationState::refused: return "refused";
  }
  return "refused";
}

Result<void> AccreditationStore::ask(const AccreditationWish& wish, bool by_mail,
                                     std::string_view network) {
  KHOCHUNG_CHECK(check_wish(wish));
  const auto at = clock_();
  const auto id = AccreditationId::make().text();
  const auto folded = wish.address.folded();
  const auto state = by_mail ? AccreditationState::unconfirmed : AccreditationState::asked;
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_CHECK(forget_old(connection, at));
    KHOCHUNG_CHECK(expect_allowed_client(connection, network, at));
    if (by_mail && !KHOCHUNG_TRY(allow_mail_to(connection, "accreditation", folded, at))) return {};
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO accreditation (id, state, person, newsroom, card, telephone, purpose, "
        "address, folded, language, asked_at, decided_at, decided_by, reason, account, ends_at, "
        "is_reminded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', '', 0, 0)",
        {id, to_text(state), wish.person, wish.newsroom, wish.card, wish.telephone, wish.purpose,
         wish.address.text(), folded, code_of(wish.language), milliseconds_of(at)}));
    if (!by_mail) return {};
    return MailQueue::add(connection, {accreditation_confirmation, id, {}, MailRank::awaited}, at);
  });
}

Result<AccreditationStore::WishToSend> AccreditationStore::begin_confirmation(std::string_view id) {
  const auto at = clock_();
  const auto token = random_hex(token_bytes);
  return database_.write_giving<WishToSend>([&](Connection& connection) -> Result<WishToSend> {
    auto one = KHOCHUNG_TRY(with_id(connection, id));
    if (one.state != AccreditationState::unconfirmed) return no_accreditation();
    KHOCHUNG_TRY(
        connection.change("DELETE FROM address_token WHERE ends_at <= ?", {milliseconds_of(at)}));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO address_token (token_hash, kind, wish, ends_at) VALUES (?, ?, ?, ?)",
        {Digest::of(token), token_kind, id, milliseconds_of(at + confirmed_within)}));
    return WishToSend{std::move(one), token};
  });
}

Result<Accreditation> AccreditationStore::wish_of(std::string_view token) const {
  const auto at = clock_();
  return database_.read([&](Connection& connection) { return with_token(connection, token, at); });
}

Result<Accreditation> AccreditationStore::confirm(std::string_view token) {
  const auto at = clock_();
  return database_.write_giving<Accreditation>(
      [&](Connection& connection) -> Result<Accreditation> {
        auto one = KHOCHUNG_TRY(with_token(connection, token, at));
        const auto id = one.id.text();
        KHOCHUNG_TRY(
            connection.change("UPDATE accreditation SET state = 'asked', asked_at = ? WHERE id = ?",
                              {milliseconds_of(at), id}));
        KHOCHUNG_TRY(connection.change("DELETE FROM address_token WHERE kind = ? AND wish = ?",
                                       {token_kind, id}));
        one.state = AccreditationState::asked;
        return one;
      });
}

Result<Accreditation> AccreditationStore::find(std::string_view id) const {
  return database_.read([&](Connection& connection) { return with_id(connection, id); });
}

Result<std::vector<Accreditation>> AccreditationStore::waiting(int limit) const {
  return database_.read([&](Connection& connection) {
    return accreditations_in(connection.query(KHOCHUNG_ACCREDITATION_COLUMNS
                                              "WHERE state = 'asked' ORDER BY asked_at, id LIMIT ?",
                                              {std::int64_t{limit}}));
  });
}

Result<std::vector<Accreditation>> AccreditationStore::in_force(int limit) const {
  const auto at = milliseconds_of(clock_());
  return database_.read([&](Connection& connection) {
    return accreditations_in(
        connection.query(KHOCHUNG_ACCREDITATION_COLUMNS
                         "WHERE state = 'granted' AND ends_at > ? ORDER BY ends_at, id LIMIT ?",
                         {at, std::int64_t{limit}}));
  });
}

Result<Accreditation> AccreditationStore::grant(std::string_view id, std::string_view account,
                                                Instant ends_at, std::string_view by,
                                                bool by_mail) {
  const auto at = clock_();
  if (ends_at <= at || ends_at > at + longest_life)
    return fail(ErrorCode::bad_input, "accreditation_end", "an accreditation ends within 366 days");
  return database_.write_giving<Accreditation>(
      [&](Connection& connection) -> Result<Accreditation> {
        auto one = KHOCHUNG_TRY(with_id(connection, id));
        one.state = AccreditationState::granted;
        one.decided_at = at;
        one.decided_by = by;
        one.account = account;
        one.ends_at = ends_at;
        one.account = KHOCHUNG_TRY(open_account(connection, one, at));
        KHOCHUNG_CHECK(decide(connection, one));
        if (by_mail)
          KHOCHUNG_CHECK(
              MailQueue::add(connection, {accreditation_granted, id, {}, MailRank::awaited}, at));
        return one;
      });
}

Result<Accreditation> AccreditationStore::refuse(std::string_view id, std::string_view reason,
                                                 std::string_view by, bool by_mail) {
  const auto at = clock_();
  if (reason.empty()) return fail(ErrorCode::bad_input, "reason_missing", "no reason");
  if (!is_text(reason, longest_purpose_bytes))
    return fail(ErrorCode::bad_input, "accreditation_text", "too long, or no plain text");
  return database_.write_giving<Accreditation>(
      [&](Connection& connection) -> Result<Accreditation> {
        auto one = KHOCHUNG_TRY(with_id(connection, id));
        one.state = AccreditationState::refused;
        one.decided_at = at;
        one.decided_by = by;
        one.reason = reason;
        KHOCHUNG_CHECK(decide(connection, one));
        if (by_mail)
          KHOCHUNG_CHECK(
              MailQueue::add(connection, {accreditation_refused, id, {}, MailRank::awaited}, at));
        return one;
      });
}

Result<Accreditation> AccreditationStore::end(std::string_view id) {
  const auto at = clock_();
  return database_.write_giving<Accreditation>(
      [&](Connection& connection) -> Result<Accreditation> {
        auto one = KHOCHUNG_TRY(with_id(connection, id));
        if (one.state != AccreditationState::granted || one.ends_at <= at)
          return no_accreditation();
        KHOCHUNG_TRY(connection.change("UPDATE accreditation SET ends_at = ? WHERE id = ?",
                                       {milliseconds_of(at), id}));
        one.ends_at = at;
        const auto row = KHOCHUNG_TRY(find_account(connection, folded_or_empty(one.account)));
        if (!row) return one;
        KHOCHUNG_TRY(connection.change("UPDATE account SET ends_at = ? WHERE id = ?",
                                       {milliseconds_of(at), row->id}));
        KHOCHUNG_CHECK(end_all_sessions(connection, row->id));
        return one;
      });
}

Result<void> AccreditationStore::look_after(bool by_mail) {
  const auto at = clock_();
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_CHECK(forget_old(connection, at));
    if (!by_mail) return {};
    const auto ending = KHOCHUNG_TRY(accreditations_in(connection.query(
        KHOCHUNG_ACCREDITATION_COLUMNS
        "WHERE state = 'granted' AND ends_at > ? AND ends_at <= ? AND is_reminded = 0 LIMIT 100",
        {milliseconds_of(at), milliseconds_of(at + reminded_before)})));
    for (const auto& one : ending) {
      const auto id = one.id.text();
      KHOCHUNG_TRY(
          connection.change("UPDATE accreditation SET is_reminded = 1 WHERE id = ?", {id}));
      KHOCHUNG_CHECK(
          MailQueue::add(connection, {accreditation_ending, id, {}, MailRank::other}, at));
    }
    return {};
  });
}

}  // namespace khochung::storage

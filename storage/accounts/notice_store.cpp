#include "storage/accounts/notice_store.hpp"

#include "schemas/digest.hpp"
#include "schemas/language_code.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/mail_allowance.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/password.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t token_bytes = 32;

#define KHOCHUNG_WISH_COLUMNS "kit, address, account, language, version"
#define KHOCHUNG_FOLLOWER_COLUMNS \
  "kit, address, account, language, told_version, id, leave_token FROM notice_follower"

tl::unexpected<Error> nobody() {
  return fail(ErrorCode::not_found, "notice_link_over", "no such wish or follower");
}

/// A row that begins with KHOCHUNG_WISH_COLUMNS.
Result<NoticeWish> wish_in(const Rows& rows) {
  return NoticeWish{KHOCHUNG_TRY(MaterialId::parse(rows.text(0))),
                    KHOCHUNG_TRY(MailAddress::parse(rows.text(1))), rows.text(2),
                    rows.text(3) == "en" ? Language::english : Language::vietnamese, rows.small(4)};
}

Result<NoticeWish> only_wish(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  if (!KHOCHUNG_TRY(rows.next())) return nobody();
  return wish_in(rows);
}

Result<NoticeFollower> only_follower(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  if (!KHOCHUNG_TRY(rows.next())) return nobody();
  return NoticeFollower{KHOCHUNG_TRY(NoticeFollowerId::parse(rows.text(5))),
                        KHOCHUNG_TRY(wish_in(rows)), rows.text(6)};
}

Result<std::vector<std::string>> texts_in(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<std::string> texts;
  while (KHOCHUNG_TRY(rows.next())) texts.push_back(rows.text(0));
  return texts;
}

Result<void> forget_old(Connection& connection, Instant at) {
  const auto time = milliseconds_of(at);
  KHOCHUNG_TRY(connection.change("DELETE FROM notice_wish WHERE ends_at <= ?", {time}));
  KHOCHUNG_TRY(connection.change("DELETE FROM notice_wish_token WHERE ends_at <= ?", {time}));
  return {};
}

Result<void> keep_wish(Connection& connection, const NoticeWish& wish, Instant at) {
  const auto id = NoticeWishId::make().text();
  const auto kit = wish.kit.text();
  const auto folded = wish.address.folded();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO notice_wish (id, kit, address, folded, account, language, version, ends_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {id, kit, wish.address.text(), folded, wish.account, code_of(wish.language),
       std::int64_t{wish.version}, milliseconds_of(at + NoticeStore::wish_lives)}));
  return MailQueue::add(connection, {notice_confirmation, id, {}, MailRank::awaited}, at);
}

Result<NoticeWish> wish_of_token(Connection& connection, const Digest& token_hash, Instant at) {
  return only_wish(connection.query("SELECT " KHOCHUNG_WISH_COLUMNS
                                    " FROM notice_wish_token t JOIN notice_wish w ON w.id = t.wish "
                                    "WHERE t.token_hash = ? AND w.ends_at > ?",
                                    {token_hash, milliseconds_of(at)}));
}

/// An address that follows the kit already goes on with what was asked for last.
Result<void> put_follower(Connection& connection, const NoticeWish& wish, Instant at) {
  const auto id = NoticeFollowerId::make().text();
  const auto kit = wish.kit.text();
  const auto folded = wish.address.folded();
  const auto token = random_hex(token_bytes);
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO notice_follower (id, kit, address, folded, account, language, leave_token, "
      "told_version, is_told_withdrawn, confirmed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?) "
      "ON CONFLICT (kit, folded) DO UPDATE SET address = excluded.address, "
      "account = excluded.account, language = excluded.language",
      {id, kit, wish.address.text(), folded, wish.account, code_of(wish.language), token,
       std::int64_t{wish.version}, milliseconds_of(at)}));
  KHOCHUNG_TRY(
      connection.change("INSERT INTO notice_kit (kit, look_at) VALUES (?, ?) "
                        "ON CONFLICT (kit) DO UPDATE SET look_at = excluded.look_at",
                        {kit, milliseconds_of(at)}));
  return {};
}

Result<void> forget_wishes(Connection& connection, const NoticeWish& wish) {
  const auto kit = wish.kit.text();
  const auto folded = wish.address.folded();
  const auto ids = KHOCHUNG_TRY(texts_in(
      connection.query("SELECT id FROM notice_wish WHERE kit = ? AND folded = ?", {kit, folded})));
  for (const auto& id : ids) {
    KHOCHUNG_CHECK(MailQueue::forget(connection, id));
    KHOCHUNG_TRY(connection.change("DELETE FROM notice_wish WHERE id = ?", {id}));
  }
  return {};
}

Result<void> look_again_at(Connection& connection, const NoticeStore::DueKit& due, Instant at) {
  const auto kit = due.kit.text();
  const auto followed =
      KHOCHUNG_TRY(connection.number("SELECT 1 FROM notice_follower WHERE kit = ? LIMIT 1", {kit}));
  if (followed) {
    KHOCHUNG_TRY(
        connection.change("UPDATE notice_kit SET look_at = ? WHERE kit = ? AND look_at = ?",
                          {milliseconds_of(at), kit, milliseconds_of(due.since)}));
  } else {
    KHOCHUNG_TRY(connection.change("DELETE FROM notice_kit WHERE kit = ?", {kit}));
  }
  return {};
}

struct Untold {
  std::string id;
  std::string version;
};

Result<std::vector<Untold>> untold_in(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Untold> found;
  while (KHOCHUNG_TRY(rows.next()))
    found.push_back({rows.text(0), std::to_string(rows.integer(1))});
  return found;
}

}  // namespace

// -- asking, confirming, leaving

Result<void> NoticeStore::ask(const NoticeWish& wish, std::string_view network) {
  const auto at = clock_();
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_CHECK(forget_old(connection, at));
    KHOCHUNG_CHECK(expect_allowed_client(connection, network, at));
    const auto folded = wish.address.folded();
    if (!KHOCHUNG_TRY(allow_mail_to(connection, "notices", folded, at))) return {};
    return keep_wish(connection, wish, at);
  });
}

Result<NoticeStore::WishToSend> NoticeStore::begin_confirmation(std::string_view wish_id) {
  const auto at = clock_();
  const auto token = random_hex(token_bytes);
  return database_.write_giving<WishToSend>([&](Connection& connection) -> Result<WishToSend> {
    auto wish = KHOCHUNG_TRY(only_wish(connection.query(
        "SELECT " KHOCHUNG_WISH_COLUMNS " FROM notice_wish WHERE id = ? AND ends_at > ?",
        {wish_id, milliseconds_of(at)})));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO notice_wish_token (token_hash, wish, ends_at) VALUES (?, ?, ?)",
        {Digest::of(token), wish_id, milliseconds_of(at + wish_lives)}));
    return WishToSend{std::move(wish), token};
  });
}

Result<NoticeWish> NoticeStore::wish_of(std::string_view token) const {
  const auto token_hash = Digest::of(token);
  return database_.read(
      [&](Connection& connection) { return wish_of_token(connection, token_hash, clock_()); });
}

Result<NoticeFollower> NoticeStore::confirm(std::string_view token) {
  const auto at = clock_();
  const auto token_hash = Digest::of(token);
  return database_.write_giving<NoticeFollower>(
      [&](Connection& connection) -> Result<NoticeFollower> {
        const auto wish = KHOCHUNG_TRY(wish_of_token(connection, token_hash, at));
        KHOCHUNG_CHECK(put_follower(connection, wish, at));
        KHOCHUNG_CHECK(forget_wishes(connection, wish));
        const auto kit = wish.kit.text();
        const auto folded = wish.address.folded();
        return only_follower(connection.query(
            "SELECT " KHOCHUNG_FOLLOWER_COLUMNS " WHERE kit = ? AND folded = ?", {kit, folded}));
      });
}

Result<NoticeFollower> NoticeStore::follower_leaving(std::string_view leave_token) const {
  return database_.read([&](Connection& connection) {
    return only_follower(connection.query(
        "SELECT " KHOCHUNG_FOLLOWER_COLUMNS " WHERE leave_token = ?", {leave_token}));
  });
}

Result<void> NoticeStore::leave(std::string_view leave_token) {
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto follower = only_follower(connection.query(
        "SELECT " KHOCHUNG_FOLLOWER_COLUMNS " WHERE leave_token = ?", {leave_token}));
    if (!follower && follower.error().code == ErrorCode::not_found) return {};
    if (!follower) return fail(follower.error());
    const auto id = follower->id.text();
    KHOCHUNG_CHECK(forget_wishes(connection, follower->wish));
    KHOCHUNG_CHECK(MailQueue::forget(connection, id));
    KHOCHUNG_TRY(connection.change("DELETE FROM notice_follower WHERE id = ?", {id}));
    return {};
  });
}

// -- telling

Result<NoticeFollower> NoticeStore::follower(std::string_view id) const {
  return database_.read([&](Connection& connection) {
    return only_follower(
        connection.query("SELECT " KHOCHUNG_FOLLOWER_COLUMNS " WHERE id = ?", {id}));
  });
}

Result<std::vector<NoticeStore::DueKit>> NoticeStore::due_kits(int limit) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<DueKit>> {
    auto rows = KHOCHUNG_TRY(connection.query(
        "SELECT kit, look_at FROM notice_kit WHERE look_at <= ? ORDER BY look_at LIMIT ?",
        {milliseconds_of(clock_()), std::int64_t{limit}}));
    std::vector<DueKit> kits;
    while (KHOCHUNG_TRY(rows.next())) {
      kits.push_back({KHOCHUNG_TRY(MaterialId::parse(rows.text(0))),
                      Instant(std::chrono::milliseconds(rows.integer(1)))});
    }
    return kits;
  });
}

Result<void> NoticeStore::look_soon(MaterialId kit) {
  const auto text = kit.text();
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change("UPDATE notice_kit SET look_at = ? WHERE kit = ?",
                                   {milliseconds_of(clock_()), text}));
    return {};
  });
}

Result<void> NoticeStore::look_again(const std::vector<DueKit>& kits, Instant at) {
  return database_.write([&](Connection& connection) -> Result<void> {
    for (const auto& due : kits) KHOCHUNG_CHECK(look_again_at(connection, due, at));
    return {};
  });
}

Result<std::vector<std::string>> NoticeStore::accounts_untold(MaterialId kit, int version) const {
  const auto text = kit.text();
  return database_.read([&](Connection& connection) {
    return texts_in(connection.query(
        "SELECT DISTINCT account FROM notice_follower WHERE kit = ? AND told_version < ?",
        {text, std::int64_t{version}}));
  });
}

Result<int> NoticeStore::tell_of_version(MaterialId kit, std::string_view account, int version) {
  const auto text = kit.text();
  return database_.write_giving<int>([&](Connection& connection) -> Result<int> {
    const auto untold = KHOCHUNG_TRY(
        untold_in(connection.query("SELECT id, told_version FROM notice_follower "
                                   "WHERE kit = ? AND account = ? AND told_version < ? LIMIT ?",
                                   {text, account, std::int64_t{version}, std::int64_t{batch}})));
    for (const auto& follower : untold) {
      KHOCHUNG_CHECK(MailQueue::add(
          connection, {notice_correction, follower.id, follower.version, MailRank::other},
          clock_()));
      KHOCHUNG_TRY(connection.change("UPDATE notice_follower SET told_version = ? WHERE id = ?",
                                     {std::int64_t{version}, follower.id}));
    }
    return static_cast<int>(untold.size());
  });
}

Result<std::vector<std::string>> NoticeStore::accounts_untold_of_withdrawal(MaterialId kit) const {
  const auto text = kit.text();
  return database_.read([&](Connection& connection) {
    return texts_in(connection.query(
        "SELECT DISTINCT account FROM notice_follower WHERE kit = ? AND is_told_withdrawn = 0",
        {text}));
  });
}

Result<int> NoticeStore::tell_of_withdrawal(MaterialId kit, std::string_view account) {
  const auto text = kit.text();
  return database_.write_giving<int>([&](Connection& connection) -> Result<int> {
    const auto untold = KHOCHUNG_TRY(
        texts_in(connection.query("SELECT id FROM notice_follower "
                                  "WHERE kit = ? AND account = ? AND is_told_withdrawn = 0 LIMIT ?",
                                  {text, account, std::int64_t{batch}})));
    for (const auto& id : untold) {
      KHOCHUNG_CHECK(
          MailQueue::add(connection, {notice_withdrawal, id, {}, MailRank::other}, clock_()));
      KHOCHUNG_TRY(
          connection.change("UPDATE notice_follower SET is_told_withdrawn = 1 WHERE id = ?", {id}));
    }
    return static_cast<int>(untold.size());
  });
}

Result<void> NoticeStore::forget_withdrawal(MaterialId kit) {
  const auto text = kit.text();
  const auto told = KHOCHUNG_TRY(database_.read([&](Connection& connection) {
    return connection.number(
        "SELECT 1 FROM notice_follower WHERE kit = ? AND is_told_withdrawn = 1 LIMIT 1", {text});
  }));
  if (!told) return {};
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change(
        "UPDATE notice_follower SET is_told_withdrawn = 0 WHERE kit = ? AND is_told_withdrawn = 1",
        {text}));
    return {};
  });
}

}  // namespace khochung::storage

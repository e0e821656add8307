#include "storage/accounts/share_store.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "schemas/digest.hpp"
#include "schemas/utf8.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::chrono::milliseconds continues_for = std::chrono::hours(12);
/// How exactly the last part of a use is kept: a write a part would be an fsync a picture.
constexpr std::chrono::milliseconds use_step = std::chrono::minutes(10);
constexpr std::chrono::milliseconds ended_are_kept = std::chrono::days(366);

#define KHOCHUNG_SHARE_COLUMNS                                                                   \
  "id, material, kit_version, maker, recipient, expires_at, download_limit, password, made_at, " \
  "revoked_at, used_at, opened, downloaded"

Instant instant_of(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

std::optional<Instant> instant_in(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return instant_of(rows.integer(column));
}

tl::unexpected<Error> no_share() {
  return fail(ErrorCode::not_found, "no such share");
}

/// A link with what only this file needs of it.
struct Row {
  Share share;
  std::string password;
};

Result<Row> row_of(const Rows& rows) {
  Row row;
  auto& [share, password] = row;
  share.id = KHOCHUNG_TRY(ShareId::parse(rows.text(0)));
  share.terms.material = KHOCHUNG_TRY(MaterialId::parse(rows.text(1)));
  if (!rows.is_null(2)) share.terms.kit_version = rows.small(2);
  share.terms.maker = rows.text(3);
  share.terms.recipient = rows.text(4);
  share.terms.expires_at = instant_of(rows.integer(5));
  if (!rows.is_null(6)) share.terms.download_limit = rows.integer(6);
  password = rows.text(7);
  share.has_password = !password.empty();
  share.made_at = instant_of(rows.integer(8));
  share.revoked_at = instant_in(rows, 9);
  share.used_at = instant_in(rows, 10);
  share.opened = rows.integer(11);
  share.downloaded = rows.integer(12);
  return row;
}

Result<std::vector<Row>> rows_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Row> found;
  while (KHOCHUNG_TRY(rows.next())) found.push_back(KHOCHUNG_TRY(row_of(rows)));
  return found;
}

Result<Row> only(std::vector<Row> rows) {
  if (rows.empty()) return no_share();
  return std::move(rows.front());
}

Result<Row> row_of_token(Database& database, std::string_view token, Instant at) {
  const auto token_hash = Digest::of(token);
  return only(KHOCHUNG_TRY(database.read([&](Connection& connection) {
    return rows_of(connection.query(
        "SELECT " KHOCHUNG_SHARE_COLUMNS
        " FROM share WHERE token_hash = ? AND revoked_at IS NULL AND expires_at > ?",
        {token_hash, milliseconds_of(at)}));
  })));
}

Result<void> check_terms(const ShareTerms& terms, Instant at) {
  if (terms.expires_at <= at || terms.expires_at > at + ShareStore::longest_life)
    return fail(ErrorCode::bad_input, "share_expiry", "a share ends within 366 days");
  if (terms.download_limit && *terms.download_limit < 1)
    return fail(ErrorCode::bad_input, "a share's limit is 1 or more");
  const auto& name = terms.recipient;
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  };
  if (name.size() > ShareStore::longest_recipient_bytes || !is_utf8(name) ||
      std::ranges::any_of(name, is_control)) {
    return fail(ErrorCode::bad_input, "the recipient is plain text of at most 200 bytes");
  }
  return {};
}

Result<void> forget_ended(Connection& connection, Instant at) {
  const auto longest_ago = milliseconds_of(at - ended_are_kept);
  KHOCHUNG_TRY(connection.change("DELETE FROM share WHERE expires_at < ? OR revoked_at < ?",
                                 {longest_ago, longest_ago}));
  KHOCHUNG_TRY(connection.change("DELETE FROM share_use WHERE at < ?",
                                 {milliseconds_of(at - continues_for)}));
  return {};
}

Result<void> insert(Connection& connection, const Row& row, const Digest& token_hash) {
  const auto& [share, password] = row;
  const auto& terms = share.terms;
  const auto id = share.id.text();
  const auto material = terms.material.text();
  const SqlValue version =
      terms.kit_version ? SqlValue(std::int64_t{*terms.kit_version}) : SqlValue(nullptr);
  const SqlValue limit = terms.download_limit ? SqlValue(*terms.download_limit) : SqlValue(nullptr);
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO share (id, token_hash, material, kit_version, maker, recipient, password, "
      "download_limit, made_at, expires_at, opened, downloaded) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
      {id, token_hash, material, version, terms.maker, terms.recipient, password, limit,
       milliseconds_of(share.made_at), milliseconds_of(terms.expires_at)}));
  return {};
}

/// Proves that a link's password was known, until an instant; made of what the link's holder has
/// and of what only we have.
using Proof = std::array<unsigned char, crypto_auth_BYTES>;
Proof proof_of(std::string_view token, const std::string& phc, std::string_view until) {
  static_assert(crypto_auth_KEYBYTES == 32);
  const auto secret = Digest::of("khochung share " + std::string(token) + " " + phc);
  Proof proof{};
  crypto_auth(proof.data(), reinterpret_cast<const unsigned char*>(until.data()), until.size(),
              reinterpret_cast<const unsigned char*>(secret.bytes().data()));
  return proof;
}

std::string hex_of(const Proof& proof) {
  std::string hex(2 * proof.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), proof.data(), proof.size());
  hex.pop_back();
  return hex;
}

/// A key is "<milliseconds until which it opens>.<proof>".
std::string key_of(std::string_view token, const std::string& phc, Instant until) {
  const auto text = std::to_string(milliseconds_of(until));
  return text + "." + hex_of(proof_of(token, phc, text));
}

bool opens(std::string_view key, std::string_view token, const std::string& phc, Instant at) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return false;
  const auto until_text = key.substr(0, dot);
  std::int64_t until = 0;
  const auto* end = until_text.data() + until_text.size();
  const auto [stopped, problem] = std::from_chars(until_text.data(), end, until);
  if (problem != std::errc() || stopped != end || until <= milliseconds_of(at)) return false;
  const auto expected = hex_of(proof_of(token, phc, until_text));
  const auto given = key.substr(dot + 1);
  return given.size() == expected.size() &&
         sodium_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

/// Who a client is to one link, without saying who it is.
Digest client_of(ShareId id, const ShareUse& use) {
  return Digest::of(id.text() + " " + use.client);
}

/// When this client last did it, in milliseconds; nothing: not in the last 12 hours.
Result<std::optional<std::int64_t>> last_time(Connection& connection, ShareId id,
                                              const ShareUse& use, Instant at) {
  const auto share = id.text();
  return connection.number(
      "SELECT at FROM share_use WHERE share = ? AND what = ? AND client = ? AND at > ?",
      {share, use.what, client_of(id, use), milliseconds_of(at - continues_for)});
}

Result<void> note_time(Connection& connection, ShareId id, const ShareUse& use, Instant at) {
  const auto share = id.text();
  KHOCHUNG_TRY(
      connection.change("INSERT INTO share_use (share, what, client, at) VALUES (?, ?, ?, ?) "
                        "ON CONFLICT (share, what, client) DO UPDATE SET at = excluded.at",
                        {share, use.what, client_of(id, use), milliseconds_of(at)}));
  return {};
}

Result<void> add_one(Connection& connection, ShareId id, const ShareUse& use, Instant at) {
  const auto share = id.text();
  const std::int64_t opened = use.kind == ShareUse::Kind::opening ? 1 : 0;
  const auto counted = KHOCHUNG_TRY(connection.number(
      "UPDATE share SET opened = opened + ?, downloaded = downloaded + ?, used_at = ? "
      "WHERE id = ? AND revoked_at IS NULL AND expires_at > ? "
      "AND (download_limit IS NULL OR downloaded < download_limit) RETURNING downloaded",
      {opened, 1 - opened, milliseconds_of(at), share, milliseconds_of(at)}));
  if (!counted) return no_share();
  return {};
}

}  // namespace

Result<NewShare> ShareStore::make(const ShareTerms& terms, std::string_view password) {
  const auto at = clock_();
  KHOCHUNG_CHECK(check_terms(terms, at));
  if (!password.empty()) KHOCHUNG_CHECK(check_password(password));
  Row row;
  row.share.id = ShareId::make();
  row.share.terms = terms;
  row.share.made_at = at;
  row.share.has_password = !password.empty();
  if (!password.empty()) row.password = KHOCHUNG_TRY(hasher_.hash(password));
  const auto token = random_hex(token_bytes);
  const auto written = database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_CHECK(forget_ended(connection, at));
    return insert(connection, row, Digest::of(token));
  });
  if (!written) return fail(written.error());
  return NewShare{row.share, token};
}

Result<Share> ShareStore::share(ShareId id) const {
  const auto text = id.text();
  const auto rows = database_.read([&](Connection& connection) {
    return rows_of(
        connection.query("SELECT " KHOCHUNG_SHARE_COLUMNS " FROM share WHERE id = ?", {text}));
  });
  return only(KHOCHUNG_TRY(rows)).map([](const Row& row) { return row.share; });
}

Result<std::vector<Share>> ShareStore::shares_of(MaterialId material) const {
  const auto text = material.text();
  const auto rows = KHOCHUNG_TRY(database_.read([&](Connection& connection) {
    return rows_of(connection.query("SELECT " KHOCHUNG_SHARE_COLUMNS
                                    " FROM share WHERE material = ? ORDER BY made_at DESC, id DESC",
                                    {text}));
  }));
  std::vector<Share> shares;
  for (const auto& row : rows) shares.push_back(row.share);
  return shares;
}

Result<void> ShareStore::revoke(ShareId id) {
  const auto text = id.text();
  const auto at = milliseconds_of(clock_());
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto revoked = KHOCHUNG_TRY(connection.number(
        "UPDATE share SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ? RETURNING revoked_at",
        {at, text}));
    if (!revoked) return no_share();
    return {};
  });
}

Result<Share> ShareStore::find(std::string_view token) const {
  return row_of_token(database_, token, clock_()).map([](const Row& row) { return row.share; });
}

Result<std::string> ShareStore::unlock(std::string_view token, std::string_view password,
                                       std::string_view network) {
  const auto at = clock_();
  const auto row = KHOCHUNG_TRY(row_of_token(database_, token, at));
  const auto id = row.share.id.text();
  if (!throttle_.may_try(id, network, at))
    return fail(ErrorCode::unavailable, "too_many_attempts", "this pair is slowed down");
  const auto tried = password.substr(0, longest_password + 1);
  if (!row.share.has_password || !KHOCHUNG_TRY(hasher_.matches(row.password, tried)))
    return fail(ErrorCode::unauthenticated, "wrong_password", "wrong password of a share");
  throttle_.succeeded(id, network);
  return key_of(token, row.password, at + key_lives);
}

Result<bool> ShareStore::is_open_with(std::string_view token, std::string_view key) const {
  const auto at = clock_();
  const auto row = KHOCHUNG_TRY(row_of_token(database_, token, at));
  return !row.share.has_password || opens(key, token, row.password, at);
}

Result<bool> ShareStore::has_begun(ShareId id, const ShareUse& use) const {
  const auto at = clock_();
  const auto last = KHOCHUNG_TRY(
      database_.read([&](Connection& connection) { return last_time(connection, id, use, at); }));
  return last.has_value();
}

Result<bool> ShareStore::count(ShareId id, const ShareUse& use) {
  const auto at = clock_();
  const auto last = KHOCHUNG_TRY(
      database_.read([&](Connection& connection) { return last_time(connection, id, use, at); }));
  if (use.may_continue && last && milliseconds_of(at) - *last < use_step.count()) return false;
  return database_.write_giving<bool>([&](Connection& connection) -> Result<bool> {
    const auto begun = KHOCHUNG_TRY(last_time(connection, id, use, at));
    const bool goes_on = use.may_continue && begun;
    if (!goes_on) KHOCHUNG_CHECK(add_one(connection, id, use, at));
    KHOCHUNG_CHECK(note_time(connection, id, use, at));
    return !goes_on;
  });
}

}  // namespace khochung::storage

#include "storage/accounts/call_store.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/utf8.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

#define KHOCHUNG_CALL_COLUMNS \
  "id, unit, title, invitation, preset, maker, made_at, ends_at, most, received, is_listed"

tl::unexpected<Error> no_call() {
  return fail(ErrorCode::not_found, "call_over", "no such call, or it is over");
}

Result<std::vector<Call>> calls_from(Result<Rows> begun) {
  const auto instant_in = [](const Rows& rows, int column) {
    return Instant(std::chrono::milliseconds(rows.integer(column)));
  };
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Call> calls;
  while (KHOCHUNG_TRY(rows.next())) {
    Call call;
    call.id = KHOCHUNG_TRY(CallId::parse(rows.text(0)));
    call.terms.unit = KHOCHUNG_TRY(UnitId::parse(rows.text(1)));
    call.terms.title = rows.text(2);
    call.terms.text = rows.text(3);
    boost::json::error_code error;
    const auto preset = boost::json::parse(rows.text(4), error);
    if (error || !preset.is_object()) return fail(ErrorCode::corrupt, "a call's preset");
    for (const auto& [name, value] : preset.get_object())
      call.terms.preset[name] = JsonReader(preset).string(name);
    call.terms.maker = rows.text(5);
    call.made_at = instant_in(rows, 6);
    call.terms.ends_at = instant_in(rows, 7);
    call.terms.limit = rows.integer(8);
    call.received = rows.integer(9);
    call.terms.is_listed = rows.integer(10) != 0;
    calls.push_back(std::move(call));
  }
  return calls;
}

Result<void> check_terms(const CallTerms& terms, Instant at) {
  if (terms.title.empty()) return fail(ErrorCode::bad_input, "title_missing", "no title");
  if (terms.title.size() > CallStore::longest_title_bytes || !is_utf8(terms.title) ||
      terms.text.size() > CallStore::longest_text_bytes || !is_utf8(terms.text))
    return fail(ErrorCode::bad_input, "a call's words are too long or no UTF-8");
  if (terms.ends_at <= at || terms.ends_at > at + CallStore::longest_life)
    return fail(ErrorCode::bad_input, "share_expiry", "a call ends within 366 days");
  if (terms.limit < 1) return fail(ErrorCode::bad_input, "a call's limit is 1 or more");
  return {};
}

}  // namespace

Result<Call> CallStore::make(const CallTerms& terms) {
  const auto at = clock_();
  KHOCHUNG_CHECK(check_terms(terms, at));
  const Call call{CallId::make(), terms, at, 0};
  boost::json::object preset;
  for (const auto& [name, value] : terms.preset) preset[name] = value;
  const auto id = call.id.text();
  const auto unit = terms.unit.text();
  const auto fields = boost::json::serialize(preset);
  KHOCHUNG_CHECK(database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO call (id, unit, title, invitation, preset, maker, made_at, ends_at, most, "
        "received, is_listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        {id, unit, terms.title, terms.text, fields, terms.maker, milliseconds_of(at),
         milliseconds_of(terms.ends_at), terms.limit, std::int64_t{terms.is_listed ? 1 : 0}}));
    return {};
  }));
  return call;
}

Result<Call> CallStore::find(CallId id) const {
  const auto text = id.text();
  auto found = KHOCHUNG_TRY(database_.read([&](Connection& connection) {
    return calls_from(connection.query("SELECT " KHOCHUNG_CALL_COLUMNS
                                       " FROM call WHERE id = ? AND ends_at > ?",
                                       {text, milliseconds_of(clock_())}));
  }));
  if (found.empty()) return no_call();
  return std::move(found.front());
}

Result<std::vector<Call>> CallStore::calls_of(UnitId unit) const {
  const auto text = unit.text();
  return database_.read([&](Connection& connection) {
    return calls_from(connection.query("SELECT " KHOCHUNG_CALL_COLUMNS
                                       " FROM call WHERE unit = ? AND ends_at > ? "
                                       "ORDER BY made_at DESC, id DESC",
                                       {text, milliseconds_of(clock_())}));
  });
}

Result<std::vector<Call>> CallStore::listed(int most) const {
  return database_.read([&](Connection& connection) {
    return calls_from(connection.query("SELECT " KHOCHUNG_CALL_COLUMNS
                                       " FROM call WHERE is_listed = 1 AND ends_at > ? "
                                       "ORDER BY ends_at, id LIMIT ?",
                                       {milliseconds_of(clock_()), std::int64_t{most}}));
  });
}

Result<void> CallStore::close(CallId id) {
  const auto text = id.text();
  const auto at = milliseconds_of(clock_());
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto closed = KHOCHUNG_TRY(connection.number(
        "UPDATE call SET ends_at = MIN(ends_at, ?) WHERE id = ? RETURNING 1", {at, text}));
    if (!closed) return no_call();
    return {};
  });
}

Result<void> CallStore::count(CallId id) {
  const auto text = id.text();
  const auto at = milliseconds_of(clock_());
  return database_.write([&](Connection& connection) -> Result<void> {
    const auto left = KHOCHUNG_TRY(connection.number(
        "SELECT most - received FROM call WHERE id = ? AND ends_at > ?", {text, at}));
    if (!left) return no_call();
    if (*left < 1) return fail(ErrorCode::conflict, "call_full", "the call has taken its fill");
    KHOCHUNG_TRY(connection.change("UPDATE call SET received = received + 1 WHERE id = ?", {text}));
    return {};
  });
}

}  // namespace khochung::storage

#include "storage/accounts/data_request_store.hpp"

#include <algorithm>
#include <array>

#include "schemas/language_code.hpp"
#include "schemas/utf8.hpp"
#include "storage/accounts/columns.hpp"
#include "storage/accounts/mail_allowance.hpp"
#include "storage/accounts/mail_queue.hpp"

namespace khochung::storage {
namespace {

#define KHOCHUNG_DATA_REQUEST_COLUMNS                                                    \
  "SELECT id, kind, person, address, subject, language, asked_at, due_at, answered_at, " \
  "answered_by, answer FROM data_request "

constexpr std::array<std::pair<DataWish, std::string_view>, 5> wishes{
    {{DataWish::see, "see"},
     {DataWish::correct, "correct"},
     {DataWish::erase, "erase"},
     {DataWish::withdraw_consent, "withdraw_consent"},
     {DataWish::other, "other"}}};

tl::unexpected<Error> no_request() {
  return fail(ErrorCode::not_found, "no such request");
}

Result<std::vector<DataRequest>> requests_in(Result<Rows> begun) {
  const auto instant_in = [](const Rows& rows, int column) {
    return Instant(std::chrono::milliseconds(rows.integer(column)));
  };
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<DataRequest> found;
  while (KHOCHUNG_TRY(rows.next())) {
    found.push_back({KHOCHUNG_TRY(DataRequestId::parse(rows.text(0))),
                     data_wish_from(rows.text(1)).value_or(DataWish::other), rows.text(2),
                     KHOCHUNG_TRY(MailAddress::parse(rows.text(3))), rows.text(4),
                     rows.text(5) == "en" ? Language::english : Language::vietnamese,
                     instant_in(rows, 6), instant_in(rows, 7), instant_in(rows, 8), rows.text(9),
                     rows.text(10)});
  }
  return found;
}

Result<DataRequest> with_id(Connection& connection, std::string_view id) {
  auto found = KHOCHUNG_TRY(
      requests_in(connection.query(KHOCHUNG_DATA_REQUEST_COLUMNS "WHERE id = ?", {id})));
  if (found.empty()) return no_request();
  return std::move(found.front());
}

Result<void> check_text(std::string_view text, std::size_t longest) {
  const auto is_control = [](unsigned char letter) {
    return (letter < 0x20 && letter != '\n' && letter != '\r') || letter == 0x7F;
  };
  if (text.size() <= longest && is_utf8(text) && std::ranges::none_of(text, is_control)) return {};
  return fail(ErrorCode::bad_input, "accreditation_text", "too long, or no plain text");
}

}  // namespace

std::string_view to_text(DataWish wish) {
  const auto found = std::ranges::find(wishes, wish, &std::pair<DataWish, std::string_view>::first);
  return found == wishes.end() ? "other" : found->second;
}

Result<DataWish> data_wish_from(std::string_view text) {
  const auto found =
      std::ranges::find(wishes, text, &std::pair<DataWish, std::string_view>::second);
  if (found == wishes.end()) return fail(ErrorCode::bad_input, "no such wish");
  return found->first;
}

Instant answer_is_due(Instant asked) {
  std::chrono::sys_days day{day_of(asked)};
  for (int working_days = 0; working_days < 2;) {
    day += std::chrono::days(1);
    const std::chrono::weekday weekday(day);
    if (weekday != std::chrono::Saturday && weekday != std::chrono::Sunday) ++working_days;
  }
  // The end of that day in Vietnam.
  return Instant(day) + std::chrono::hours(24 - 7);
}

Result<DataRequest> DataRequestStore::ask(const Asked& asked, bool by_mail,
                                          std::string_view network) {
  if (asked.person.empty() || asked.subject.empty())
    return fail(ErrorCode::bad_input, "data_request_incomplete", "no name or no subject");
  KHOCHUNG_CHECK(check_text(asked.person, longest_person_bytes));
  if (asked.person.find_first_of("\r\n") != asked.person.npos)
    return fail(ErrorCode::bad_input, "accreditation_text", "a name of several lines");
  KHOCHUNG_CHECK(check_text(asked.subject, longest_text_bytes));
  const auto at = clock_();
  const DataRequest one{DataRequestId::make(),
                        asked.wish,
                        asked.person,
                        asked.address,
                        asked.subject,
                        asked.language,
                        at,
                        answer_is_due(at),
                        {},
                        {},
                        {}};
  const auto id = one.id.text();
  const auto written = database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("DELETE FROM data_request WHERE is_open = 0 AND answered_at <= ?",
                          {milliseconds_of(at - kept_for)}));
    KHOCHUNG_CHECK(expect_allowed_client(connection, network, at));
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO data_request (id, kind, person, address, subject, language, is_open, "
        "asked_at, due_at, answered_at, answered_by, answer) "
        "VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 0, '', '')",
        {id, to_text(one.wish), one.person, one.address.text(), one.subject, code_of(one.language),
         milliseconds_of(one.asked_at), milliseconds_of(one.due_at)}));
    const auto folded = one.address.folded();
    if (!by_mail || !KHOCHUNG_TRY(allow_mail_to(connection, "data", folded, at))) return {};
    return MailQueue::add(connection, {data_request_received, id, {}, MailRank::awaited}, at);
  });
  if (!written) return fail(written.error());
  return one;
}

Result<DataRequest> DataRequestStore::find(std::string_view id) const {
  return database_.read([&](Connection& connection) { return with_id(connection, id); });
}

Result<std::vector<DataRequest>> DataRequestStore::open_ones(int limit) const {
  return database_.read([&](Connection& connection) {
    return requests_in(connection.query(KHOCHUNG_DATA_REQUEST_COLUMNS
                                        "WHERE is_open = 1 ORDER BY due_at, id LIMIT ?",
                                        {std::int64_t{limit}}));
  });
}

Result<DataRequest> DataRequestStore::answer(std::string_view id, std::string_view answer,
                                             std::string_view by, bool by_mail) {
  if (answer.empty()) return fail(ErrorCode::bad_input, "reason_missing", "no answer");
  KHOCHUNG_CHECK(check_text(answer, longest_text_bytes));
  const auto at = clock_();
  return database_.write_giving<DataRequest>([&](Connection& connection) -> Result<DataRequest> {
    const auto changed = KHOCHUNG_TRY(connection.change(
        "UPDATE data_request SET is_open = 0, answered_at = ?, answered_by = ?, answer = ? "
        "WHERE id = ? AND is_open = 1",
        {milliseconds_of(at), by, answer, id}));
    auto one = KHOCHUNG_TRY(with_id(connection, id));
    if (changed == 0) return fail(ErrorCode::conflict, "data_request_answered", "answered already");
    if (by_mail)
      KHOCHUNG_CHECK(
          MailQueue::add(connection, {data_request_answered, id, {}, MailRank::awaited}, at));
    return one;
  });
}

}  // namespace khochung::storage

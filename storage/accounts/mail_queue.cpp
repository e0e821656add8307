#include "storage/accounts/mail_queue.hpp"

#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

Result<void> add_due(Connection& connection, MailRank rank, Instant at, std::size_t limit,
                     std::vector<QueuedMail>& into) {
  if (into.size() >= limit) return {};
  auto rows =
      KHOCHUNG_TRY(connection.query("SELECT id, kind, subject, detail, made_at, attempts FROM mail "
                                    "WHERE rank = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
                                    {static_cast<std::int64_t>(rank), milliseconds_of(at),
                                     static_cast<std::int64_t>(limit - into.size())}));
  while (KHOCHUNG_TRY(rows.next())) {
    into.push_back({KHOCHUNG_TRY(MailId::parse(rows.text(0))), rows.text(1), rows.text(2),
                    rows.text(3), Instant(std::chrono::milliseconds(rows.integer(4))),
                    rows.small(5)});
  }
  return {};
}

}  // namespace

Result<void> MailQueue::add(Connection& connection, const NewMail& mail, Instant at) {
  const auto id = MailId::make().text();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO mail (id, kind, subject, detail, rank, made_at, due_at, attempts) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
      {id, mail.kind, mail.subject, mail.detail, static_cast<std::int64_t>(mail.rank),
       milliseconds_of(at), milliseconds_of(at)}));
  return {};
}

Result<void> MailQueue::forget(Connection& connection, std::string_view subject) {
  KHOCHUNG_TRY(connection.change("DELETE FROM mail WHERE subject = ?", {subject}));
  return {};
}

Result<std::vector<QueuedMail>> MailQueue::due(int limit) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<QueuedMail>> {
    std::vector<QueuedMail> mails;
    for (const auto rank : {MailRank::awaited, MailRank::other})
      KHOCHUNG_CHECK(add_due(connection, rank, clock_(), static_cast<std::size_t>(limit), mails));
    return mails;
  });
}

Result<void> MailQueue::remove(MailId id) {
  const auto text = id.text();
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(connection.change("DELETE FROM mail WHERE id = ?", {text}));
    return {};
  });
}

Result<void> MailQueue::postpone(MailId id, Instant due_at) {
  const auto text = id.text();
  return database_.write([&](Connection& connection) -> Result<void> {
    KHOCHUNG_TRY(
        connection.change("UPDATE mail SET due_at = ?, attempts = attempts + 1 WHERE id = ?",
                          {milliseconds_of(due_at), text}));
    return {};
  });
}

Result<std::int64_t> MailQueue::length() const {
  return database_.read([](Connection& connection) -> Result<std::int64_t> {
    return KHOCHUNG_TRY(connection.number("SELECT COUNT(*) FROM mail")).value_or(0);
  });
}

}  // namespace khochung::storage

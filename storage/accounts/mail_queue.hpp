#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

using MailId = Identifier<struct MailTag>;

/// A mail that is to be sent. It is written only when it is sent, by whoever knows its kind:
/// neither an address nor a secret stands here, and what was true meanwhile is no longer said.
struct QueuedMail {
  MailId id;            ///< stays the same, so that a mail that was sent twice can be known
  std::string kind;     ///< who writes it
  std::string subject;  ///< whom or what it is about, as its kind names it
  std::string detail;
  Instant made_at{};
  int attempts = 0;
};

/// Which mails go first: those that a person waits for.
enum class MailRank { awaited, other };

/// Mails that wait to be sent, in the file of the accounts. Each is there until it was taken off: a
/// process that dies after sending one and before that sends it again.
/// Threads: safe from many threads.
class MailQueue {
 public:
  using Clock = std::function<Instant()>;
  /// Both outlive it.
  MailQueue(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// What a mail is about, before it has its number.
  struct NewMail {
    std::string_view kind;
    std::string_view subject;
    std::string_view detail = {};
    MailRank rank = MailRank::other;
  };
  /// Adds it in a transaction of whoever has a reason for it.
  static Result<void> add(Connection& connection, const NewMail& mail, Instant at);
  /// Takes all of a subject off, sent or not, in a transaction of others.
  static Result<void> forget(Connection& connection, std::string_view subject);

  /// What is due, awaited ones first, then in the order of their time; at most `limit`.
  [[nodiscard]] Result<std::vector<QueuedMail>> due(int limit) const;
  /// It was sent, refused or given up.
  Result<void> remove(MailId id);
  /// It is tried again at `due_at`.
  Result<void> postpone(MailId id, Instant due_at);
  /// Counts the whole queue: for a look now and then.
  [[nodiscard]] Result<std::int64_t> length() const;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace khochung::storage

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "indexer/pipeline/bell.hpp"
#include "server/mail/message.hpp"
#include "server/mail/smtp_sender.hpp"
#include "storage/accounts/mail_queue.hpp"

namespace khochung::mail {

/// Sends what waits in the queue, in the background: each mail is written by whoever knows its
/// kind, sent, and only then taken off. A mail that cannot be sent is tried again later, ever more
/// seldom, for three days; one that the server refuses for good is not. While the server is away
/// the whole queue waits. Threads: add_kind() and do_before() before start(); everything else from
/// many threads.
class Postman {
 public:
  /// Writes a mail at the moment at which it is sent. Nothing: it is not wanted any more.
  using Writer = std::function<Result<std::optional<Message>>(const storage::QueuedMail&)>;

  /// Ends early when it is asked to stop.
  using Errand = std::function<Result<void>(const std::stop_token& stop)>;

  Postman(storage::MailQueue& queue, SmtpServer server)
      : queue_(queue), sender_(std::move(server)) {}
  ~Postman() { stop(); }

  void add_kind(std::string_view kind, Writer writer) { writers_.emplace(kind, std::move(writer)); }
  /// What looks for reasons to write, before each round of sending.
  void do_before(Errand errand) { errands_.push_back(std::move(errand)); }
  void start();
  /// Leaves a mail that is under way; it is sent again after the next start.
  void stop();
  /// There is something to send.
  void ring() { bell_.ring(); }

  /// Since the start.
  struct Counts {
    std::atomic<std::int64_t> sent = 0;
    std::atomic<std::int64_t> postponed = 0;
    std::atomic<std::int64_t> refused = 0;
    std::atomic<std::int64_t> given_up = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const storage::MailQueue& queue() const { return queue_; }

 private:
  enum class Round { idle, busy, blocked };
  void run(const std::stop_token& stop);
  Round deliver(const std::stop_token& stop);
  Result<std::optional<Message>> written(const storage::QueuedMail& mail) const;
  Result<void> settle(const storage::QueuedMail& mail, const Result<void>& outcome);

  storage::MailQueue& queue_;
  SmtpSender sender_;
  std::map<std::string, Writer, std::less<>> writers_;
  std::vector<Errand> errands_;
  Counts counts_;
  pipeline::Bell bell_;
  std::jthread thread_;
};

}  // namespace khochung::mail

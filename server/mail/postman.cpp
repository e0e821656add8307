#include "server/mail/postman.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace khochung::mail {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int mails_a_round = 50;
constexpr milliseconds longest_nap = seconds(2);
constexpr milliseconds mail_lives = hours(72);
/// After the first failure, the second, …; servers that hold off strangers ("greylisting") want
/// some minutes.
constexpr std::array<milliseconds, 6> waits{seconds(5),  minutes(1), minutes(5),
                                            minutes(30), hours(2),   hours(6)};
constexpr milliseconds first_pause = seconds(2);
constexpr milliseconds longest_pause = minutes(5);

milliseconds wait_after(int attempts) {
  return waits.at(std::min(static_cast<std::size_t>(attempts), waits.size() - 1));
}

bool is_blocked(const Result<void>& outcome) {
  return !outcome && outcome.error().reason == "mail_server";
}

}  // namespace

void Postman::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Postman::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Postman::run(const std::stop_token& stop) {
  auto pause = first_pause;
  while (!stop.stop_requested()) {
    for (const auto& errand : errands_) {
      if (const auto done = errand(stop); !done)
        spdlog::error("mail: what is to be told was not found out: {}", done.error().message);
    }
    switch (deliver(stop)) {
      case Round::busy: pause = first_pause; break;
      case Round::idle:
        pause = first_pause;
        bell_.wait(stop, longest_nap);
        break;
      case Round::blocked:
        bell_.rest(stop, pause);
        pause = std::min(2 * pause, longest_pause);
        break;
    }
  }
}

Postman::Round Postman::deliver(const std::stop_token& stop) {
  const auto mails = queue_.due(mails_a_round);
  if (!mails) {
    spdlog::error("mail: the queue cannot be read: {}", mails.error().message);
    return Round::blocked;
  }
  for (const auto& mail : *mails) {
    const auto message = written(mail);
    auto outcome = message.map([](const auto&) {});
    const bool is_wanted = message && message->has_value();
    if (is_wanted) outcome = sender_.send(message->value(), mail.id.text(), mail.made_at, stop);
    // What was cut off may have been sent; it is not known, so it is sent again.
    if (stop.stop_requested() && !outcome) return Round::idle;
    if (is_wanted && outcome) ++counts_.sent;
    if (const auto settled = settle(mail, outcome); !settled) {
      spdlog::error("mail: the queue cannot be written: {}", settled.error().message);
      return Round::blocked;
    }
    if (is_blocked(outcome)) return Round::blocked;
    if (stop.stop_requested()) return Round::idle;
  }
  return mails->empty() ? Round::idle : Round::busy;
}

Result<std::optional<Message>> Postman::written(const storage::QueuedMail& mail) const {
  const auto writer = writers_.find(mail.kind);
  const bool is_too_old = now() - mail.made_at > mail_lives;
  if (writer == writers_.end() || is_too_old) return std::nullopt;
  return writer->second(mail);
}

Result<void> Postman::settle(const storage::QueuedMail& mail, const Result<void>& outcome) {
  if (outcome) return queue_.remove(mail.id);
  const auto& error = outcome.error();
  const auto next = now() + wait_after(mail.attempts);
  const bool is_refused = error.reason == "mail_refused";
  if (!is_refused && next - mail.made_at < mail_lives) {
    ++counts_.postponed;
    spdlog::warn("mail {} ({}) is tried again: {}", mail.id.text(), mail.kind, error.message);
    return queue_.postpone(mail.id, next);
  }
  ++(is_refused ? counts_.refused : counts_.given_up);
  spdlog::error("mail {} ({}) is not sent: {}", mail.id.text(), mail.kind, error.message);
  return queue_.remove(mail.id);
}

}  // namespace khochung::mail

#include "server/net/io_thread.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <csignal>

#include "schemas/instant.hpp"
#include "server/http/http_date.hpp"
#include "server/net/connection.hpp"

namespace khochung::net {

namespace {

/// Thousands whose patience of ours ends in one instant come back in one instant: it is spread.
constexpr std::size_t ended_at_once = 32;
constexpr std::chrono::milliseconds pause_between_ends{50};

}  // namespace

IoThread::IoThread(std::chrono::milliseconds watch_period) : watch_period_(watch_period) {}

void IoThread::start() {
  asio::co_spawn(context_, watch(), asio::detached);
  thread_ = std::jthread([this] { run(); });
}

void IoThread::run() {
  // sendfile and OpenSSL raise SIGPIPE in the thread that writes to a client who is gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  context_.run();
}

Awaitable<void> IoThread::watch() {
  auto pause = watch_period_;
  while (true) {
    timer_.expires_after(pause);
    const auto [problem] = co_await timer_.async_wait(as_result);
    // A timer that ran out just before finish() is not cancelled by it any more.
    if (problem || is_finished_) co_return;
    const auto now = std::chrono::steady_clock::now();
    std::size_t ended = 0;
    for (auto* connection : connections_) {
      if (connection->check_deadline(now) && ++ended == ended_at_once) break;
    }
    pause = ended < ended_at_once ? watch_period_ : std::min(watch_period_, pause_between_ends);
  }
}

void IoThread::end_idle() {
  asio::post(context_, [this] {
    for (auto* connection : connections_) connection->end_if_idle();
  });
}

void IoThread::make_room(std::size_t most) {
  const auto latest = Connection::Clock::now() - std::chrono::seconds(1);
  for (; most > 0 && !debtors_.empty() && debtors_.front().entered() < latest; --most) {
    debtors_.front().cut_off();
    debtors_.pop_front();
  }
}

void IoThread::enter(Connection& connection) {
  connections_.insert(&connection);
  if (is_cut_off_) connection.cut_off();
}

void IoThread::cut_off() {
  asio::post(context_, [this] {
    is_cut_off_ = true;
    for (auto* connection : connections_) connection->cut_off();
  });
}

void IoThread::finish() {
  asio::post(context_, [this] {
    is_finished_ = true;
    timer_.cancel();
    work_.reset();
  });
  if (thread_.joinable()) thread_.join();
}

std::string_view IoThread::date() {
  const auto present = now();
  const auto second = std::chrono::floor<std::chrono::seconds>(present).time_since_epoch();
  if (second != date_second_) {
    date_second_ = second;
    date_ = http::to_http_date(present);
  }
  return date_;
}

}  // namespace khochung::net

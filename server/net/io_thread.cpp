#include "server/net/io_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <span>
#include <utility>
#include <vector>

#include "schemas/instant.hpp"
#include "server/http/http_date.hpp"
#include "server/net/connection.hpp"

namespace khochung::net {

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
  while (true) {
    timer_.expires_after(watch_period_);
    const auto [problem] = co_await timer_.async_wait(as_result);
    // A timer that ran out just before finish() is not cancelled by it any more.
    if (problem || is_finished_) co_return;
    const auto now = std::chrono::steady_clock::now();
    for (auto* connection : connections_) connection->check_deadline(now);
  }
}

void IoThread::end_idle() {
  asio::post(context_, [this] {
    for (auto* connection : connections_) connection->end_if_idle();
  });
}

void IoThread::make_room(std::size_t most) {
  asio::post(context_, [this, most] {
    const auto latest = Connection::Clock::now() - std::chrono::seconds(1);
    std::vector<std::pair<Connection::Clock::time_point, Connection*>> debtors;
    for (auto* connection : connections_) {
      const auto since = connection->owes_request_since();
      if (since && *since < latest) debtors.emplace_back(*since, connection);
    }
    const auto count = std::min(most, debtors.size());
    std::ranges::nth_element(debtors, debtors.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto& [since, connection] : std::span(debtors).first(count)) connection->cut_off();
  });
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

#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "server/net/asio.hpp"

namespace khochung::net {

class Connection;
/// What makes a connection one of those that owe a request; it leaves them by unlink().
using Debtor =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A network thread with the connections that live on it. One timer watches all their deadlines.
/// Threads: what is said to be so may be called from any; the rest on the thread itself.
class IoThread {
 public:
  explicit IoThread(std::chrono::milliseconds watch_period);

  void start();
  /// From any thread: connections without a request end now.
  void end_idle();
  /// From any thread: all connections end now.
  void cut_off();
  /// From any thread, once no connection is left: ends the thread and waits for it.
  void finish();

  asio::io_context& context() { return context_; }
  /// Takes a connection under watch; one that comes after cut_off() ends at once.
  void enter(Connection& connection);
  void leave(Connection& connection) { connections_.erase(&connection); }
  /// Notes one that owes a request from now on.
  void add_debtor(Connection& connection) { debtors_.push_back(connection); }
  /// The `most` connections that have owed a request for longest, and for a second at least, end.
  void make_room(std::size_t most);
  /// The present second as answers carry it.
  std::string_view date();

 private:
  void run();
  Awaitable<void> watch();

  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_{context_.get_executor()};
  std::chrono::milliseconds watch_period_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer_{context_};
  std::unordered_set<Connection*> connections_;
  /// Those that owe a request, longest first.
  boost::intrusive::list<Connection, boost::intrusive::base_hook<Debtor>,
                         boost::intrusive::constant_time_size<false>>
      debtors_;
  bool is_cut_off_ = false;
  bool is_finished_ = false;
  std::chrono::seconds date_second_{-1};
  std::string date_;
  std::jthread thread_;
};

}  // namespace khochung::net

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/exchange.hpp"
#include "server/net/io_thread.hpp"
#include "server/net/transport.hpp"

namespace khochung::net {

/// One client: reads requests one after another and answers each. Requests that were sent ahead
/// wait in the kernel.
/// Threads: its network thread alone; handlers run on the pool meanwhile.
class Connection : public Debtor {
 public:
  /// On `thread`.
  Connection(Service& service, IoThread& thread, Socket socket, Peer peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until either side ends it.
  Awaitable<void> run();
  void log_fault(std::string_view what);

  using Clock = std::chrono::steady_clock;
  /// Ends it when its present phase has taken too long or moves too little; whether it did.
  bool check_deadline(Clock::time_point now);
  void end_if_idle();
  /// When its present phase began.
  [[nodiscard]] Clock::time_point entered() const { return entered_; }
  void cut_off();

 private:
  /// What the connection waits for: each has its own measure of patience.
  enum class Phase { greeting, idle, head, body, handler, answer, farewell };

  void enter(Phase phase);
  /// Whether the client owes a request, the rest of its head or of its small body.
  [[nodiscard]] bool owes_request() const;
  /// Serves one request; false when the connection is to end.
  Awaitable<bool> serve_one();
  /// The length of the next head in received_; 0 when the client went away.
  Awaitable<Result<std::size_t>> read_head();
  Awaitable<bool> receive_more();
  Awaitable<bool> run_request();
  Awaitable<bool> run_stream();
  Awaitable<bool> read_small_body();
  /// Fills chunk_ with the next piece of a body of which `left` bytes are to come.
  Awaitable<bool> read_chunk(std::uint64_t left);
  Awaitable<bool> welcome_body();
  Awaitable<bool> refuse(Error error);
  /// Ends a request whose body did not come whole.
  Awaitable<bool> give_up();
  Awaitable<bool> send_answer();
  /// Puts what is small and at hand behind the head; gives the first segment of the body that is
  /// not.
  std::size_t gather(std::string& head) const;
  [[nodiscard]] Transport::More more_after(std::size_t segment) const;
  /// Sends `text`, and then the body from the segment `next` on.
  Awaitable<bool> send_rest(std::string_view text, std::size_t next);
  Awaitable<bool> send_range(const http::BlobRange& range);
  Awaitable<bool> send_pieces(const http::PieceRange& range);
  /// Lets the client read the last answer before the connection goes.
  Awaitable<void> say_farewell();

  Service& service_;
  IoThread& thread_;
  Transport transport_;
  Peer peer_;
  std::unique_ptr<Exchange> exchange_;  ///< the request in hand, while there is one
  std::string received_;                ///< read and not yet used: a head, and what came behind it
  std::string chunk_;
  std::uint64_t body_left_ = 0;
  Phase phase_ = Phase::greeting;
  Clock::time_point entered_;  ///< the present phase
  Clock::time_point deadline_;
  /// When a small body must be there, however well it comes.
  Clock::time_point latest_ = Clock::time_point::max();
  std::uint64_t moved_at_window_ = 0;
  bool timed_out_ = false;
};

/// Serves a connection on its thread until it ends.
Awaitable<void> serve(std::unique_ptr<Connection> connection);

}  // namespace khochung::net

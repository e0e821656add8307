#include "server/net/connection.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

#include "server/net/pool_work.hpp"
#include "server/net/response_head.hpp"

namespace khochung::net {
namespace {

constexpr std::size_t receive_bytes = std::size_t{4} * 1024;
constexpr std::size_t chunk_bytes = std::size_t{256} * 1024;
/// Up to here the body travels in one write with its head.
constexpr std::size_t coalesced_bytes = std::size_t{32} * 1024;
/// What a client may still send while it is told that nothing more is read.
constexpr std::uint64_t farewell_bytes = std::uint64_t{4} * 1024 * 1024;
constexpr std::chrono::seconds farewell_time{2};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// The steady clock as it was at the last tick (at most 4 ms ago): a tenth of the cost, several
/// times a request.
Connection::Clock::time_point coarse_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return Connection::Clock::time_point(std::chrono::seconds(time.tv_sec) +
                                       std::chrono::nanoseconds(time.tv_nsec));
}

/// Reads a part of a blob that lies elsewhere, piece by piece. The last piece of a whole blob comes
/// only if all of them are what the blob's name says: the client then misses the end and knows.
/// Threads: one at a time; it waits for another machine, so on the pool.
class PieceReader {
 public:
  explicit PieceReader(const http::BlobRange& range)
      : blob_(*range.blob), offset_(range.offset), left_(range.length) {
    if (offset_ == 0 && left_ == blob_.size_bytes() && blob_.sha256()) hasher_.emplace();
  }

  [[nodiscard]] std::uint64_t left() const { return left_; }

  bool read_into(std::string& piece, std::size_t limit_bytes) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, limit_bytes)));
    const auto bytes = std::as_writable_bytes(std::span(piece));
    const auto count = blob_.read(offset_, bytes);
    if (!count || *count != piece.size()) return false;
    offset_ += *count;
    left_ -= *count;
    if (hasher_) hasher_->update(bytes);
    return left_ > 0 || !hasher_ || hasher_->finish() == *blob_.sha256();
  }

 private:
  const storage::BlobReader& blob_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::optional<Hasher> hasher_;
};

}  // namespace

Connection::Connection(Service& service, IoThread& thread, Socket socket, Peer peer)
    : service_(service),
      thread_(thread),
      transport_(std::move(socket), peer.is_local_administrator ? nullptr : service.tls.load()),
      peer_(std::move(peer)) {
  thread_.enter(*this);
  enter(Phase::greeting);
}

Connection::~Connection() {
  // Whoever waits for the last connection may rely on its handlers' things being gone.
  exchange_.reset();
  thread_.leave(*this);
  service_.leave(peer_.group);
}

void Connection::enter(Phase phase) {
  const auto& limits = service_.config.limits;
  phase_ = phase;
  moved_at_window_ = transport_.moved();
  const auto now = coarse_now();
  entered_ = now;
  switch (phase) {
    case Phase::idle: deadline_ = now + limits.idle_time; break;
    case Phase::greeting:
    case Phase::head: deadline_ = now + limits.head_time; break;
    case Phase::body:
    case Phase::answer: deadline_ = std::min(now + limits.progress_window, latest_); break;
    case Phase::handler: deadline_ = Clock::time_point::max(); break;
    case Phase::farewell: deadline_ = now + farewell_time; break;
  }
  unlink();
  if (owes_request()) thread_.add_debtor(*this);
}

bool Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return false;
  if (phase_ == Phase::body || phase_ == Phase::answer) {
    const auto& limits = service_.config.limits;
    const auto window = limits.progress_window;
    const auto least =
        limits.least_bytes_a_second * static_cast<std::uint64_t>(window.count()) / 1000;
    if (transport_.moved() - moved_at_window_ >= least && now < latest_) {
      moved_at_window_ = transport_.moved();
      deadline_ = std::min(now + window, latest_);
      return false;
    }
  }
  timed_out_ = true;
  deadline_ = Clock::time_point::max();
  transport_.cancel();
  return true;
}

void Connection::end_if_idle() {
  if (phase_ == Phase::greeting || phase_ == Phase::idle) transport_.cancel();
}

bool Connection::owes_request() const {
  const bool is_small_body = phase_ == Phase::body && latest_ != Clock::time_point::max();
  return phase_ == Phase::greeting || phase_ == Phase::idle || phase_ == Phase::head ||
         is_small_body;
}

void Connection::cut_off() {
  transport_.cancel();
}

Awaitable<void> Connection::run() {
  bool goes_on = co_await transport_.handshake();
  peer_.is_over_tls = transport_.is_over_tls();
  while (goes_on) goes_on = co_await serve_one();
  co_await say_farewell();
}

Awaitable<bool> Connection::serve_one() {
  const auto head_size = co_await read_head();
  if (head_size && *head_size == 0) co_return false;
  exchange_ = std::make_unique<Exchange>(service_, peer_);
  if (!head_size) {
    auto error = head_size.error();
    co_return co_await refuse(std::move(error));
  }
  const auto understood = exchange_->understand(std::string_view(received_).substr(0, *head_size));
  received_.erase(0, *head_size);
  body_left_ = exchange_->request.content_length;
  if (!understood) {
    auto error = understood.error();
    co_return co_await refuse(std::move(error));
  }
  if (exchange_->route->body == http::BodyKind::stream) co_return co_await run_stream();
  co_return co_await run_request();
}

Awaitable<Result<std::size_t>> Connection::read_head() {
  const auto& limits = service_.config.limits.framing;
  std::size_t looked_at = 0;
  if (received_.empty()) {
    const bool goes_on = co_await transport_.rest();
    if (!goes_on) co_return std::size_t{0};
  }
  while (true) {
    if (!received_.empty() && phase_ != Phase::head) enter(Phase::head);
    const auto end = http::find_head_end(received_, looked_at, limits);
    if (!end || *end > 0) co_return end;
    looked_at = received_.size();
    const bool received = co_await receive_more();
    if (received) continue;
    if (timed_out_ && phase_ == Phase::head && !received_.empty()) {
      co_return fail(ErrorCode::bad_input, "too_slow", "the head took too long");
    }
    co_return std::size_t{0};
  }
}

Awaitable<bool> Connection::receive_more() {
  const auto before = received_.size();
  received_.resize(before + receive_bytes);
  const auto free = std::span(received_).subspan(before);
  auto count = transport_.read_now(free);
  if (count == 0) count = co_await transport_.read_some(free);
  received_.resize(before + count);
  co_return count > 0;
}

Awaitable<bool> Connection::run_request() {
  if (body_left_ > 0) {
    const bool is_complete = co_await read_small_body();
    if (!is_complete) co_return false;
  }
  if (exchange_->handle_at_once()) co_return co_await send_answer();
  enter(Phase::handler);
  const bool was_run =
      co_await run_on(service_.pool, exchange_->load(), [this] { exchange_->handle(); });
  if (!was_run) {
    exchange_->answer(Error{ErrorCode::unavailable, "too many requests wait", {}});
  }
  co_return co_await send_answer();
}

Awaitable<bool> Connection::read_small_body() {
  const bool is_welcome = co_await welcome_body();
  if (!is_welcome) co_return false;
  latest_ = Clock::now() + service_.config.limits.small_body_time;
  while (body_left_ > 0) {
    const bool read = co_await read_chunk(body_left_);
    if (!read) co_return co_await give_up();
    exchange_->request.body += chunk_;
  }
  latest_ = Clock::time_point::max();
  chunk_ = std::string();
  co_return true;
}

Awaitable<bool> Connection::run_stream() {
  enter(Phase::handler);
  bool goes_on = false;
  const bool was_run = co_await run_on(service_.pool, exchange_->load(),
                                       [&] { goes_on = exchange_->begin_stream(); });
  if (!was_run) {
    exchange_->answer(Error{ErrorCode::unavailable, "too many requests wait", {}});
  }
  if (goes_on) {
    const bool is_welcome = co_await welcome_body();
    if (!is_welcome) co_return false;
  }
  while (goes_on && body_left_ > 0) {
    const bool read = co_await read_chunk(body_left_);
    if (!read) co_return co_await give_up();
    enter(Phase::handler);
    co_await run_on(service_.pool, std::nullopt,
                    [&] { goes_on = exchange_->write_stream(bytes_of(chunk_)); });
  }
  chunk_ = std::string();
  if (goes_on) {
    co_await run_on(service_.pool, std::nullopt, [&] { exchange_->finish_stream(); });
  }
  co_return co_await send_answer();
}

Awaitable<bool> Connection::welcome_body() {
  if (!exchange_->expects_continue || body_left_ == 0 || !received_.empty()) co_return true;
  enter(Phase::answer);
  co_return co_await transport_.write("HTTP/1.1 100 Continue\r\n\r\n", Transport::More::no);
}

Awaitable<bool> Connection::read_chunk(std::uint64_t left) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk_bytes));
  chunk_ = received_.substr(0, wanted);
  received_.erase(0, chunk_.size());
  auto filled = chunk_.size();
  chunk_.resize(wanted);
  enter(Phase::body);
  while (filled < wanted) {
    const auto count = co_await transport_.read_some(std::span(chunk_).subspan(filled));
    if (count == 0) co_return false;
    filled += count;
  }
  body_left_ -= wanted;
  co_return true;
}

Awaitable<bool> Connection::refuse(Error error) {
  exchange_->answer(error);
  if (exchange_->is_framed_badly || timed_out_) exchange_->keeps_alive = false;
  if (timed_out_) transport_.resume();
  co_return co_await send_answer();
}

Awaitable<bool> Connection::give_up() {
  if (timed_out_) {
    Error error{ErrorCode::bad_input, "the body took too long", "too_slow"};
    co_return co_await refuse(std::move(error));
  }
  exchange_->answer(Error{ErrorCode::bad_input, "the client went away", {}});
  service_.log(exchange_->log_line(0, false), exchange_->route);
  co_return false;
}

Awaitable<bool> Connection::send_answer() {
  enter(Phase::answer);
  auto& exchange = *exchange_;
  // A body that was not read would be taken for the next request.
  if (body_left_ > 0 || service_.is_stopping) exchange.keeps_alive = false;
  const HeadContext context{exchange.request.id, thread_.date(), exchange.keeps_alive,
                            exchange.is_http_1_0, exchange.request.is_over_tls};
  auto head = response_head(exchange.response, context);
  const auto head_size = head.size();
  const auto moved_before = transport_.moved();
  if (exchange.request.method == http::Method::head || !may_have_body(exchange.response.status)) {
    exchange.response.body.clear();
  }
  const auto next = gather(head);
  std::string_view text = head;
  bool is_whole =
      transport_.write_now(text, more_after(next)) && next == exchange.response.body.size();
  if (!is_whole) is_whole = co_await send_rest(text, next);
  const auto sent = transport_.moved() - moved_before;
  service_.log(exchange.log_line(sent > head_size ? sent - head_size : 0, is_whole),
               exchange.route);
  // As the client was told: a stop that began meanwhile tells it at its next request.
  const bool goes_on = is_whole && exchange.keeps_alive && !service_.is_last_call_over;
  // A connection at rest holds neither blobs nor bodies.
  exchange_.reset();
  if (goes_on) enter(Phase::idle);
  co_return goes_on;
}

std::size_t Connection::gather(std::string& head) const {
  const auto& body = exchange_->response.body;
  std::size_t next = 0;
  for (; next < body.size() && head.size() < coalesced_bytes; ++next) {
    const auto before = head.size();
    if (const auto* text = std::get_if<std::string>(&body[next])) {
      if (text->size() > coalesced_bytes) break;
      head += *text;
    } else if (const auto* range = std::get_if<http::BlobRange>(&body[next])) {
      if (range->length > coalesced_bytes || !range->blob->is_at_hand()) break;
      head.resize(before + static_cast<std::size_t>(range->length));
      const auto read =
          range->blob->read(range->offset, std::as_writable_bytes(std::span(head).subspan(before)));
      if (read && *read == range->length) continue;
      // What cannot be read breaks the connection when it is its turn.
      head.resize(before);
      break;
    } else {
      break;
    }
  }
  return next;
}

Transport::More Connection::more_after(std::size_t segment) const {
  return segment < exchange_->response.body.size() ? Transport::More::yes : Transport::More::no;
}

Awaitable<bool> Connection::send_rest(std::string_view text, std::size_t next) {
  const auto& body = exchange_->response.body;
  bool goes_on = co_await transport_.write(text, more_after(next));
  for (; goes_on && next < body.size(); ++next) {
    if (const auto* range = std::get_if<http::BlobRange>(&body[next])) {
      goes_on = co_await send_range(*range);
    } else if (const auto* pieces = std::get_if<http::PieceRange>(&body[next])) {
      goes_on = co_await send_pieces(*pieces);
    } else {
      goes_on = co_await transport_.write(std::get<std::string>(body[next]), more_after(next + 1));
    }
  }
  co_return goes_on;
}

Awaitable<bool> Connection::send_pieces(const http::PieceRange& range) {
  for (std::uint64_t done = 0; done < range.length;) {
    std::optional<http::PieceSource::Piece> piece;
    enter(Phase::handler);
    co_await run_on(service_.pool, std::nullopt, [&] {
      if (auto made = http::piece_of(range, done)) piece = *std::move(made);
    });
    enter(Phase::answer);
    if (!piece) co_return false;
    done += http::length_of(*piece);
    bool goes_on = false;
    if (const auto* blob = std::get_if<http::BlobRange>(&*piece)) {
      goes_on = co_await send_range(*blob);
    } else {
      const auto more = done < range.length ? Transport::More::yes : Transport::More::no;
      goes_on = co_await transport_.write(std::get<std::string>(*piece), more);
    }
    if (!goes_on) co_return false;
  }
  co_return true;
}

Awaitable<bool> Connection::send_range(const http::BlobRange& range) {
  if (range.blob->descriptor()) co_return co_await transport_.send(range);
  PieceReader pieces(range);
  while (pieces.left() > 0) {
    bool was_read = false;
    enter(Phase::handler);
    co_await run_on(service_.pool, std::nullopt,
                    [&] { was_read = pieces.read_into(chunk_, chunk_bytes); });
    if (!was_read) co_return false;
    enter(Phase::answer);
    const bool was_sent = co_await transport_.write(chunk_, Transport::More::no);
    if (!was_sent) co_return false;
  }
  chunk_ = std::string();
  co_return true;
}

void Connection::log_fault(std::string_view what) {
  AccessLogLine line;
  line.error = what;
  line.is_whole = false;
  service_.log(line, nullptr);
}

Awaitable<void> Connection::say_farewell() {
  transport_.end_sending();
  enter(Phase::farewell);
  received_.resize(receive_bytes * 4);
  for (std::uint64_t drained = 0; drained < farewell_bytes;) {
    const auto count = co_await transport_.read_some(received_);
    if (count == 0) break;
    drained += count;
  }
}

Awaitable<void> serve(std::unique_ptr<Connection> connection) {
  try {
    co_await connection->run();
  } catch (const std::exception& thrown) {
    // Only a broken assertion of a library ends here: this connection pays for it, no other.
    connection->log_fault(thrown.what());
  }
}

}  // namespace khochung::net

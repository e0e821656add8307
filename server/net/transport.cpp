#include "server/net/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <memory>

namespace khochung::net {
namespace {

/// One download on a fast line must not keep the thread from the others.
constexpr std::uint64_t turn_bytes = std::uint64_t{2} * 1024 * 1024;

/// What fits into one record of TLS.
constexpr std::size_t record_bytes = std::size_t{16} * 1024;
/// After so many another connection has its turn.
constexpr int copied_records = 16;
/// Four records, each with what TLS adds.
constexpr int gathered_bytes = static_cast<int>(4 * (record_bytes + 256));

}  // namespace

Transport::Transport(Socket socket, std::shared_ptr<const TlsContext> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  const int on = 1;
  // Without it answers wait for the client's delayed acknowledgement (40 ms a request).
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Awaitable<bool> Transport::handshake() {
  if (!tls_) co_return true;
  session_ = tls_->accept(socket_.native_handle());
  if (!session_) co_return false;
  while (true) {
    ERR_clear_error();
    const int returned = SSL_do_handshake(session_.get());
    if (returned == 1) co_return true;
    note_tls(returned);
    const bool goes_on = co_await wait();
    if (!goes_on) co_return false;
  }
}

Awaitable<std::size_t> Transport::read_some(std::span<char> into) {
  if (is_cancelled_) co_return 0;
  if (session_) co_return co_await read_tls(into);
  const auto [problem, count] =
      co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), as_result);
  if (problem) co_return 0;
  moved_ += count;
  co_return count;
}

Awaitable<bool> Transport::rest() {
  if (!session_ || SSL_has_pending(session_.get()) == 1) co_return true;
  SSL_free_buffers(session_.get());
  wanted_ = Socket::wait_read;
  co_return co_await wait();
}

Awaitable<std::size_t> Transport::read_tls(std::span<char> into) {
  while (true) {
    if (const auto count = read_now(into); count > 0) co_return count;
    const bool goes_on = co_await wait();
    if (!goes_on) co_return 0;
  }
}

std::size_t Transport::read_now(std::span<char> into) {
  if (!session_ || is_cancelled_) return 0;
  std::size_t count = 0;
  ERR_clear_error();
  const int returned = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
  if (returned != 1) {
    note_tls(returned);
    return 0;
  }
  moved_ += count;
  return count;
}

Awaitable<bool> Transport::write(std::string_view bytes, More more) {
  while (!write_now(bytes, more)) {
    const bool goes_on = co_await wait();
    if (!goes_on) co_return false;
  }
  co_return true;
}

bool Transport::write_now(std::string_view& bytes, More more) {
  if (is_cancelled_) return false;
  if (session_ && (more == More::yes || bytes.size() > record_bytes)) gather_records();
  while (!bytes.empty()) {
    const auto count = session_ ? write_tls(bytes) : write_plain(bytes, more);
    if (count == 0) return false;
    bytes.remove_prefix(count);
    moved_ += count;
  }
  return more == More::yes || send_gathered();
}

std::size_t Transport::write_plain(std::string_view bytes, More more) {
  const int flags = MSG_NOSIGNAL | (more == More::yes ? MSG_MORE : 0);
  const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
  if (sent > 0) return static_cast<std::size_t>(sent);
  note_socket();
  return 0;
}

std::size_t Transport::write_tls(std::string_view bytes) {
  std::size_t count = 0;
  ERR_clear_error();
  const int returned = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
  if (returned == 1) return count;
  note_tls(returned);
  return 0;
}

void Transport::gather_records() {
  if (is_gathering_) return;
  BIO* const buffer = BIO_new(BIO_f_buffer());
  if (buffer == nullptr || BIO_set_write_buffer_size(buffer, gathered_bytes) != 1) {
    BIO_free(buffer);
    return;
  }
  BIO* const socket = SSL_get_rbio(session_.get());
  BIO_up_ref(socket);
  SSL_set0_wbio(session_.get(), BIO_push(buffer, socket));
  is_gathering_ = true;
}

bool Transport::send_gathered() {
  if (!is_gathering_) return true;
  BIO* const buffer = SSL_get_wbio(session_.get());
  if (BIO_flush(buffer) != 1) {
    wanted_ = BIO_should_retry(buffer) ? std::optional(Socket::wait_write) : std::nullopt;
    return false;
  }
  BIO* const socket = SSL_get_rbio(session_.get());
  BIO_up_ref(socket);
  SSL_set0_wbio(session_.get(), socket);
  is_gathering_ = false;
  return true;
}

Awaitable<bool> Transport::send(http::BlobRange range) {
  if (is_cancelled_) co_return false;
  if (session_) co_return co_await copy_file(std::move(range));
  co_return co_await send_file(std::move(range));
}

Awaitable<bool> Transport::send_file(http::BlobRange range) {
  auto offset = static_cast<off_t>(range.offset);
  for (auto left = range.length; left > 0;) {
    const auto turn = std::min(left, turn_bytes);
    const auto sent = ::sendfile(socket_.native_handle(), *range.blob->descriptor(), &offset, turn);
    // The file has been cut short.
    if (sent == 0) co_return false;
    if (sent < 0) note_socket();
    if (sent > 0) {
      left -= static_cast<std::uint64_t>(sent);
      moved_ += static_cast<std::uint64_t>(sent);
      // Less than was given: the socket is full.
      wanted_ = Socket::wait_write;
    }
    if (left == 0) break;
    bool goes_on = true;
    if (sent == static_cast<ssize_t>(turn)) {
      co_await asio::post(socket_.get_executor(), as_result);
    } else {
      goes_on = co_await wait();
    }
    if (!goes_on || is_cancelled_) co_return false;
  }
  co_return true;
}

Awaitable<bool> Transport::copy_file(http::BlobRange range) {
  while (range.length > 0) {
    bool goes_on = copy_now(range);
    if (goes_on) {
      co_await asio::post(socket_.get_executor(), as_result);
    } else {
      goes_on = co_await wait();
    }
    if (!goes_on || is_cancelled_) co_return false;
  }
  co_return co_await write({}, More::no);
}

bool Transport::copy_now(http::BlobRange& range) {
  // On the stack, record for record: it stays in the nearest cache, and is read again when the
  // socket is full. A buffer a connection took a quarter of the time.
  std::array<char, record_bytes> record;
  for (int records = 0; range.length > 0 && records < copied_records; ++records) {
    const auto wanted = std::min<std::uint64_t>(range.length, record.size());
    const auto got =
        ::pread(*range.blob->descriptor(), record.data(), wanted, static_cast<off_t>(range.offset));
    if (got <= 0) {
      wanted_.reset();
      return false;
    }
    const auto count = static_cast<std::size_t>(got);
    std::string_view left(record.data(), count);
    const bool is_written = write_now(left, count < range.length ? More::yes : More::no);
    range.offset += count - left.size();
    range.length -= count - left.size();
    if (!is_written) return false;
  }
  return true;
}

void Transport::note_socket() {
  const bool is_full = errno == EAGAIN || errno == EWOULDBLOCK;
  wanted_ = is_full ? std::optional(Socket::wait_write) : std::nullopt;
}

void Transport::note_tls(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: wanted_ = Socket::wait_read; break;
    case SSL_ERROR_WANT_WRITE: wanted_ = Socket::wait_write; break;
    default: wanted_.reset();
  }
}

Awaitable<bool> Transport::wait() {
  if (is_cancelled_ || !wanted_) co_return false;
  const auto [problem] = co_await socket_.async_wait(*wanted_, as_result);
  co_return !problem && !is_cancelled_;
}

void Transport::end_sending() {
  if (session_ && SSL_is_init_finished(session_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void Transport::cancel() {
  is_cancelled_ = true;
  boost::system::error_code ignored;
  static_cast<void>(socket_.cancel(ignored));
}

}  // namespace khochung::net

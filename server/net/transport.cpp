#include "server/net/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

namespace khochung::net {
namespace {

/// One download on a fast line must not keep the thread from the others.
constexpr std::uint64_t turn_bytes = std::uint64_t{2} * 1024 * 1024;

/// A multiple of TLS's 16 KiB records.
constexpr std::size_t copy_bytes = std::size_t{64} * 1024;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

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
    const bool goes_on = co_await wait_for_tls(returned);
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

Awaitable<std::size_t> Transport::read_tls(std::span<char> into) {
  while (true) {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
    if (returned == 1) {
      moved_ += count;
      co_return count;
    }
    const bool goes_on = co_await wait_for_tls(returned);
    if (!goes_on) co_return 0;
  }
}

Awaitable<bool> Transport::write(std::string_view bytes, More more) {
  if (is_cancelled_) co_return false;
  if (session_) co_return co_await write_tls(bytes);
  co_return co_await write_plain(bytes, more);
}

Awaitable<bool> Transport::write_plain(std::string_view bytes, More more) {
  const int flags = MSG_NOSIGNAL | (more == More::yes ? MSG_MORE : 0);
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      moved_ += static_cast<std::uint64_t>(sent);
      continue;
    }
    if (!would_block()) co_return false;
    const bool goes_on = co_await wait(Socket::wait_write);
    if (!goes_on) co_return false;
  }
  co_return true;
}

Awaitable<bool> Transport::write_tls(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
    if (returned == 1) {
      bytes.remove_prefix(count);
      moved_ += count;
      continue;
    }
    const bool goes_on = co_await wait_for_tls(returned);
    if (!goes_on) co_return false;
  }
  co_return true;
}

Awaitable<bool> Transport::send(http::BlobRange range) {
  if (is_cancelled_) co_return false;
  if (session_) co_return co_await copy_file(std::move(range));
  co_return co_await send_file(std::move(range));
}

Awaitable<bool> Transport::send_file(http::BlobRange range) {
  auto offset = static_cast<off_t>(range.offset);
  auto left = range.length;
  while (left > 0) {
    const auto sent = ::sendfile(socket_.native_handle(), *range.blob->descriptor(), &offset,
                                 std::min(left, turn_bytes));
    if (sent > 0) {
      left -= static_cast<std::uint64_t>(sent);
      moved_ += static_cast<std::uint64_t>(sent);
      if (left > 0) co_await asio::post(socket_.get_executor(), as_result);
      if (is_cancelled_) co_return false;
      continue;
    }
    if (sent == 0 || !would_block()) co_return false;
    const bool goes_on = co_await wait(Socket::wait_write);
    if (!goes_on) co_return false;
  }
  co_return true;
}

Awaitable<bool> Transport::copy_file(http::BlobRange range) {
  std::string buffer(std::min<std::uint64_t>(range.length, copy_bytes), '\0');
  auto offset = range.offset;
  auto left = range.length;
  while (left > 0) {
    const auto wanted = std::min<std::uint64_t>(left, buffer.size());
    const auto got =
        ::pread(*range.blob->descriptor(), buffer.data(), wanted, static_cast<off_t>(offset));
    if (got <= 0) co_return false;
    const auto count = static_cast<std::size_t>(got);
    const bool goes_on = co_await write_tls(std::string_view(buffer).substr(0, count));
    if (!goes_on) co_return false;
    offset += count;
    left -= count;
    if (left > 0) co_await asio::post(socket_.get_executor(), as_result);
    if (is_cancelled_) co_return false;
  }
  co_return true;
}

Awaitable<bool> Transport::wait_for_tls(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: co_return co_await wait(Socket::wait_read);
    case SSL_ERROR_WANT_WRITE: co_return co_await wait(Socket::wait_write);
    default: co_return false;
  }
}

Awaitable<bool> Transport::wait(Socket::wait_type what) {
  if (is_cancelled_) co_return false;
  const auto [problem] = co_await socket_.async_wait(what, as_result);
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

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/http/message.hpp"
#include "server/net/asio.hpp"
#include "server/net/tls_context.hpp"

namespace khochung::net {

/// The bytes of one connection, in the clear or over TLS. OpenSSL works on the socket itself:
/// Asio's stream would add 34 KiB a connection and a copy.
/// Threads: the network thread of its socket alone.
class Transport {
 public:
  /// Whether further bytes follow at once, so that the kernel fills its packets.
  enum class More { no, yes };

  Transport(Socket socket, std::shared_ptr<const TlsContext> tls);

  /// Agrees on TLS where it is spoken; false when that failed.
  Awaitable<bool> handshake();
  /// Reads what has arrived, waiting for the first byte; 0 at the end or on failure.
  Awaitable<std::size_t> read_some(std::span<char> into);
  Awaitable<bool> write(std::string_view bytes, More more);
  /// Sends a part of a blob that has a descriptor: by sendfile in the clear.
  Awaitable<bool> send(http::BlobRange range);
  /// Says that nothing more will be sent.
  void end_sending();
  /// Ends every wait, now, and lets none begin.
  void cancel();
  /// Lets a last word be sent after cancel().
  void resume() { is_cancelled_ = false; }

  [[nodiscard]] bool is_over_tls() const { return session_ != nullptr; }
  /// Bytes read and written so far: what the watch over slow clients looks at.
  [[nodiscard]] std::uint64_t moved() const { return moved_; }

 private:
  Awaitable<std::size_t> read_tls(std::span<char> into);
  Awaitable<bool> write_tls(std::string_view bytes);
  Awaitable<bool> write_plain(std::string_view bytes, More more);
  Awaitable<bool> send_file(http::BlobRange range);
  Awaitable<bool> copy_file(http::BlobRange range);
  /// Waits for what a call of OpenSSL's wanted; false when it failed for good.
  Awaitable<bool> wait_for_tls(int returned);
  Awaitable<bool> wait(Socket::wait_type what);

  Socket socket_;
  std::shared_ptr<const TlsContext> tls_;
  TlsSession session_;
  std::uint64_t moved_ = 0;
  bool is_cancelled_ = false;
};

}  // namespace khochung::net

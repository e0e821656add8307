#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  /// Reads what has arrived of TLS; 0: read_some() is to be asked.
  std::size_t read_now(std::span<char> into);
  /// To be called between requests: waits for the next with no buffers of TLS held (34 KiB), where
  /// waiting is not read_some()'s own first step.
  Awaitable<bool> rest();
  Awaitable<bool> write(std::string_view bytes, More more);
  /// Writes what can be written without waiting, and takes it off `bytes`. False: the rest, or what
  /// has gathered, or a failure, is left for write().
  bool write_now(std::string_view& bytes, More more);
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
  /// Write once; 0 when nothing could be written.
  std::size_t write_plain(std::string_view bytes, More more);
  std::size_t write_tls(std::string_view bytes);
  Awaitable<bool> send_file(http::BlobRange range);
  Awaitable<bool> copy_file(http::BlobRange range);
  /// Sends some of the range and takes it off; false: it is to be waited for.
  bool copy_now(http::BlobRange& range);
  /// A call that did not come through: notes in wanted_ what it waits for.
  void note_socket();
  void note_tls(int returned);
  /// Has the records of TLS wait for each other, so that several go in one call.
  void gather_records();
  /// Sends what has gathered; false when it could not go yet.
  bool send_gathered();
  /// Waits for what is wanted; false when there is nothing to wait for.
  Awaitable<bool> wait();

  Socket socket_;
  std::shared_ptr<const TlsContext> tls_;
  TlsSession session_;
  std::uint64_t moved_ = 0;
  /// What the last call that did not come through waits for; nothing when it failed for good.
  std::optional<Socket::wait_type> wanted_;
  bool is_gathering_ = false;
  bool is_cancelled_ = false;
};

}  // namespace khochung::net

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/message.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::test {

/// An answer as it came over the wire.
struct RawAnswer {
  int status = 0;  ///< 0: the server closed without an answer
  http::Fields fields;
  std::string body;
};

/// A client that sends exactly the bytes it is given. Reading waits for at most ten seconds.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  /// False when the server has closed.
  bool send(std::string_view bytes);
  /// One segment a byte, as far as the kernel keeps them apart.
  bool send_byte_by_byte(std::string_view bytes);
  /// The next answer; `to_head` has no body whatever its Content-Length.
  RawAnswer receive(bool to_head = false);
  /// Further bytes, up to `size`; fewer when the server closes.
  std::string receive_rest(std::size_t size);
  /// Whether the server has closed and everything was read.
  bool is_closed();
  void end_sending();
  [[nodiscard]] int socket() const { return socket_.get(); }

 private:
  bool read_more();

  storage::FileDescriptor socket_;
  std::string received_;
};

}  // namespace khochung::test

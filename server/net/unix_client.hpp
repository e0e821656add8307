#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/result.hpp"
#include "server/http/body_pieces.hpp"
#include "server/http/message.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::net {

using http::BodyCheck;
using http::BodyPieces;
using http::FilePiece;

struct ClientResponse {
  int status = 0;
  http::Fields fields;
  std::string body;  ///< empty when it went to a descriptor
};

/// Speaks to the owner of a data folder through its control socket. Waits for as long as the owner
/// works.
/// Threads: one at a time.
class UnixClient {
 public:
  /// Errors: unavailable when nobody owns the folder.
  static Result<UnixClient> connect(std::filesystem::path socket_path);

  /// Sends a request and reads its answer, whatever its status. The body of a 2xx goes to `into`
  /// where one is given.
  /// Errors: unavailable when the owner went away; bad_input with reason changed_while_read when a
  /// file of the body grew shorter; disk_full and unavailable from writing to `into`.
  Result<ClientResponse> send(http::Method method, std::string_view target,
                              const http::Fields& fields = {}, const BodyPieces& body = {},
                              std::optional<int> into = std::nullopt);

 private:
  UnixClient(std::filesystem::path socket_path, storage::FileDescriptor socket);

  Result<void> ensure_connected();
  Result<void> send_text(std::string_view text);
  Result<void> send_file(const FilePiece& piece);
  Result<void> send_body(const BodyPieces& body);
  Result<void> receive_more();
  Result<ClientResponse> receive_head();
  Result<void> receive_body(ClientResponse& response, std::uint64_t length,
                            std::optional<int> into);
  /// Whether the owner has spoken (or gone) before the request was sent to its end.
  [[nodiscard]] bool has_news() const;

  std::filesystem::path socket_path_;
  storage::FileDescriptor socket_;
  std::string received_;
};

}  // namespace khochung::net

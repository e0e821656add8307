#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::net {

/// Where a server listens: "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: one that is free

  /// Errors: bad_input.
  static Result<ListenAddress> parse(std::string_view text);
};

/// A listening socket, closed on exec.
/// Errors: bad_input for a host that is no address of this machine; unavailable, with reason
/// port_taken where that is why.
Result<storage::FileDescriptor> listen_on(const ListenAddress& address);

/// The port of a listening socket.
std::uint16_t port_of(const storage::FileDescriptor& listener);

/// A listening unix socket that its owner alone may use (0600), in place of whatever stood there.
/// Errors: unavailable.
Result<storage::FileDescriptor> listen_on(const std::filesystem::path& socket_path);

/// Connects to a unix socket; long paths are reached through their folder.
/// Errors: unavailable when nobody listens.
Result<storage::FileDescriptor> connect_to(const std::filesystem::path& socket_path);

}  // namespace khochung::net

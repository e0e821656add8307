#include "server/net/listener.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

namespace khochung::net {
namespace {

constexpr int backlog = 4096;

std::string system_message(const char* what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> resolve(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address.port);
  const int problem = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (problem != 0) {
    return fail(ErrorCode::bad_input, address.host + ": " + ::gai_strerror(problem));
  }
  return AddressList(found, &::freeaddrinfo);
}

/// Names such as localhost stand for several addresses; the older kind is the one everybody
/// reaches.
const addrinfo& preferred(const AddressList& found) {
  for (const auto* row = found.get(); row != nullptr; row = row->ai_next) {
    if (row->ai_family == AF_INET) return *row;
  }
  return *found;
}

tl::unexpected<Error> cannot_listen() {
  if (errno == EADDRINUSE) {
    return fail(ErrorCode::unavailable, "port_taken", "the port is in use");
  }
  if (errno == EADDRNOTAVAIL) {
    return fail(ErrorCode::bad_input, "the address is not one of this machine");
  }
  return fail(ErrorCode::unavailable, system_message("listen"));
}

/// A path as a socket address; `folder` keeps a too long path's folder open meanwhile.
struct UnixAddress {
  storage::FileDescriptor folder;
  sockaddr_un address{};

  [[nodiscard]] const sockaddr* pointer() const {
    return reinterpret_cast<const sockaddr*>(&address);
  }
};

Result<UnixAddress> unix_address(const std::filesystem::path& path) {
  UnixAddress result;
  result.address.sun_family = AF_UNIX;
  auto text = path.string();
  if (text.size() >= sizeof(result.address.sun_path)) {
    const auto folder = path.parent_path();
    result.folder =
        storage::FileDescriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!result.folder.is_open()) return fail(ErrorCode::unavailable, system_message("open"));
    text = "/proc/self/fd/" + std::to_string(result.folder.get()) + "/" + path.filename().string();
  }
  if (text.size() >= sizeof(result.address.sun_path)) {
    return fail(ErrorCode::bad_input, "the name of the socket is too long");
  }
  std::memcpy(result.address.sun_path, text.c_str(), text.size() + 1);
  return result;
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  ListenAddress address;
  if (colon == std::string_view::npos) return fail(ErrorCode::bad_input, "HOST:PORT is expected");
  const auto port = text.substr(colon + 1);
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (problem != std::errc() || end != port.data() + port.size() || host.empty()) {
    return fail(ErrorCode::bad_input, "HOST:PORT is expected");
  }
  address.host = host;
  return address;
}

Result<storage::FileDescriptor> listen_on(const ListenAddress& address) {
  const auto list = KHOCHUNG_TRY(resolve(address));
  const auto& found = preferred(list);
  storage::FileDescriptor listener(
      ::socket(found.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.is_open()) return cannot_listen();
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(listener.get(), found.ai_addr, found.ai_addrlen) != 0) return cannot_listen();
  if (::listen(listener.get(), backlog) != 0) return cannot_listen();
  return listener;
}

std::uint16_t port_of(const storage::FileDescriptor& listener) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  if (bound.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

Result<storage::FileDescriptor> listen_on(const std::filesystem::path& socket_path) {
  const auto address = KHOCHUNG_TRY(unix_address(socket_path));
  storage::FileDescriptor listener(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.is_open()) return cannot_listen();
  ::unlink(address.address.sun_path);
  // On Linux the mode of the descriptor is that of the name which bind() makes: no moment is open.
  if (::fchmod(listener.get(), S_IRUSR | S_IWUSR) != 0) return cannot_listen();
  if (::bind(listener.get(), address.pointer(), sizeof(sockaddr_un)) != 0) return cannot_listen();
  if (::listen(listener.get(), backlog) != 0) return cannot_listen();
  return listener;
}

Result<storage::FileDescriptor> connect_to(const std::filesystem::path& socket_path) {
  const auto address = KHOCHUNG_TRY(unix_address(socket_path));
  storage::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return fail(ErrorCode::unavailable, system_message("socket"));
  if (::connect(socket.get(), address.pointer(), sizeof(sockaddr_un)) != 0) {
    return fail(ErrorCode::unavailable, system_message("connect"));
  }
  return socket;
}

}  // namespace khochung::net

#include "server/net/unix_client.hpp"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <limits>
#include <system_error>

#include "server/http/encoding.hpp"
#include "server/net/listener.hpp"

namespace khochung::net {
namespace {

constexpr std::size_t receive_bytes = std::size_t{64} * 1024;
constexpr std::size_t send_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_head_bytes = std::size_t{64} * 1024;

tl::unexpected<Error> gone(const char* what) {
  return fail(ErrorCode::unavailable, std::string("control socket: ") + what + ": " +
                                          std::generic_category().message(errno));
}

std::string request_head(http::Method method, std::string_view target, const http::Fields& fields,
                         const BodyPieces& body) {
  std::string head(http::to_text(method));
  head += " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : fields.all()) head += name + ": " + value + "\r\n";
  const bool may_have_body = method != http::Method::get && method != http::Method::head;
  if (may_have_body) head += "Content-Length: " + std::to_string(http::length_of(body)) + "\r\n";
  return head + "\r\n";
}

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const auto code = errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::unavailable;
      return fail(code, "write: " + std::generic_category().message(errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void add_field(http::Fields& fields, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  fields.add(std::string(line.substr(0, colon)), std::string(http::trim(line.substr(colon + 1))));
}

std::uint64_t content_length_of(const ClientResponse& response) {
  const auto text = response.fields.get("Content-Length");
  std::uint64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

/// Keeps SIGPIPE from this thread while sendfile, which has no flag for that, may raise it.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
  ~WithoutSigpipe() {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace

UnixClient::UnixClient(std::filesystem::path socket_path, storage::FileDescriptor socket)
    : socket_path_(std::move(socket_path)), socket_(std::move(socket)) {}

Result<UnixClient> UnixClient::connect(std::filesystem::path socket_path) {
  auto socket = KHOCHUNG_TRY(connect_to(socket_path));
  return UnixClient(std::move(socket_path), std::move(socket));
}

Result<ClientResponse> UnixClient::send(http::Method method, std::string_view target,
                                        const http::Fields& fields, const BodyPieces& body,
                                        std::optional<int> into) {
  const WithoutSigpipe guard;
  KHOCHUNG_CHECK(ensure_connected());
  auto sent = send_text(request_head(method, target, fields, body));
  if (sent) sent = send_body(body);
  if (!sent && sent.error().code != ErrorCode::unavailable) {
    socket_ = {};
    return fail(sent.error());
  }
  auto response = receive_head();
  const bool closes = !response || response->fields.get("Connection") == "close" || !sent;
  if (!response) {
    socket_ = {};
    return response;
  }
  const bool has_body =
      method != http::Method::head && response->status != 204 && response->status != 304;
  const bool is_good = response->status >= 200 && response->status < 300;
  const auto read = receive_body(*response, has_body ? content_length_of(*response) : 0,
                                 is_good ? into : std::nullopt);
  if (closes || !read) socket_ = {};
  if (!read) return fail(read.error());
  return response;
}

/// The owner closes connections that rest; then a new one is made.
Result<void> UnixClient::ensure_connected() {
  if (socket_.is_open() && !has_news()) return {};
  received_.clear();
  socket_ = KHOCHUNG_TRY(connect_to(socket_path_));
  return {};
}

bool UnixClient::has_news() const {
  pollfd waiting{socket_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

Result<void> UnixClient::send_text(std::string_view text) {
  while (!text.empty()) {
    const auto sent =
        ::send(socket_.get(), text.data(), std::min(text.size(), send_bytes), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return gone("send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<void> UnixClient::send_file(const FilePiece& piece) {
  auto offset = static_cast<off_t>(piece.offset);
  auto left = piece.size_bytes;
  while (left > 0) {
    if (has_news()) return fail(ErrorCode::unavailable, "the owner answered early");
    const auto sent = ::sendfile(socket_.get(), piece.descriptor, &offset,
                                 std::min<std::uint64_t>(left, send_bytes));
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return gone("sendfile");
    if (sent == 0) {
      return fail(ErrorCode::bad_input, "changed_while_read", "a file grew shorter while sent");
    }
    left -= static_cast<std::uint64_t>(sent);
  }
  return {};
}

Result<void> UnixClient::send_body(const BodyPieces& body) {
  for (const auto& piece : body) {
    if (const auto* file = std::get_if<FilePiece>(&piece)) {
      KHOCHUNG_CHECK(send_file(*file));
    } else if (const auto* check = std::get_if<BodyCheck>(&piece)) {
      KHOCHUNG_CHECK((*check)());
    } else {
      KHOCHUNG_CHECK(send_text(std::get<std::string>(piece)));
    }
  }
  return {};
}

Result<void> UnixClient::receive_more() {
  std::array<char, receive_bytes> buffer;
  while (true) {
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return gone("receive");
    if (got == 0) return fail(ErrorCode::unavailable, "control socket: the owner closed it");
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return {};
  }
}

Result<ClientResponse> UnixClient::receive_head() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (received_.size() > max_head_bytes) {
      return fail(ErrorCode::unavailable, "control socket: no end of the head");
    }
    KHOCHUNG_CHECK(receive_more());
  }
  ClientResponse response;
  std::string_view head(received_.data(), end);
  const auto status = head.substr(std::min<std::size_t>(9, head.size()), 3);
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  if (!head.starts_with("HTTP/1.1 ") || response.status < 100) {
    return fail(ErrorCode::unavailable, "control socket: not an HTTP answer");
  }
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    add_field(response.fields, line);
  }
  received_.erase(0, end + 4);
  return response;
}

Result<void> UnixClient::receive_body(ClientResponse& response, std::uint64_t length,
                                      std::optional<int> into) {
  while (true) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(length, received_.size()));
    const auto bytes = std::string_view(received_).substr(0, count);
    if (into) {
      KHOCHUNG_CHECK(write_all(*into, bytes));
    } else {
      response.body += bytes;
    }
    received_.erase(0, count);
    length -= count;
    if (length == 0) return {};
    KHOCHUNG_CHECK(receive_more());
  }
}

}  // namespace khochung::net

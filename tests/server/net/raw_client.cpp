#include "raw_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace khochung::test {

RawClient::RawClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{10, 0};
  const int on = 1;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Where nobody listens, the first byte says so.
  static_cast<void>(
      ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::send_byte_by_byte(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!send(bytes.substr(i, 1))) return false;
  }
  return true;
}

bool RawClient::read_more() {
  std::array<char, 65536> buffer{};
  const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

RawAnswer RawClient::receive(bool to_head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  RawAnswer answer;
  std::string_view head(received_.data(), end + 2);
  answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  for (head.remove_prefix(head.find("\r\n") + 2); !head.empty();) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const auto colon = line.find(": ");
    answer.fields.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  received_.erase(0, end + 4);
  const auto length =
      std::strtoull(std::string(answer.fields.get("Content-Length")).c_str(), nullptr, 10);
  while (!to_head && received_.size() < length) {
    if (!read_more()) return {};
  }
  if (!to_head) {
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
  }
  return answer;
}

std::string RawClient::receive_rest(std::size_t size) {
  while (received_.size() < size && read_more()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::is_closed() {
  return received_.empty() && !read_more() && errno != EAGAIN;
}

void RawClient::end_sending() {
  ::shutdown(socket_.get(), SHUT_WR);
}

}  // namespace khochung::test

#include "tests/storage/s3_server/fault_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace khochung::storage {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// The sockets API takes all kinds of addresses by one type.
const sockaddr* any(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

bool read_more(int socket, std::string& into) {
  std::array<char, 65'536> buffer{};
  const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void reset(int socket) {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/// Takes a field out of a head and gives its value.
std::string take_field(std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto end = head.find("\r\n", at + 2);
  const auto value = head.substr(at + name.size() + 4, end - at - name.size() - 4);
  head.erase(at, end - at);
  return value;
}

std::string refusal(const std::string& status, const std::string& code) {
  const auto body = "<Error><Code>" + code + "</Code><Message>as the test wishes</Message></Error>";
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/xml\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

/// False: there is none. A body may be cut.
bool read_request(int socket, std::string& head, std::string& body) {
  head.clear();
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (!read_more(socket, head)) return false;
  }
  body = head.substr(head.find("\r\n\r\n") + 4);
  head.erase(head.find("\r\n\r\n") + 4);
  if (!take_field(head, "Expect").empty()) send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n");
  const auto at = head.find("\r\nContent-Length: ");
  const auto size = at == std::string::npos ? 0 : std::strtoull(&head[at + 18], nullptr, 10);
  while (body.size() < size && read_more(socket, body)) {
  }
  return true;
}

/// Sends a request on and gives the answer. The connection ends with it, so that each request has a
/// fault of its own.
std::string ask(std::uint16_t server_port, const std::string& head, const std::string& body) {
  const FileDescriptor server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(server_port);
  if (::connect(server.get(), any(address), sizeof(address)) != 0)
    return "HTTP/1.1 502 Bad\r\n\r\n";
  send_all(server.get(), head.substr(0, head.size() - 2) + "Connection: close\r\n\r\n");
  send_all(server.get(), body);
  std::string answer;
  while (read_more(server.get(), answer)) {
  }
  return answer;
}

}  // namespace

FaultProxy::FaultProxy(std::uint16_t server_port)
    : FaultProxy([server_port](const std::string& head, const std::string& body) {
        return ask(server_port, head, body);
      }) {}

FaultProxy::FaultProxy(Server server)
    : server_(std::move(server)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto address = loopback(0);
  if (::bind(listener_.get(), any(address), sizeof(address)) != 0 ||
      ::listen(listener_.get(), 64) != 0) {
    throw std::runtime_error("no port for the proxy");
  }
  accepting_ = std::jthread([this] {
    while (true) {
      FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.is_open()) return;
      connections_.emplace_back(
          [this, client = std::move(client)]() mutable { serve(std::move(client)); });
    }
  });
}

FaultProxy::~FaultProxy() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  accepting_.join();
}

std::string FaultProxy::endpoint() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(listener_.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), &size);
  return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

void FaultProxy::plan(std::deque<Fault> faults) {
  const std::scoped_lock lock(mutex_);
  plan_ = std::move(faults);
}

void FaultProxy::always(Fault fault) {
  const std::scoped_lock lock(mutex_);
  always_ = fault;
}

std::vector<std::string> FaultProxy::requests() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(requests_, {});
}

Fault FaultProxy::next(const std::string& head) {
  const std::scoped_lock lock(mutex_);
  requests_.push_back(head.substr(0, head.find(" HTTP/")));
  if (plan_.empty()) return always_;
  const auto fault = plan_.front();
  plan_.pop_front();
  return fault;
}

void FaultProxy::serve(FileDescriptor client) {
  std::string head;
  std::string body;
  if (!read_request(client.get(), head, body)) return;
  const auto fault = next(head);
  if (fault == Fault::change_request && !body.empty()) body.back() ^= 1;
  std::string answer;
  switch (fault) {
    case Fault::reset: return reset(client.get());
    case Fault::slow_down: answer = refusal("503 Slow Down", "SlowDown"); break;
    case Fault::too_many: answer = refusal("429 Too Many Requests", "TooManyRequests"); break;
    case Fault::refuse: answer = refusal("403 Forbidden", "AccessDenied"); break;
    default: answer = server_(head, body);
  }
  if (fault != Fault::break_next) {
    answer.insert(answer.find("\r\n") + 2, "Connection: close\r\n");
  }
  if (fault == Fault::lose_answer) return reset(client.get());
  if (fault == Fault::cut_answer) answer.resize(answer.size() - 1);
  if (fault == Fault::change_answer) answer.back() ^= 1;
  send_all(client.get(), answer);
  if (fault == Fault::break_next) read_request(client.get(), head, body);
}

}  // namespace khochung::storage

#include "server/net/http_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "server/net/connection.hpp"
#include "server/net/io_thread.hpp"
#include "server/net/service.hpp"

namespace khochung::net {
namespace {

using ListenDescriptor = asio::posix::basic_stream_descriptor<Executor>;

std::string ip_text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

Peer peer_from(const sockaddr_storage& address) {
  std::string client;
  if (address.ss_family != AF_INET6) {
    client = ip_text(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  } else {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    client = IN6_IS_ADDR_V4MAPPED(&ip) ? ip_text(AF_INET, &ip.s6_addr[12]) : ip_text(AF_INET6, &ip);
  }
  return {client, http::client_group_of(client), false};
}

/// Whether the process behind a unix socket belongs to our user or root.
bool is_trusted(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
  return credentials.uid == 0 || credentials.uid == ::geteuid();
}

/// A watch period that notices the shortest of the limits in good time.
std::chrono::milliseconds watch_period(const Limits& limits) {
  using std::chrono::milliseconds;
  const auto shortest = std::min({limits.head_time, limits.idle_time, limits.progress_window});
  return std::clamp(shortest / 4, milliseconds(10), milliseconds(500));
}

unsigned io_threads(const ServerConfig& config) {
  return config.io_threads > 0 ? config.io_threads
                               : std::max(1U, std::thread::hardware_concurrency());
}

constexpr std::chrono::milliseconds pause_when_full{50};
/// By each thread when all places are taken.
constexpr std::size_t asked_to_leave = 32;

}  // namespace

class HttpServer::Running {
 public:
  Running(ServerConfig config, const http::Router& router, http::ErrorAnswer error_answer,
          AccessHook access)
      : service_(std::move(config), router, std::move(error_answer), std::move(access)) {
    for (unsigned i = 0; i < io_threads(service_.config); ++i) {
      threads_.push_back(std::make_unique<IoThread>(watch_period(service_.config.limits)));
    }
  }

  ~Running() {
    for (auto& thread : threads_) thread->finish();
  }

  Result<void> listen() {
    const auto& config = service_.config;
    KHOCHUNG_CHECK(load_certificate());
    if (config.listening) {
      storage::FileDescriptor socket(*config.listening);
      port_ = port_of(socket);
      add_listener(std::move(socket), false);
    } else if (config.listen) {
      auto socket = KHOCHUNG_TRY(listen_on(*config.listen));
      port_ = port_of(socket);
      add_listener(std::move(socket), false);
    }
    if (config.control_socket) {
      add_listener(KHOCHUNG_TRY(listen_on(*config.control_socket)), true);
    }
    for (auto& thread : threads_) thread->start();
    return {};
  }

  Result<void> load_certificate() {
    if (service_.config.tls) {
      service_.tls.store(KHOCHUNG_TRY(TlsContext::load(*service_.config.tls)));
    }
    return {};
  }

  void stop(std::chrono::milliseconds grace) {
    if (service_.is_stopping.exchange(true)) return;
    const auto latest = std::chrono::steady_clock::now() + grace;
    // Whom we have not accepted by then waits in the queue for whoever listens next; whom we have
    // is in the book.
    std::promise<void> closed;
    asio::post(threads_.front()->context(), [&] {
      listeners_.clear();
      closed.set_value();
    });
    closed.get_future().wait();
    // Who was about to ask is answered, and told that the connection ends.
    const auto last_call =
        std::min<std::chrono::milliseconds>(grace, service_.config.limits.last_call);
    if (service_.book.wait_until_empty(std::chrono::steady_clock::now() + last_call)) return;
    service_.is_last_call_over = true;
    for (auto& thread : threads_) thread->end_idle();
    if (service_.book.wait_until_empty(latest)) return;
    for (auto& thread : threads_) thread->cut_off();
    service_.book.wait_until_empty();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool is_busy() const { return service_.pool.is_busy(); }

 private:
  void add_listener(storage::FileDescriptor socket, bool is_control) {
    auto& context = threads_.front()->context();
    listeners_.push_back(std::make_unique<ListenDescriptor>(context, socket.release()));
    asio::co_spawn(context, accept_all(listeners_.back().get(), is_control), asio::detached);
  }

  Awaitable<void> accept_all(ListenDescriptor* listener, bool is_control) {
    const int socket = listener->native_handle();
    while (true) {
      const auto [problem] = co_await listener->async_wait(ListenDescriptor::wait_read, as_result);
      // After stop() the listener is gone, whether or not this wait was cancelled in time.
      if (problem || service_.is_stopping) co_return;
      auto accepted = Accepted::one;
      while (accepted == Accepted::one && service_.book.has_room() && !service_.is_stopping) {
        accepted = accept_one(socket, is_control);
      }
      if (accepted == Accepted::none_waits) continue;
      if (!service_.book.has_room()) make_room();
      // Full of connections in use, or out of descriptors: whoever comes now waits in the kernel's
      // queue.
      asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>, Executor>
          pause(threads_.front()->context(), pause_when_full);
      co_await pause.async_wait(as_result);
      if (service_.is_stopping) co_return;
    }
  }

  enum class Accepted { one, none_waits, out_of_descriptors };

  Accepted accept_one(int listener, bool is_control) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    storage::FileDescriptor socket(::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                                             SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
      const bool is_out = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      return is_out ? Accepted::out_of_descriptors : Accepted::none_waits;
    }
    if (is_control && !is_trusted(socket.get())) return Accepted::one;
    auto peer = is_control ? Peer{"unix", "unix", true} : peer_from(address);
    const auto stands = service_.config.proxies.trusts(peer.client)
                            ? ClientBook::Stands::for_many
                            : ClientBook::Stands::for_itself;
    if (!service_.enter(peer.group, stands)) return Accepted::one;
    hand_over(std::move(socket), address.ss_family, std::move(peer));
    return Accepted::one;
  }

  void make_room() {
    for (auto& thread : threads_) {
      asio::post(thread->context(), [&thread = *thread] { thread.make_room(asked_to_leave); });
    }
  }

  void hand_over(storage::FileDescriptor socket, int family, Peer peer) {
    auto& thread = *threads_[next_thread_++ % threads_.size()];
    asio::post(thread.context(), [this, &thread, number = socket.release(), family,
                                  peer = std::move(peer)] {
      // Thousands that connect and ask nothing must not keep out the one that would ask.
      if (service_.book.is_crowded()) thread.make_room(1);
      const asio::generic::stream_protocol protocol(family, 0);
      Socket stream(thread.context(), protocol, number);
      stream.native_non_blocking(true);
      auto connection = std::make_unique<Connection>(service_, thread, std::move(stream), peer);
      asio::co_spawn(thread.context(), serve(std::move(connection)), asio::detached);
    });
  }

  Service service_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<std::unique_ptr<ListenDescriptor>> listeners_;
  std::size_t next_thread_ = 0;
  std::uint16_t port_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerConfig config,
                                                      const http::Router& router,
                                                      http::ErrorAnswer error_answer,
                                                      AccessHook access) {
  auto running = std::make_unique<Running>(std::move(config), router, std::move(error_answer),
                                           std::move(access));
  KHOCHUNG_CHECK(running->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(running)));
}

bool HttpServer::is_busy() const {
  return running_->is_busy();
}

std::uint16_t HttpServer::port() const {
  return running_->port();
}

Result<void> HttpServer::reload_certificate() {
  return running_->load_certificate();
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  running_->stop(grace);
}

}  // namespace khochung::net

#include "server/app/connect.hpp"

#include <utility>

#include "server/net/unix_client.hpp"

namespace khochung::app {
namespace {

/// The API of another process, through its control.sock.
class OwnerClient final : public Client {
 public:
  explicit OwnerClient(const DataPaths& paths) : client_(paths.control_socket()) {}

  Result<Answer> send(const Call& call) override {
    net::ClientRequest request{call.method, call.target, call.fields, call.body, call.source, call.source_bytes};
    auto response = KHOCHUNG_TRY(client_.send(request));
    return Answer{response.status, std::move(response.fields), std::move(response.body)};
  }

 private:
  net::UnixClient client_;
};

}  // namespace

Result<std::unique_ptr<Client>> connect_to_owner(const DataPaths& paths) {
  auto client = std::make_unique<OwnerClient>(paths);
  KHOCHUNG_CHECK(client->send({http::Method::get, "/api/v1/status", {}, {}, {}, 0}));
  return client;
}

Result<Connection> connect(const ConnectOptions& options) {
  if (auto owner = connect_to_owner(options.paths)) return Connection(nullptr, nullptr, *std::move(owner));
  Application::Options own;
  own.paths = options.paths;
  own.programs = options.programs;
  own.command = options.command;
  auto application = KHOCHUNG_TRY(Application::start(std::move(own)));
  net::ServerConfig config;
  config.control_socket = options.paths.control_socket();
  auto server = KHOCHUNG_TRY(net::HttpServer::start(std::move(config), application->router(), http::problem));
  auto client = application->local_client();
  return Connection(std::move(application), std::move(server), std::move(client));
}

}  // namespace khochung::app

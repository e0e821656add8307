#include "server/app/connect.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "schemas/guarded.hpp"
#include "server/http/problem.hpp"
#include "server/net/unix_client.hpp"

namespace khochung::app {
namespace {

/// The API of another process, through its control.sock; a connection for each caller at a time.
class OwnerClient final : public Client {
 public:
  explicit OwnerClient(const DataPaths& paths) : socket_(paths.control_socket()) {}

  Result<Answer> send(const Call& call) override {
    auto client = KHOCHUNG_TRY(take());
    auto response =
        KHOCHUNG_TRY(client.send(call.method, call.target, call.fields, call.body, call.into));
    idle_.with([&](auto& idle) { idle.push_back(std::move(client)); });
    return Answer{response.status, std::move(response.fields), std::move(response.body)};
  }

 private:
  Result<net::UnixClient> take() {
    auto idle = idle_.with([](auto& all) -> std::optional<net::UnixClient> {
      if (all.empty()) return std::nullopt;
      auto last = std::move(all.back());
      all.pop_back();
      return last;
    });
    if (idle) return *std::move(idle);
    return net::UnixClient::connect(socket_);
  }

  std::filesystem::path socket_;
  Guarded<std::vector<net::UnixClient>> idle_;
};

}  // namespace

Result<std::unique_ptr<Client>> connect_to_owner(const DataPaths& paths) {
  auto client = std::make_unique<OwnerClient>(paths);
  KHOCHUNG_CHECK(client->send({http::Method::get, "/api/v1/status", {}, {}}));
  return client;
}

Result<Connection> connect(const ConnectOptions& options) {
  if (auto owner = connect_to_owner(options.paths))
    return Connection(nullptr, nullptr, *std::move(owner));
  Application::Options own;
  own.paths = options.paths;
  own.programs = options.programs;
  own.command = options.command;
  own.first_unit = options.first_unit;
  auto application = KHOCHUNG_TRY(Application::start(std::move(own)));
  net::ServerConfig config;
  config.control_socket = options.paths.control_socket();
  auto server =
      KHOCHUNG_TRY(net::HttpServer::start(std::move(config), application->router(), http::problem));
  auto client = application->local_client();
  return Connection(std::move(application), std::move(server), std::move(client));
}

}  // namespace khochung::app

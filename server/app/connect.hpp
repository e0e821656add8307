#pragma once

#include <memory>
#include <string>

#include "server/app/application.hpp"
#include "server/app/client.hpp"
#include "server/net/http_server.hpp"

namespace khochung::app {

/// A command's way to the archive: through the owner's control.sock, or through an Application of
/// its own, which then answers on that socket too.
class Connection {
 public:
  Connection(std::unique_ptr<Application> application, std::unique_ptr<net::HttpServer> server,
             std::unique_ptr<Client> client)
      : application_(std::move(application)),
        server_(std::move(server)),
        client_(std::move(client)) {}

  [[nodiscard]] Client& client() const { return *client_; }

 private:
  std::unique_ptr<Application> application_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<Client> client_;
};

struct ConnectOptions {
  DataPaths paths;
  std::filesystem::path programs;
  std::string command;
  Application::FirstUnit first_unit = Application::FirstUnit::is_made;
};

/// Errors: those of Application::start; locked when the folder is owned by a process that does not
/// answer.
Result<Connection> connect(const ConnectOptions& options);

/// The client of the process that owns the folder.
/// Errors: unavailable when nobody answers.
Result<std::unique_ptr<Client>> connect_to_owner(const DataPaths& paths);

}  // namespace khochung::app

#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "server/http/file_answer.hpp"
#include "server/http/problem.hpp"
#include "server/net/http_server.hpp"

// Serves the files of a folder through the whole of server/http and server/net, for their memory
// alone (tests/bench/run idle).
//   serve_files FOLDER HOST:PORT [CERTIFICATE KEY]

namespace {

using namespace khochung;

std::shared_ptr<const storage::BlobReader> open_blob(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return std::make_shared<const storage::BlobReader>(file, std::filesystem::file_size(path));
}

/// Opens the file anew for each request, as the archive does with its blobs.
http::Handler handler_for(const std::filesystem::path& folder) {
  return [folder](const http::Request& request) -> Result<http::Response> {
    const auto path = folder / request.parameter("name");
    if (!std::filesystem::exists(path)) return fail(ErrorCode::not_found, "no such file");
    http::FileToSend file;
    file.content = http::whole(open_blob(path));
    file.validators.etag = http::ETag{request.parameter("name")};
    file.name = request.parameter("name");
    return http::file_answer(request, std::move(file));
  };
}

net::ServerConfig config_from(int count, char** arguments) {
  net::ServerConfig config;
  config.listen = net::ListenAddress::parse(arguments[2]).value();
  if (count == 5) config.tls = net::TlsFiles{arguments[3], arguments[4]};
  config.limits.connections = 20'000;
  config.limits.connections_per_client = 20'000;
  return config;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 && count != 5) {
    std::fputs("serve_files FOLDER HOST:PORT [CERTIFICATE KEY]\n", stderr);
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  http::Router router;
  router.add({http::Method::get, "/{name}", http::BodyKind::none, handler_for(arguments[1]), {}});
  const auto server = net::HttpServer::start(config_from(count, arguments), router, http::problem);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  int received = 0;
  sigwait(&ends, &received);
  (*server)->stop(std::chrono::seconds(1));
  return 0;
}

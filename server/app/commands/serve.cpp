#include "server/app/commands/serve.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "schemas/json_reader.hpp"
#include "server/api/tus.hpp"
#include "server/app/access_log.hpp"
#include "server/app/application.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/connect.hpp"
#include "server/app/interrupt.hpp"
#include "server/http/problem.hpp"
#include "server/net/http_server.hpp"

namespace khochung::app {
namespace {

constexpr std::chrono::seconds grace{10};
constexpr std::chrono::milliseconds between_tries{200};

/// Who owns the folder, in words: "serve (process 4711)".
std::string owner_in_words(Client& owner) {
  const auto answer = owner.send({http::Method::get, "/api/v1/status", {}, {}});
  boost::json::error_code error;
  const auto json = answer ? boost::json::parse(answer->body, error) : boost::json::value();
  const JsonReader read(json);
  return fmt::format("{} (process {})", read.string("command"), read.integer("pid"));
}

Result<std::unique_ptr<Application>> start_when_free(const Application::Options& options,
                                                     bool waits) {
  while (true) {
    auto application = Application::start(options);
    if (application || application.error().code != ErrorCode::locked) return application;
    if (!waits || is_interrupted()) {
      const auto owner = connect_to_owner(options.paths);
      if (!owner) return application;
      return fail(ErrorCode::locked,
                  options.paths.root.string() + " is held by " + owner_in_words(**owner));
    }
    std::this_thread::sleep_for(between_tries);
  }
}

/// Programs get problem documents, people pages.
http::ErrorAnswer error_answer_for(const pages::Site& site) {
  return [&site](const http::Request& request, const Error& error) {
    const bool is_for_people =
        !request.path.starts_with("/api/") &&
        request.fields.get("accept").find("text/html") != std::string_view::npos;
    if (is_for_people) return pages::error_answer(request, error, site);
    auto answer = http::problem(request, error);
    if (api::tus::is_address(request.path)) api::tus::add_version(answer);
    return answer;
  };
}

Result<net::ServerConfig> server_config(const DataPaths& paths, const ServeOptions& options) {
  net::ServerConfig config;
  config.listen = KHOCHUNG_TRY(net::ListenAddress::parse(options.listen));
  config.control_socket = paths.control_socket();
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return fail(ErrorCode::bad_input, "--tls-cert and --tls-key go together");
  }
  if (!options.tls_key.empty())
    config.tls = net::TlsFiles{options.tls_certificate, options.tls_key};
  return config;
}

Result<void> run(const DataPaths& paths, const std::filesystem::path& programs,
                 const ServeOptions& options) {
  auto config = KHOCHUNG_TRY(server_config(paths, options));
  const bool has_tls = config.tls.has_value();
  const auto host = config.listen ? config.listen->host : std::string();
  Application::Options own{paths, programs, "serve", options.site, options.ocr_threads};
  own.is_long_running = true;
  const auto application = KHOCHUNG_TRY(start_when_free(own, options.waits));
  AccessLog log(STDERR_FILENO);
  const auto server = KHOCHUNG_TRY(net::HttpServer::start(
      std::move(config), application->router(), error_answer_for(application->options().site),
      [&log](const auto& line) { log.add(line); }));
  print_line(fmt::format("Kho Chung đang phục vụ tại {}://{}:{}", has_tls ? "https" : "http",
                         host.find(':') == std::string::npos ? host : "[" + host + "]",
                         server->port()));
  std::fflush(stdout);
  wait_for_interrupt();
  server->stop(grace);
  return {};
}

}  // namespace

int serve(const DataPaths& paths, const std::filesystem::path& programs,
          const ServeOptions& options) {
  if (const auto done = run(paths, programs, options); !done)
    return print_error(done.error(), false);
  return 0;
}

}  // namespace khochung::app

#include "server/app/commands/serve.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "schemas/json_reader.hpp"
#include "server/api/tus.hpp"
#include "server/app/access_log.hpp"
#include "server/app/application.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/config.hpp"
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

/// The socket that systemd listens on for us, where it started us so.
/// Source: sd_listen_fds(3); the first of its descriptors.
Result<std::optional<int>> socket_of_systemd() {
  constexpr int first_descriptor = 3;
  const char* process = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (process == nullptr || count == nullptr || std::to_string(::getpid()) != process)
    return std::nullopt;
  int listens = 0;
  socklen_t size = sizeof(listens);
  if (std::string_view(count) != "1" ||
      ::getsockopt(first_descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      listens == 0)
    return fail(ErrorCode::bad_input, "LISTEN_FDS must give one socket that listens");
  ::fcntl(first_descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(first_descriptor, F_SETFL, ::fcntl(first_descriptor, F_GETFL) | O_NONBLOCK);
  ::unsetenv("LISTEN_FDS");
  return first_descriptor;
}

/// Each connection needs a descriptor, and shells give a thousand unless asked.
void raise_descriptor_limit() {
  constexpr rlim_t enough = 65'536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, enough));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<net::ServerConfig> server_config(const DataPaths& paths, const Config& said,
                                        const ServeOptions& options) {
  net::ServerConfig config;
  config.listen = KHOCHUNG_TRY(net::ListenAddress::parse(options.listen));
  config.listening = KHOCHUNG_TRY(socket_of_systemd());
  config.proxies = KHOCHUNG_TRY(http::TrustedProxies::parse(said.proxies, said.proxy_header));
  config.limiter = std::make_shared<http::RateLimiter>(said.rates);
  config.control_socket = paths.control_socket();
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return fail(ErrorCode::bad_input, "--tls-cert and --tls-key go together");
  }
  if (!options.tls_key.empty())
    config.tls = net::TlsFiles{options.tls_certificate, options.tls_key};
  return config;
}

Result<AccessLog::Write> access_log_of(const DataPaths& paths, const Config& said) {
  if (said.access_log.empty()) return to_descriptor(STDERR_FILENO);
  return to_rotating_file(paths.root / said.access_log, said.access_log_bytes,
                          said.access_log_files);
}

/// Where there is no account yet, whoever reads the log of the server may make the first one.
Result<void> offer_set_up(Application& application, const std::string& served_at) {
  const auto path = KHOCHUNG_TRY(application.set_up_path());
  if (!path) return {};
  const auto& origin = application.options().site.origin;
  const auto url = (origin.empty() ? served_at : origin) + *path;
  fmt::print(stderr,
             "Kho chưa có tài khoản nào. Mở đường dẫn này trong 24 giờ để lập tài khoản quản trị "
             "đầu tiên:\n{}\n",
             url);
  return {};
}

Result<void> run(const DataPaths& paths, const std::filesystem::path& programs,
                 const ServeOptions& options) {
  raise_descriptor_limit();
  const auto said = KHOCHUNG_TRY(Config::read(paths.config()));
  if (said.mail && options.site.origin.empty())
    return fail(ErrorCode::bad_input, "mail_needs_origin", "[mail] without [server] origin");
  auto config = KHOCHUNG_TRY(server_config(paths, said, options));
  const bool has_tls = config.tls.has_value();
  const auto host = config.listen ? config.listen->host : std::string();
  const auto address_at = [&](int port) {
    return fmt::format("{}://{}:{}", has_tls ? "https" : "http",
                       host.find(':') == std::string::npos ? host : "[" + host + "]", port);
  };
  Application::Options own{paths, programs, "serve", options.site, options.ocr_threads};
  if (config.listen && config.listen->port != 0)
    own.site.served_at = address_at(config.listen->port);
  own.is_long_running = true;
  own.limiter = config.limiter;
  auto log_lines = KHOCHUNG_TRY(access_log_of(paths, said));
  const auto application = KHOCHUNG_TRY(start_when_free(own, options.waits));
  config.occupancy = &application->occupancy();
  AccessLog log(std::move(log_lines));
  const auto server = KHOCHUNG_TRY(net::HttpServer::start(
      std::move(config), application->router(), error_answer_for(application->options().site),
      [&log](const auto& line) { log.add(line); }));
  const auto served_at = address_at(server->port());
  print_line("Kho Chung đang phục vụ tại " + served_at);
  std::fflush(stdout);
  KHOCHUNG_CHECK(offer_set_up(*application, served_at));
  application->let_readers_wait([&server] { return server->is_busy(); });
  wait_for_interrupt([&server] {
    const auto loaded = server->reload_certificate();
    if (loaded) spdlog::info("the certificate was read again");
    if (!loaded) spdlog::error("the certificate stays as it was: {}", loaded.error().message);
  });
  server->stop(grace);
  application->let_readers_wait({});
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

#include <openssl/ssl.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "raw_client.hpp"
#include "temporary_folder.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

/// A self-signed certificate, made by the openssl program.
net::TlsFiles make_certificate(const std::filesystem::path& folder) {
  const net::TlsFiles files{folder / "certificate.pem", folder / "key.pem"};
  const auto command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
      "-subj /CN=localhost -keyout '" +
      files.private_key.string() + "' -out '" + files.certificate_chain.string() + "' 2>/dev/null";
  BOOST_REQUIRE(std::system(command.c_str()) == 0);
  return files;
}

/// A client over TLS; the versions it speaks end with `newest`.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int newest)
      : raw_(port), context_(SSL_CTX_new(TLS_client_method())), session_(SSL_new(context_)) {
    SSL_set_max_proto_version(session_, newest);
    SSL_set_security_level(session_, 0);
    SSL_set_fd(session_, raw_.socket());
    SSL_connect(session_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }

  [[nodiscard]] bool is_agreed() const { return SSL_is_init_finished(session_) == 1; }
  void send(const std::string& text) {
    SSL_write(session_, text.data(), static_cast<int>(text.size()));
  }
  /// All bytes until the server closes.
  std::string receive_all() {
    std::string all;
    std::string buffer(65'536, '\0');
    int got = 0;
    while ((got = SSL_read(session_, buffer.data(), static_cast<int>(buffer.size()))) > 0) {
      all.append(buffer, 0, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  RawClient raw_;
  SSL_CTX* context_;
  SSL* session_ = nullptr;
};

std::string request(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(pages_and_large_files_come_over_tls) {
  const TemporaryFolder folder;
  TestSite site;
  net::ServerConfig config;
  config.tls = make_certificate(folder.path());
  const auto server = site.serve(config);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server->port(), version);
    BOOST_TEST(client.is_agreed());
    client.send(request("/hello"));
    const auto answer = client.receive_all();
    BOOST_TEST(answer.starts_with("HTTP/1.1 200"));
    BOOST_TEST(answer.find("Strict-Transport-Security") != std::string::npos);
  }
  TlsClient client(server->port(), TLS1_3_VERSION);
  client.send(request("/large"));
  const auto answer = client.receive_all();
  const auto whole = sample_blob(std::uint64_t{24} << 20U)->read_all(std::uint64_t{1} << 30U);
  BOOST_TEST(answer.ends_with(whole.value()));
  TlsClient other(server->port(), TLS1_3_VERSION);
  other.send(request("/elsewhere"));
  BOOST_TEST(other.receive_all().ends_with(sample_blob(100'000)->read_all(100'000).value()));
}

BOOST_AUTO_TEST_CASE(what_was_sent_ahead_is_answered_in_turn_as_in_the_clear) {
  const TemporaryFolder folder;
  TestSite site;
  net::ServerConfig config;
  const auto in_the_clear = site.serve(config);
  config.tls = make_certificate(folder.path());
  const auto over_tls = site.serve(config);
  std::vector<std::string> asked;
  for (const auto* path : {"/hello", "/mixed", "/empty", "/blob", "/bytes", "/pieces",
                           "/mixed-elsewhere", "/hello", "/pieces-elsewhere"})
    asked.push_back("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n");
  // On both sides of what fits into a record, into what is gathered, and behind a head.
  for (const auto last : {0, 16'382, 16'383, 16'384, 32'767, 32'768, 65'535, 66'559, 66'560})
    asked.push_back("GET /blob HTTP/1.1\r\nHost: a\r\nRange: bytes=0-" + std::to_string(last) +
                    "\r\n");
  RawClient plain(in_the_clear->port());
  TlsClient tls(over_tls->port(), TLS1_3_VERSION);
  std::string all;
  for (const auto& head : asked)
    all += head + (&head == &asked.back() ? "Connection: close\r\n\r\n" : "\r\n");
  plain.send(all);
  tls.send(all);
  const auto received = tls.receive_all();
  std::size_t at = 0;
  for (const auto& head : asked) {
    const auto answer = plain.receive();
    const auto end = received.find("\r\n\r\n", at);
    BOOST_TEST_REQUIRE(end != std::string::npos, head);
    at = end + 4 + answer.body.size();
    BOOST_TEST((received.substr(end + 4, answer.body.size()) == answer.body), head);
  }
  BOOST_TEST(at == received.size());
}

BOOST_AUTO_TEST_CASE(old_versions_are_not_spoken) {
  const TemporaryFolder folder;
  TestSite site;
  net::ServerConfig config;
  config.tls = make_certificate(folder.path());
  const auto server = site.serve(config);
  BOOST_TEST(!TlsClient(server->port(), TLS1_1_VERSION).is_agreed());
  RawClient plain(server->port());
  plain.send("GET /canary HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(plain.receive().status == 0);
  BOOST_TEST(site.canary_runs == 0);
}

BOOST_AUTO_TEST_CASE(a_handshake_that_stops_is_cut_off) {
  const TemporaryFolder folder;
  TestSite site;
  net::ServerConfig config;
  config.tls = make_certificate(folder.path());
  config.limits.head_time = std::chrono::milliseconds(100);
  const auto server = site.serve(config);
  RawClient silent(server->port());
  BOOST_TEST(silent.is_closed());
}

BOOST_AUTO_TEST_CASE(a_certificate_is_changed_while_serving) {
  const TemporaryFolder folder;
  TestSite site;
  net::ServerConfig config;
  config.tls = make_certificate(folder.path());
  const auto server = site.serve(config);
  make_certificate(folder.path());
  BOOST_TEST(server->reload_certificate().has_value());
  BOOST_TEST(TlsClient(server->port(), TLS1_3_VERSION).is_agreed());
  std::filesystem::remove(config.tls->private_key);
  BOOST_TEST(!server->reload_certificate().has_value());
  BOOST_TEST(TlsClient(server->port(), TLS1_3_VERSION).is_agreed());
}

BOOST_AUTO_TEST_CASE(files_that_are_no_certificate_are_refused) {
  const TestSite site;
  net::ServerConfig config;
  config.listen = net::ListenAddress{};
  config.tls = net::TlsFiles{"/dev/null", "/dev/null"};
  const auto server = net::HttpServer::start(config, site.router, {}, {});
  BOOST_TEST((server.error().code == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

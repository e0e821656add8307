#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <latch>
#include <thread>

#include "server/net/unix_client.hpp"
#include "temporary_folder.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

using http::Method;

net::ServerConfig control_at(const std::filesystem::path& path) {
  net::ServerConfig config;
  config.control_socket = path;
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_client)

BOOST_AUTO_TEST_CASE(whoever_comes_through_the_control_socket_is_local_administrator) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "control.sock";
  TestSite site;
  const auto server = site.serve(control_at(path));
  struct stat status{};
  BOOST_TEST(::stat(path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777U) == 0600U);
  auto client = net::UnixClient::connect(path).value();
  BOOST_TEST(client.send(Method::get, "/who")->body == "unix admin");
  BOOST_TEST(client.send(Method::get, "/nowhere")->status == 404);
  const auto head = client.send(Method::head, "/blob").value();
  BOOST_TEST(head.fields.get("Content-Length") == "300000");
  BOOST_TEST(head.body.empty());
  BOOST_TEST(client.send(Method::post, "/small", {}, {std::string("abc")})->body == "abc");
}

BOOST_AUTO_TEST_CASE(files_are_sent_in_pieces_and_received_into_descriptors) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "control.sock";
  TestSite site;
  const auto server = site.serve(control_at(path));
  auto client = net::UnixClient::connect(path).value();
  const auto blob = sample_blob(5'000'000);
  const net::BodyPieces body{std::string("head"),
                             net::FilePiece{*blob->descriptor(), 1'000, 4'000'000},
                             std::string("tail")};
  BOOST_TEST(client.send(Method::post, "/stream", {}, body)->body == "4000008");
  const int file = ::memfd_create("received", MFD_CLOEXEC);
  const storage::BlobReader received(file, std::uint64_t{24} << 20U);
  const auto answer = client.send(Method::get, "/large", {}, {}, file).value();
  BOOST_TEST(answer.body.empty());
  BOOST_TEST((received.read_all(std::uint64_t{1} << 30U).value() ==
              sample_blob(std::uint64_t{24} << 20U)->read_all(std::uint64_t{1} << 30U).value()));
}

BOOST_AUTO_TEST_CASE(an_early_refusal_is_read_and_the_next_request_connects_anew) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "control.sock";
  TestSite site;
  const auto server = site.serve(control_at(path));
  auto client = net::UnixClient::connect(path).value();
  const auto blob = sample_blob(std::uint64_t{64} << 20U);
  const net::BodyPieces body{net::FilePiece{*blob->descriptor(), 0, blob->size_bytes()}};
  BOOST_TEST(client.send(Method::post, "/stream-refused", {}, body)->status == 403);
  BOOST_TEST(client.send(Method::post, "/stream-full", {}, body)->status == 507);
  BOOST_TEST(client.send(Method::get, "/who")->status == 200);
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_shorter_is_named_so) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "control.sock";
  TestSite site;
  const auto server = site.serve(control_at(path));
  auto client = net::UnixClient::connect(path).value();
  const auto blob = sample_blob(1'000);
  const net::BodyPieces body{net::FilePiece{*blob->descriptor(), 0, 2'000}};
  const auto answer = client.send(Method::post, "/stream", {}, body);
  BOOST_TEST((answer.error().reason == "changed_while_read"));
  BOOST_TEST(client.send(Method::get, "/who")->status == 200);
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_let_go_is_made_anew) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "control.sock";
  TestSite site;
  auto server = site.serve(control_at(path));
  auto client = net::UnixClient::connect(path).value();
  BOOST_TEST(client.send(Method::get, "/who")->status == 200);
  server.reset();
  BOOST_TEST((client.send(Method::get, "/who").error().code == ErrorCode::unavailable));
  server = site.serve(control_at(path));
  BOOST_TEST(client.send(Method::get, "/who")->status == 200);
}

BOOST_AUTO_TEST_CASE(long_paths_are_reached_through_their_folder) {
  const TemporaryFolder folder;
  const auto deep = folder.path() / std::string(100, 'a') / std::string(100, 'b');
  std::filesystem::create_directories(deep);
  TestSite site;
  const auto server = site.serve(control_at(deep / "control.sock"));
  auto client = net::UnixClient::connect(deep / "control.sock").value();
  BOOST_TEST(client.send(Method::get, "/who")->status == 200);
}

BOOST_AUTO_TEST_CASE(without_an_owner_there_is_nobody_to_speak_to) {
  const TemporaryFolder folder;
  const auto client = net::UnixClient::connect(folder.path() / "control.sock");
  BOOST_TEST((client.error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

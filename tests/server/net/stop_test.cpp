#include <boost/test/unit_test.hpp>
#include <chrono>
#include <latch>
#include <thread>

#include "raw_client.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

const std::string hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::chrono::seconds patience{30};

}  // namespace

BOOST_AUTO_TEST_SUITE(stop)

BOOST_AUTO_TEST_CASE(a_running_download_is_finished_and_nobody_new_comes_in) {
  TestSite site;
  auto server = site.serve();
  RawClient rests(server->port());
  rests.send(hello);
  BOOST_TEST(rests.receive().status == 200);
  RawClient downloads(server->port());
  downloads.send(large);
  BOOST_TEST(downloads.receive(true).status == 200);
  std::jthread stopper([&] { server->stop(patience); });
  // The resting connection ends first: the stop has begun.
  BOOST_TEST(rests.is_closed());
  const auto whole = sample_blob(std::uint64_t{24} << 20U)->read_all(std::uint64_t{1} << 30U);
  BOOST_TEST((downloads.receive_rest(whole->size()) == whole.value()));
  BOOST_TEST(downloads.is_closed());
  stopper.join();
  RawClient late(server->port());
  BOOST_TEST((!late.send(hello) || late.receive().status == 0));
}

BOOST_AUTO_TEST_CASE(a_running_handler_is_waited_for_and_its_answer_says_close) {
  TestSite site;
  std::latch started(1);
  std::latch released(1);
  site.on_wait = [&] {
    started.count_down();
    released.wait();
  };
  auto server = site.serve();
  RawClient rests(server->port());
  rests.send(hello);
  rests.receive();
  RawClient client(server->port());
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + hello);
  started.wait();
  const std::jthread stopper([&] { server->stop(patience); });
  BOOST_TEST(rests.is_closed());
  released.count_down();
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.fields.get("Connection") == "close");
  BOOST_TEST(client.is_closed());
}

BOOST_AUTO_TEST_CASE(without_grace_downloads_are_cut_off) {
  TestSite site;
  auto server = site.serve();
  RawClient client(server->port());
  client.send(large);
  BOOST_TEST(client.receive(true).status == 200);
  server->stop(std::chrono::milliseconds(0));
  BOOST_TEST(client.receive_rest(std::size_t{24} << 20U).size() < std::size_t{24} << 20U);
}

BOOST_AUTO_TEST_CASE(stopping_twice_and_stopping_an_idle_server_is_fine) {
  TestSite site;
  auto server = site.serve();
  server->stop(patience);
  BOOST_CHECK_NO_THROW(server->stop(patience));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_named_as_such) {
  TestSite site;
  const auto server = site.serve();
  net::ServerConfig config;
  config.listen = net::ListenAddress{"127.0.0.1", server->port()};
  const auto second = net::HttpServer::start(config, site.router, {}, {});
  BOOST_TEST((second.error().code == ErrorCode::unavailable));
  BOOST_TEST((second.error().reason == "port_taken"));
}

BOOST_AUTO_TEST_CASE(addresses_to_listen_on_are_read) {
  BOOST_TEST(net::ListenAddress::parse("[::1]:80")->host == "::1");
  BOOST_TEST(net::ListenAddress::parse("localhost:8080")->port == 8080);
  for (const auto* text : {"", "8080", ":80", "a:", "a:b", "a:65536", "a:-1", "a:80x"}) {
    BOOST_TEST(!net::ListenAddress::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

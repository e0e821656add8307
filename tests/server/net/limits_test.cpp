#include <poll.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <latch>

#include "raw_client.hpp"
#include "server/net/handler_pool.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

using std::chrono::milliseconds;

/// Long enough for a busy machine to get from connecting to sending.
net::ServerConfig impatient() {
  net::ServerConfig config;
  config.limits.head_time = milliseconds(600);
  config.limits.idle_time = milliseconds(600);
  config.limits.progress_window = milliseconds(600);
  return config;
}

/// From the first end to the last, whichever of them that is.
std::chrono::steady_clock::duration time_of_closing(std::vector<RawClient>& clients) {
  std::vector<pollfd> open;
  for (auto& client : clients) open.push_back({client.socket(), POLLIN, 0});
  std::optional<std::chrono::steady_clock::time_point> first;
  auto last = std::chrono::steady_clock::now();
  for (auto left = open.size(); left > 0;) {
    BOOST_REQUIRE(::poll(open.data(), open.size(), 10'000) > 0);
    last = std::chrono::steady_clock::now();
    if (!first) first = last;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      BOOST_TEST(clients[i].is_closed());
      open[i].fd = -1;
      --left;
    }
  }
  return last - *first;
}

const std::string hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string wait = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(a_head_that_does_not_end_is_cut_off) {
  TestSite site;
  const auto server = site.serve(impatient());
  RawClient client(server->port());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n");
  BOOST_TEST(client.receive().status == 408);
  BOOST_TEST(client.is_closed());
}

BOOST_AUTO_TEST_CASE(a_head_that_drips_is_cut_off_all_the_same) {
  TestSite site;
  const auto server = site.serve(impatient());
  RawClient client(server->port());
  client.send("GET /hello HTTP/1.1\r\nX: ");
  pollfd answer{client.socket(), POLLIN, 0};
  // A byte each 20 ms: the clock of the head runs from its first byte.
  while (::poll(&answer, 1, 20) == 0) client.send("a");
  BOOST_TEST(client.receive().status == 408);
}

BOOST_AUTO_TEST_CASE(a_client_that_says_nothing_is_let_go_without_a_word) {
  TestSite site;
  const auto server = site.serve(impatient());
  RawClient silent(server->port());
  BOOST_TEST(silent.is_closed());
  RawClient rests(server->port());
  rests.send(hello);
  BOOST_TEST(rests.receive().status == 200);
  BOOST_TEST(rests.is_closed());
}

BOOST_AUTO_TEST_CASE(a_body_that_stops_coming_is_cut_off_and_its_sink_dropped) {
  TestSite site;
  const auto server = site.serve(impatient());
  RawClient client(server->port());
  client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(300'000, 'x'));
  BOOST_TEST(client.receive().status == 408);
  BOOST_TEST(client.is_closed());
  RawClient small(server->port());
  small.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  BOOST_TEST(small.receive().status == 408);
  BOOST_TEST(site.wait_for_log(2).size() == 2U);
  BOOST_TEST(site.sinks_dropped == 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_away_in_a_body_drops_the_sink) {
  TestSite site;
  const auto server = site.serve();
  {
    RawClient client(server->port());
    client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");
  }
  const auto log = site.wait_for_log(1);
  BOOST_TEST(!log.front().is_whole);
  server->stop(milliseconds(10'000));
  BOOST_TEST(site.sinks_dropped == 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_off) {
  TestSite site;
  const auto server = site.serve(impatient());
  RawClient client(server->port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto log = site.wait_for_log(1);
  BOOST_TEST(!log.front().is_whole);
  BOOST_TEST(log.front().bytes < std::uint64_t{24} << 20U);
}

BOOST_AUTO_TEST_CASE(a_handler_may_take_its_time) {
  TestSite site;
  std::latch released(1);
  site.on_wait = [&] { released.wait(); };
  const auto server = site.serve(impatient());
  RawClient patient(server->port());
  patient.send(wait);
  // Another connection is let go meanwhile: the watch has run.
  BOOST_TEST(RawClient(server->port()).is_closed());
  released.count_down();
  BOOST_TEST(patient.receive().status == 200);
}

BOOST_AUTO_TEST_CASE(when_too_many_wait_the_next_is_told_to_come_again) {
  TestSite site;
  std::latch started(1);
  std::latch released(1);
  std::atomic<bool> is_first = true;
  site.on_wait = [&] {
    if (is_first.exchange(false)) started.count_down();
    released.wait();
  };
  net::ServerConfig config;
  config.handler_threads = 1;
  config.limits.waiting_requests = 1;
  const auto server = site.serve(config);
  RawClient running(server->port());
  running.send(wait);
  started.wait();
  std::array clients{RawClient(server->port()), RawClient(server->port())};
  for (auto& client : clients) client.send(wait);
  std::array polled{pollfd{clients[0].socket(), POLLIN, 0}, pollfd{clients[1].socket(), POLLIN, 0}};
  BOOST_TEST(::poll(polled.data(), polled.size(), 10'000) == 1);
  const std::size_t refused = polled[0].revents != 0 ? 0 : 1;
  const auto answer = clients.at(refused).receive();
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.fields.has("Retry-After"));
  released.count_down();
  BOOST_TEST(clients.at(1 - refused).receive().status == 200);
  clients.at(refused).send(hello);
  BOOST_TEST(clients.at(refused).receive().status == 200);
}

BOOST_AUTO_TEST_CASE(what_can_wait_is_turned_away_before_searches_are) {
  net::HandlerPool pool(1, 8);
  std::latch released(1);
  struct Task final : net::HandlerPool::Task {
    explicit Task(std::latch* gate) : gate_(gate) {}
    void run() override {
      if (gate_ != nullptr) gate_->wait();
    }
    std::latch* gate_;
  };
  const auto offers = [&](http::Load load) {
    std::unique_ptr<net::HandlerPool::Task> task = std::make_unique<Task>(nullptr);
    return pool.try_post(task, load);
  };
  pool.post(std::make_unique<Task>(&released));
  // The one thread is busy once it took that.
  while (pool.is_busy()) std::this_thread::yield();
  using enum http::Load;
  for (int i = 0; i < 4; ++i) BOOST_TEST(offers(picture));
  BOOST_TEST(pool.is_busy());
  BOOST_TEST(!offers(picture));
  BOOST_TEST(!offers(bulk));
  BOOST_TEST(offers(change));
  BOOST_TEST(offers(change));
  BOOST_TEST(!offers(change));
  BOOST_TEST(offers(light));
  BOOST_TEST(!offers(light));
  BOOST_TEST(offers(search));
  BOOST_TEST(!offers(search));
  released.count_down();
}

BOOST_AUTO_TEST_CASE(who_asks_too_often_waits_and_others_do_not) {
  TestSite site;
  net::ServerConfig config;
  config.proxies =
      http::TrustedProxies::parse({"127.0.0.1"}, http::TrustedProxies::Speech::x_forwarded).value();
  config.limiter = std::make_shared<http::RateLimiter>(
      http::RateLimiter::Rates{.search = {0.01, 3}, .change = {0.01, 1}});
  const auto server = site.serve(config);
  RawClient proxy(server->port());
  const auto ask = [&](const std::string& request_line, const std::string& client) {
    proxy.send(request_line + " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + client + "\r\n\r\n");
    return proxy.receive();
  };
  for (int i = 0; i < 3; ++i) BOOST_TEST(ask("GET /search", "192.0.2.7").status == 200);
  const auto refused = ask("GET /search", "192.0.2.7");
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.fields.get("Retry-After") == "2");
  BOOST_TEST(ask("GET /hello", "192.0.2.7").status == 200);
  BOOST_TEST(ask("GET /search", "192.0.2.8").status == 200);
  // Hosts of one IPv6 network are one client; programs of this machine are not limited.
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(ask("GET /search", "2001:db8::" + std::to_string(i + 1)).status == 200);
  BOOST_TEST(ask("GET /search", "2001:db8::9").status == 429);
  for (int i = 0; i < 9; ++i) BOOST_TEST(ask("GET /search", "127.0.0.1").status == 200);
  BOOST_TEST(site.wait_for_log(5)[4].client == "192.0.2.7");
}

BOOST_AUTO_TEST_CASE(one_client_has_so_many_connections_and_no_more) {
  TestSite site;
  net::ServerConfig config;
  config.limits.connections_per_client = 2;
  const auto server = site.serve(config);
  RawClient first(server->port());
  RawClient second(server->port());
  for (auto* client : {&first, &second}) {
    client->send(hello);
    BOOST_TEST(client->receive().status == 200);
  }
  RawClient third(server->port());
  third.send(hello);
  BOOST_TEST(third.receive().status == 0);
}

BOOST_AUTO_TEST_CASE(a_proxy_stands_for_many_clients) {
  TestSite site;
  net::ServerConfig config;
  config.limits.connections_per_client = 1;
  config.proxies =
      http::TrustedProxies::parse({"127.0.0.1"}, http::TrustedProxies::Speech::x_forwarded).value();
  const auto server = site.serve(config);
  std::array clients{RawClient(server->port()), RawClient(server->port()),
                     RawClient(server->port())};
  for (auto& client : clients) {
    client.send(hello);
    BOOST_TEST(client.receive().status == 200);
  }
}

BOOST_AUTO_TEST_CASE(a_small_body_that_drips_for_ever_is_not_waited_for) {
  TestSite site;
  auto config = impatient();
  config.limits.progress_window = std::chrono::milliseconds(100);
  config.limits.least_bytes_a_second = 1;
  config.limits.small_body_time = std::chrono::milliseconds(600);
  const auto server = site.serve(config);
  RawClient client(server->port());
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  while (client.send("x") && std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
    pollfd answered{client.socket(), POLLIN, 0};
    if (::poll(&answered, 1, 20) > 0) break;
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(5)));
  BOOST_TEST(client.receive().status == 408);
}

BOOST_AUTO_TEST_CASE(many_whose_time_ends_in_one_instant_go_one_after_another) {
  TestSite site;
  auto config = impatient();
  config.io_threads = 1;
  const auto server = site.serve(config);
  auto longest = std::chrono::steady_clock::duration::zero();
  // A machine with much to do may look so late that all are gone: this is no fault of the server.
  for (int attempt = 0; attempt < 5 && longest <= milliseconds(100); ++attempt) {
    std::vector<RawClient> silent;
    for (int i = 0; i < 160; ++i) silent.emplace_back(server->port());
    longest = std::max(longest, time_of_closing(silent));
  }
  BOOST_TEST((longest > milliseconds(100)));
  BOOST_TEST((longest < std::chrono::seconds(8)));
}

BOOST_AUTO_TEST_CASE(whoever_connects_and_asks_nothing_keeps_nobody_out) {
  TestSite site;
  net::ServerConfig config;
  config.limits.connections = 16;
  const auto server = site.serve(config);
  std::vector<RawClient> silent;
  for (int i = 0; i < 40; ++i) {
    silent.emplace_back(server->port());
    if (i % 2 == 0) silent.back().send("GET /hello HTTP/1.1\r\nHo");
  }
  const auto begun = std::chrono::steady_clock::now();
  RawClient asks(server->port());
  asks.send(hello);
  BOOST_TEST(asks.receive().status == 200);
  // Long before the patience with any of them ends.
  BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(8)));
}

BOOST_AUTO_TEST_CASE(beyond_all_connections_the_next_waits_its_turn) {
  TestSite site;
  net::ServerConfig config;
  config.limits.connections = 1;
  const auto server = site.serve(config);
  RawClient waits(0);
  {
    RawClient first(server->port());
    first.send(hello);
    BOOST_TEST(first.receive().status == 200);
    waits = RawClient(server->port());
    waits.send(hello);
    first.send(hello);
    BOOST_TEST(first.receive().status == 200);
  }
  BOOST_TEST(waits.receive().status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

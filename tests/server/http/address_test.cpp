// Who asks: addresses, and what proxies say of them. How often one may ask.
#include "server/http/address.hpp"

#include <boost/test/unit_test.hpp>

#include "server/http/rate_limiter.hpp"

namespace khochung::http {
namespace {

using Speech = TrustedProxies::Speech;

TrustedProxies proxies(Speech speech = Speech::x_forwarded) {
  return TrustedProxies::parse({"127.0.0.1", "10.0.0.0/9", "fd00::/8"}, speech).value();
}

/// The client that is seen when `peer` sends these fields.
std::string client(std::string_view peer,
                   std::initializer_list<std::pair<const char*, const char*>> given,
                   Speech speech = Speech::x_forwarded) {
  Fields fields;
  for (const auto& [name, value] : given) fields.add(name, value);
  return proxies(speech).visitor_behind(peer, fields).client;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(only_addresses_and_networks_name_proxies) {
  for (const auto* bad : {"", "localhost", "10.0.0", "10.0.0.0/33", "::1/129", "10.0.0.0/",
                          "10.0.0.0/x", "10.0.0.0/8 ", "/8"}) {
    BOOST_TEST(!TrustedProxies::parse({bad}, Speech::x_forwarded).has_value(), bad);
  }
  BOOST_TEST(proxies().trusts("10.127.255.255"));
  BOOST_TEST(!proxies().trusts("10.128.0.0"));
  BOOST_TEST(proxies().trusts("::ffff:10.0.0.1"));
  BOOST_TEST(proxies().trusts("fd12::1"));
  BOOST_TEST(!proxies().trusts("fe80::1"));
  BOOST_TEST(!proxies().trusts("unix"));
  BOOST_TEST(!TrustedProxies().trusts("127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(what_a_stranger_says_of_others_is_not_heard) {
  BOOST_TEST(client("192.0.2.7", {{"X-Forwarded-For", "198.51.100.1"}}) == "192.0.2.7");
  BOOST_TEST(!proxies()
                  .visitor_behind("192.0.2.7",
                                  [] {
                                    Fields fields;
                                    fields.add("X-Forwarded-Proto", "https");
                                    return fields;
                                  }())
                  .is_https);
}

BOOST_AUTO_TEST_CASE(the_client_is_the_last_that_no_proxy_stands_for) {
  BOOST_TEST(client("10.0.0.1", {}) == "10.0.0.1");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}}) == "192.0.2.7");
  // A client that says it comes from elsewhere is not believed: the proxy's own entry stands last.
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 198.51.100.1, 192.0.2.7"}}) ==
             "192.0.2.7");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, 10.0.0.2"}}) == "192.0.2.7");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"},
                                 {"x-forwarded-for", "10.0.0.2"}}) == "192.0.2.7");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7:4711"}}) == "192.0.2.7");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "[2001:db8::5]:4711"}}) == "2001:db8::5");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, nobody"}}) == "10.0.0.1");
  BOOST_TEST(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7,"}}) == "192.0.2.7");
  // The other way of saying it is not read: the proxy passes on what a client made up.
  BOOST_TEST(client("10.0.0.1", {{"Forwarded", "for=198.51.100.1"}}) == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(the_standard_way_of_saying_it_is_read_where_it_was_chosen) {
  const auto seen = [](const char* field) {
    return client("10.0.0.1", {{"Forwarded", field}, {"X-Forwarded-For", "198.51.100.1"}},
                  Speech::forwarded);
  };
  BOOST_TEST(seen("for=192.0.2.7;proto=https") == "192.0.2.7");
  BOOST_TEST(seen("for=198.51.100.9, for=192.0.2.7;by=10.0.0.1") == "192.0.2.7");
  BOOST_TEST(seen("for=\"[2001:db8::5]:4711\"") == "2001:db8::5");
  BOOST_TEST(seen("for=unknown") == "10.0.0.1");
  BOOST_TEST(seen("for=_hidden") == "10.0.0.1");
  Fields fields;
  fields.add("Forwarded", "for=192.0.2.7;proto=https");
  BOOST_TEST(proxies(Speech::forwarded).visitor_behind("10.0.0.1", fields).is_https);
}

BOOST_AUTO_TEST_CASE(a_client_is_an_ipv4_address_or_an_ipv6_network) {
  BOOST_TEST(client_group_of("192.0.2.7") == "192.0.2.7");
  BOOST_TEST(client_group_of("2001:db8:1:2:3:4:5:6") == client_group_of("2001:db8:1:2::9"));
  BOOST_TEST(client_group_of("2001:db8:1:2::1") != client_group_of("2001:db8:1:3::1"));
  BOOST_TEST(client_group_of("unix") == "unix");
  BOOST_TEST(is_loopback("127.4.5.6"));
  BOOST_TEST(is_loopback("::1"));
  BOOST_TEST(!is_loopback("128.0.0.1"));
  BOOST_TEST(!is_loopback("unix"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rate_limiter)

BOOST_AUTO_TEST_CASE(a_client_has_its_burst_and_then_its_rate) {
  RateLimiter limiter({.search = {10, 5}});
  auto now = RateLimiter::Clock::now();
  int number = 0;
  const auto asks = [&](std::string_view client) {
    return limiter.admits(Load::search, client, std::to_string(++number), now);
  };
  for (int i = 0; i < 5; ++i) BOOST_TEST(asks("a"));
  BOOST_TEST(!asks("a"));
  // Another client has a bucket of its own, and so has another kind of request.
  BOOST_TEST(asks("b"));
  BOOST_TEST(limiter.admits(Load::picture, "a", "x", now));
  now += std::chrono::milliseconds(100);
  BOOST_TEST(asks("a"));
  BOOST_TEST(!asks("a"));
  now += std::chrono::hours(1);
  for (int i = 0; i < 5; ++i) BOOST_TEST(asks("a"));
  BOOST_TEST(!asks("a"));
}

BOOST_AUTO_TEST_CASE(a_request_that_is_asked_about_twice_counts_once) {
  RateLimiter limiter({.search = {1, 1}});
  const auto now = RateLimiter::Clock::now();
  BOOST_TEST(limiter.admits(Load::search, "a", "r-1", now));
  BOOST_TEST(limiter.admits(Load::search, "a", "r-1", now));
  BOOST_TEST(!limiter.admits(Load::search, "a", "r-2", now));
}

BOOST_AUTO_TEST_CASE(what_is_cheap_or_has_no_rate_is_never_limited) {
  RateLimiter limiter({.search = {0, 0}});
  for (int i = 0; i < 1000; ++i) {
    BOOST_TEST(limiter.admits(Load::light, "a", std::to_string(i)));
    BOOST_TEST(limiter.admits(Load::search, "a", std::to_string(i)));
  }
}

BOOST_AUTO_TEST_CASE(a_crowd_of_clients_takes_no_more_memory_than_was_set_aside) {
  RateLimiter limiter({.search = {1, 1}});
  const auto now = RateLimiter::Clock::now();
  int admitted = 0;
  for (int i = 0; i < 400'000; ++i) {
    if (limiter.admits(Load::search, std::to_string(i), std::to_string(i), now)) ++admitted;
  }
  BOOST_TEST(admitted == 16 * 20'000);
  BOOST_TEST(limiter.admits(Load::search, "late", "r", now + std::chrono::seconds(2)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

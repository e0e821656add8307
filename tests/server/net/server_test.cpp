#include <boost/test/unit_test.hpp>

#include "raw_client.hpp"
#include "test_site.hpp"

namespace khochung::test {

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(a_route_is_served_and_the_connection_stays) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello?q=b%E1%BA%A1n HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.receive();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "xin chào bạn");
    BOOST_TEST(answer.fields.get("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(answer.fields.has("Date"));
    BOOST_TEST(answer.fields.has("X-Request-Id"));
  }
}

BOOST_AUTO_TEST_CASE(requests_sent_ahead_are_answered_in_order) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /m/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) BOOST_TEST(client.receive().body == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(bodies_arrive_small_and_streamed) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  BOOST_TEST(client.receive().body == "abcde");
  client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
  client.send(std::string(600'000, 'x'));
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(answer.body == "600000");
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.receive().status == 200);
}

BOOST_AUTO_TEST_CASE(blobs_and_texts_are_sent_as_one_body) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const auto blob = sample_blob(100'000)->read_all(200'000).value();
  client.send("GET /mixed HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST((client.receive().body ==
              "head " + blob.substr(10, 70'000) + std::string(50'000, 'x') + blob.substr(0, 5)));
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto large = sample_blob(std::uint64_t{24} << 20U)->read_all(std::uint64_t{1} << 30U);
  BOOST_TEST((client.receive().body == large.value()));
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_stays_inside) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(answer.body.find("secret") == std::string::npos);
  client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(!client.receive().fields.has("Set-Cookie"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

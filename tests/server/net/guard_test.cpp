#include <boost/test/unit_test.hpp>

#include "framing_vectors.hpp"
#include "raw_client.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

const std::string canary = "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n";

enum class Sending { whole, byte_by_byte };

/// Sends one vector with the canary behind it; the canary may run only behind what was served.
void check(TestSite& site, std::uint16_t port, const Vector& vector, Sending sending) {
  const int canaries_before = site.canary_runs;
  RawClient client(port);
  if (sending == Sending::whole) {
    client.send(vector.bytes + canary);
  } else {
    client.send_byte_by_byte(vector.bytes + canary);
  }
  const bool is_head = vector.bytes.starts_with("HEAD");
  const auto answer = client.receive(is_head);
  BOOST_TEST(answer.status == vector.status, vector.name << ": " << answer.status);
  if (answer.fields.get("Connection") == "close") {
    BOOST_TEST(client.is_closed(), vector.name);
    BOOST_TEST(site.canary_runs == canaries_before, vector.name);
  } else {
    // Served, or refused for what is asked and not for how: the next request is a request.
    BOOST_TEST((answer.status == 200 || answer.status == 405), vector.name);
    BOOST_TEST(client.receive().body == "canary", vector.name);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guard)

BOOST_AUTO_TEST_CASE(there_are_enough_vectors) {
  BOOST_TEST(framing_vectors().size() >= 65U);
}

BOOST_AUTO_TEST_CASE(each_vector_gets_its_status_and_never_runs_the_canary) {
  TestSite site;
  const auto server = site.serve();
  for (const auto& vector : framing_vectors()) {
    check(site, server->port(), vector, Sending::whole);
  }
}

BOOST_AUTO_TEST_CASE(each_vector_gets_the_same_byte_by_byte) {
  TestSite site;
  const auto server = site.serve();
  for (const auto& vector : framing_vectors()) {
    check(site, server->port(), vector, Sending::byte_by_byte);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

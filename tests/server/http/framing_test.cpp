#include <boost/test/unit_test.hpp>
#include <string>

#include "server/http/framing.hpp"
#include "server/http/problem.hpp"

namespace khochung::http {

BOOST_AUTO_TEST_SUITE(framing)

BOOST_AUTO_TEST_CASE(the_end_of_a_head_is_found_however_it_is_cut) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto all = head + "GET /next";
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    const auto first = find_head_end(all.substr(0, cut), 0, {}).value();
    BOOST_TEST(first == (cut < head.size() ? 0 : head.size()));
    if (first == 0) BOOST_TEST(find_head_end(all, cut, {}).value() == head.size());
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_no_head_has_are_refused_at_once) {
  for (const std::string head :
       {"GET / HTTP/1.1\n", "GET / HTTP/1.1\rHost", "GET /\x01", "\x16\x03\x01\x02", "GET /\x7F"}) {
    BOOST_TEST(!find_head_end(head, 0, {}).has_value(), head);
  }
  BOOST_TEST(!find_head_end(std::string("GET /\0", 6), 0, {}).has_value());
}

BOOST_AUTO_TEST_CASE(heads_that_grow_too_long_say_what_was_too_long) {
  const auto status = [](const std::string& received) {
    return status_of(find_head_end(received, 0, {}).error());
  };
  BOOST_TEST(status("GET /" + std::string(9'000, 'a')) == 414);
  BOOST_TEST(status("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'a')) == 431);
}

BOOST_AUTO_TEST_CASE(the_length_of_the_body_is_read) {
  const auto framing =
      check_framing("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  0042 \r\n\r\n", {}).value();
  BOOST_TEST(framing.content_length == 42);
  BOOST_TEST(framing.has_content_length);
  BOOST_TEST(!check_framing("GET / HTTP/1.1\r\nHost: a\r\n\r\n", {})->has_content_length);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

#include "server/http/traffic.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <thread>
#include <vector>

namespace khochung::http {

using std::chrono::microseconds;

BOOST_AUTO_TEST_SUITE(traffic)

BOOST_AUTO_TEST_CASE(a_request_counts_in_the_bucket_whose_end_it_does_not_pass) {
  RouteTraffic traffic;
  traffic.note(200, microseconds(0));
  traffic.note(206, microseconds(1'000));
  traffic.note(200, microseconds(1'001));
  traffic.note(200, microseconds(10'000'000));
  traffic.note(200, microseconds(10'000'001));
  traffic.note(404, microseconds(2'000'000));
  const auto found = traffic.histogram(2);
  BOOST_TEST(found.counts.front() == 2U);
  BOOST_TEST(found.counts[1] == 1U);
  BOOST_TEST(found.counts[RouteTraffic::bounds.size() - 1] == 1U);
  BOOST_TEST(found.counts.back() == 1U);
  BOOST_TEST(found.seconds == 20.002002, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(traffic.histogram(4).seconds == 2.0);
  BOOST_TEST(traffic.histogram(5).seconds == 0.0);
}

BOOST_AUTO_TEST_CASE(a_status_of_no_class_counts_somewhere) {
  RouteTraffic traffic;
  traffic.note(0, microseconds(1));
  traffic.note(999, microseconds(1));
  BOOST_TEST(traffic.histogram(1).counts.front() == 1U);
  BOOST_TEST(traffic.histogram(5).counts.front() == 1U);
}

BOOST_AUTO_TEST_CASE(no_request_of_many_threads_is_lost) {
  RouteTraffic traffic;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&traffic] {
        for (int k = 0; k < 10'000; ++k) traffic.note(200, microseconds(k));
      });
    }
  }
  const auto counts = traffic.histogram(2).counts;
  BOOST_TEST(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == 40'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

#include "indexer/pipeline/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

namespace khochung::pipeline {

BOOST_AUTO_TEST_SUITE(side_by_side)

BOOST_AUTO_TEST_CASE(each_number_is_done_once) {
  Places places(2);
  std::vector<std::atomic<int>> done(40);
  const auto outcome = places.each(done.size(), [&](std::size_t i) -> Result<void> {
    ++done[i];
    return {};
  });
  BOOST_TEST(outcome.has_value());
  BOOST_TEST(std::ranges::all_of(done, [](const auto& count) { return count == 1; }));
}

BOOST_AUTO_TEST_CASE(one_scan_takes_all_places) {
  Places places(2);
  std::barrier both(2);  // passed only when two are at work at once
  BOOST_TEST(places
                 .each(2,
                       [&](std::size_t) -> Result<void> {
                         both.arrive_and_wait();
                         return {};
                       })
                 .has_value());
}

BOOST_AUTO_TEST_CASE(two_scans_together_take_no_more_places_than_there_are) {
  Places places(2);
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  const auto read_a_scan = [&] {
    const auto outcome = places.each(50, [&](std::size_t) -> Result<void> {
      const int now = ++at_work;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --at_work;
      return {};
    });
    if (!outcome) ++most;
  };
  {
    const std::jthread first(read_a_scan);
    const std::jthread second(read_a_scan);
  }
  BOOST_TEST(most <= 2);
}

BOOST_AUTO_TEST_CASE(after_an_error_nothing_is_begun) {
  Places places(2);
  std::atomic<int> begun = 0;
  const auto outcome = places.each(1'000, [&](std::size_t) -> Result<void> {
    ++begun;
    return fail(ErrorCode::unavailable, "asked to stop");
  });
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().message == "asked to stop");
  BOOST_TEST(begun <= 3);
}

BOOST_AUTO_TEST_CASE(no_pages_are_no_work) {
  BOOST_TEST(Places(2)
                 .each(0, [](std::size_t) -> Result<void> { return fail(ErrorCode::corrupt, ""); })
                 .has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pipeline

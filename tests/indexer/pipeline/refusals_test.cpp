#include "indexer/pipeline/refusals.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::pipeline {

using enum Refusals::Part;

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(a_lane_without_work_does_not_hide_what_is_stuck) {
  for (const auto stuck : {quick_lane, slow_lane, ends}) {
    Refusals refusals;
    for (int i = 0; i < 3; ++i) {
      BOOST_TEST(!refusals.is_stuck());
      refusals.refused(stuck);
      for (const auto idle : {quick_lane, slow_lane, ends}) {
        if (idle != stuck) refusals.went_well(idle);
      }
    }
    BOOST_TEST(refusals.is_stuck());
    refusals.went_well(stuck);
    BOOST_TEST(!refusals.is_stuck());
  }
}

BOOST_AUTO_TEST_CASE(one_refusal_now_and_then_is_not_stuck) {
  Refusals refusals;
  for (int i = 0; i < 10; ++i) {
    refusals.refused(ends);
    refusals.refused(ends);
    refusals.went_well(ends);
  }
  BOOST_TEST(!refusals.is_stuck());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pipeline

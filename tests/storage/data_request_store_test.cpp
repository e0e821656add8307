#include "storage/accounts/data_request_store.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::storage {
namespace {

std::string due_after(const char* asked) {
  return to_rfc3339(answer_is_due(instant_from_rfc3339(asked).value()));
}

BOOST_AUTO_TEST_SUITE(data_requests)

BOOST_AUTO_TEST_CASE(an_answer_is_due_at_the_end_of_the_second_working_day) {
  // Asked on a Monday in Vietnam; the day ends there at 17:00 UTC.
  BOOST_TEST(due_after("2026-11-30T03:00:00Z") == "2026-12-02T17:00:00.000Z");
  // On a Thursday: Friday and Monday are the days.
  BOOST_TEST(due_after("2026-12-03T03:00:00Z") == "2026-12-07T17:00:00.000Z");
  // On a Friday evening in UTC it is Saturday in Vietnam.
  BOOST_TEST(due_after("2026-12-04T18:00:00Z") == "2026-12-08T17:00:00.000Z");
  BOOST_TEST(due_after("2026-12-06T03:00:00Z") == "2026-12-08T17:00:00.000Z");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace khochung::storage

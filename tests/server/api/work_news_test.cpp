#include "server/api/work_news.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::api {
namespace {

Instant at(const char* text) {
  return instant_from_rfc3339(text).value();
}

/// How much of one material is news, between two looks.
bool is_told(const WorkLine& line, const char* since, const char* until) {
  return news_since({line}, at(since), at(until)).size() == 1;
}

WorkLine waiting(const char* since, const char* due) {
  WorkLine line;
  line.since = at(since);
  line.due = due;
  return line;
}

BOOST_AUTO_TEST_SUITE(work_news)

BOOST_AUTO_TEST_CASE(what_came_since_the_last_look_is_told_once) {
  const auto line = waiting("2026-11-28T03:00:00Z", "");
  BOOST_TEST(is_told(line, "2026-11-28T02:00:00Z", "2026-11-28T04:00:00Z"));
  BOOST_TEST(!is_told(line, "2026-11-28T03:00:00Z", "2026-11-28T04:00:00Z"));
  BOOST_TEST(!is_told(line, "2026-11-28T04:00:00Z", "2099-01-01T00:00:00Z"));
}

BOOST_AUTO_TEST_CASE(it_is_told_again_on_the_morning_before_the_last_day) {
  const auto line = waiting("2026-11-01T03:00:00Z", "2026-12-10");
  // Seven in the morning in Vietnam is midnight in UTC.
  BOOST_TEST(is_told(line, "2026-12-08T23:45:00Z", "2026-12-09T00:00:00Z"));
  BOOST_TEST(!is_told(line, "2026-12-08T23:30:00Z", "2026-12-08T23:45:00Z"));
  BOOST_TEST(!is_told(line, "2026-12-09T00:00:00Z", "2026-12-10T23:59:00Z"));
}

BOOST_AUTO_TEST_CASE(and_on_the_morning_after_it) {
  const auto line = waiting("2026-11-01T03:00:00Z", "2026-12-10");
  BOOST_TEST(is_told(line, "2026-12-10T23:45:00Z", "2026-12-11T00:00:00Z"));
  BOOST_TEST(!is_told(line, "2026-12-11T00:00:00Z", "2027-12-11T00:00:00Z"));
}

BOOST_AUTO_TEST_CASE(what_has_no_last_day_is_told_once) {
  BOOST_TEST(!is_told(waiting("2026-11-01T03:00:00Z", ""), "2026-11-02T00:00:00Z",
                      "2030-01-01T00:00:00Z"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace khochung::api

#include "server/access/browser_family.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::access {

BOOST_AUTO_TEST_SUITE(browser_families)

BOOST_AUTO_TEST_CASE(browsers_that_say_they_are_others_are_known) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/130.0.0.0 Mobile Safari/537.36",
       "Chrome, Android"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
       "Edge, Windows"},
      {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/130 "
       "Chrome/124.0.0.0 Safari/537.36",
       "Cốc Cốc, Windows"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
       "Safari, iPhone"},
      {"Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/130.0 Mobile Zalo android/2401",
       "Zalo, Android"},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"},
      {"curl/7.88.1", "curl"}};
  for (const auto& [field, family] : rows) BOOST_TEST(browser_family(field) == family);
}

BOOST_AUTO_TEST_CASE(nothing_of_an_unknown_field_is_kept) {
  BOOST_TEST(browser_family("").empty());
  BOOST_TEST(browser_family("<b>my own program</b>").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::access

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "samples.hpp"

namespace khochung::pages {

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(every_page_is_made_in_both_languages) {
  for (const auto language : {Language::vietnamese, Language::english}) {
    for (const auto& [name, html] : all_pages(language)) {
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(html.starts_with("<!DOCTYPE html>"));
        BOOST_TEST(html.find("</html>") != std::string::npos);
        BOOST_TEST(html.find("<h1>") != std::string::npos);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pages

#include "server/delivery/atom.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "server/delivery/xml.hpp"

namespace khochung::delivery {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

AtomFeed sample_feed() {
  AtomFeed feed;
  feed.id = "urn:uuid:1";
  feed.title = "Mới công bố";
  feed.author = "Công đoàn";
  feed.language = "vi";
  AtomEntry entry;
  entry.id = "urn:uuid:2";
  entry.title = "Một <hai> & \"ba\"\x01\x0B";
  entry.updated = instant_from_rfc3339("2026-05-01T01:02:03.004Z").value();
  entry.links.push_back({"enclosure", "https://kho.example.vn/a?b=1&c=\"", "image/jpeg", "", 12});
  feed.entries.push_back(entry);
  return feed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(atom)

BOOST_AUTO_TEST_CASE(names_have_one_urn_each_and_keep_it) {
  // A reader takes an entry whose id changed for a new one.
  BOOST_TEST(named_urn("kit 1 version 2") == "urn:uuid:07a0b936-9f84-8031-923d-dea7d734d95b");
  BOOST_TEST(named_urn("a") != named_urn("b"));
  const auto urn = named_urn("tin");
  BOOST_TEST(urn.size() == 45U);
  BOOST_TEST(urn[9 + 14] == '8');
  BOOST_TEST(has("89ab", urn.substr(9 + 19, 1)));
}

BOOST_AUTO_TEST_CASE(what_people_write_stays_text) {
  const auto document = to_xml(sample_feed());
  BOOST_TEST(has(document, "<title>Một &lt;hai&gt; &amp; \"ba\"</title>"));
  BOOST_TEST(has(document, "href=\"https://kho.example.vn/a?b=1&amp;c=&quot;\" length=\"12\""));
  BOOST_TEST(document.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
}

BOOST_AUTO_TEST_CASE(a_feed_is_as_old_as_its_newest_entry) {
  auto feed = sample_feed();
  feed.entries.push_back(feed.entries.front());
  feed.entries.back().updated = instant_from_rfc3339("2026-06-01T00:00:00Z").value();
  BOOST_TEST(to_rfc3339(feed.updated()) == "2026-06-01T00:00:00.000Z");
  BOOST_TEST(to_rfc3339(AtomFeed().updated()) == "1970-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(xml_loses_only_what_it_cannot_hold) {
  BOOST_TEST(xml_text(std::string_view("a\0b\x1F\tc\r\n", 8)) == "ab\tc\r\n");
  BOOST_TEST(xml_text("Thỏa ước \xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD") == "Thỏa ước \xEF\xBF\xBD");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::delivery

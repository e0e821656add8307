#include "server/delivery/sitemap.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace khochung::delivery {
namespace {

const std::string origin = "https://kho.example.vn";

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

UnitTree sample_tree(UnitId id) {
  Unit unit;
  unit.id = id;
  unit.number = 1;
  unit.code = "tld";
  unit.name_vi = "Tổng Liên đoàn";
  return UnitTree::make({unit}).value();
}

storage::CatalogueEntry open_entry(UnitId unit) {
  storage::CatalogueEntry entry;
  entry.material.id = MaterialId::make();
  entry.material.unit = unit;
  entry.material.visibility = Visibility::public_;
  entry.material.state = State::published;
  entry.material.created_at = now();
  return entry;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sitemaps)

BOOST_AUTO_TEST_CASE(thirty_million_materials_fit_the_index_and_each_has_one_sitemap) {
  constexpr std::int64_t newest = 30'000'000;
  const auto index = sitemap_index(origin, newest);
  BOOST_TEST(count_of(index, "<sitemap>") == 6'000U);
  BOOST_TEST(count_of(index, "<sitemap>") <= 50'000U);
  std::int64_t next = 1;
  for (int n = 1; n <= 6'000; ++n) {
    const auto range = sitemap_range(std::to_string(n), newest).value();
    BOOST_TEST_REQUIRE(range.first == next);
    BOOST_TEST_REQUIRE(range.last - range.first < 49'999);
    next = range.last + 1;
  }
  BOOST_TEST(next == newest + 1);
  BOOST_TEST(!sitemap_range("6001", newest).has_value());
  BOOST_TEST(sitemap_range("6001", newest + 1).has_value());
}

BOOST_AUTO_TEST_CASE(a_number_that_is_none_has_no_sitemap) {
  for (const auto* bad : {"", "0", "-1", "x", "1x", "99999999999999999999", " 1"})
    BOOST_TEST((sitemap_range(bad, 10).error().code == ErrorCode::not_found), bad);
  BOOST_TEST(sitemap_range("1", 0).has_value());
  BOOST_TEST(count_of(sitemap_index(origin, 0), "<sitemap>") == 1U);
}

BOOST_AUTO_TEST_CASE(only_what_everybody_may_see_stands_there) {
  const auto unit = UnitId::make();
  const auto tree = sample_tree(unit);
  std::vector<storage::CatalogueEntry> entries(7, open_entry(unit));
  for (auto& entry : entries) entry.material.id = MaterialId::make();
  entries[1].material.visibility = Visibility::press;
  entries[2].material.state = State::withdrawn;
  entries[3].material.state = State::draft;
  entries[4].material.sensitivity = Sensitivity::internal;
  entries[5].material.embargo_until = now() + std::chrono::hours(1);
  entries[6].material.embargo_until = now() - std::chrono::hours(1);
  const auto before = sitemap(origin, entries, tree, now());
  BOOST_TEST(count_of(before, "<loc>") == 3U);
  BOOST_TEST(count_of(before, "<loc>https://kho.example.vn/</loc>") == 1U);
  for (const std::size_t open : {0U, 6U})
    BOOST_TEST(count_of(before, "/m/" + entries[open].material.id.text() + "</loc>") == 1U);
  const auto after = sitemap(origin, entries, tree, now() + std::chrono::hours(2));
  BOOST_TEST(count_of(after, "<loc>") == 4U);
  BOOST_TEST(count_of(sitemap(origin, {}, tree, now()), "<loc>") == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::delivery

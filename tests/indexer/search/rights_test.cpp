#include <boost/test/unit_test.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "schemas/access/policy.hpp"
#include "tests/indexer/search/archive.hpp"

namespace khochung::search {
namespace {

using access::AccountKind;
using access::Role;
using access::Viewer;

constexpr UnitNumber units_in_all = 100;

UnitTree random_tree(std::mt19937& random) {
  std::vector<Unit> units;
  for (UnitNumber number = 1; number <= units_in_all; ++number) {
    Unit unit;
    unit.id = UnitId::make();
    unit.number = number;
    unit.code = "u" + std::to_string(number);
    unit.name_vi = unit.code;
    if (!units.empty()) unit.parent = units[random() % units.size()].id;
    units.push_back(std::move(unit));
  }
  return UnitTree::make(std::move(units)).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rights)

BOOST_AUTO_TEST_CASE(the_index_finds_exactly_what_the_policy_lets_read) {
  std::mt19937 random(281126);  // NOLINT: the same cases in every run
  const auto below = [&](std::size_t n) { return random() % n; };
  const auto tree = random_tree(random);
  const auto any_unit = [&] { return static_cast<UnitNumber>(1 + below(units_in_all)); };
  const std::vector<std::string> names{"", "an", "binh", "bao"};
  Archive archive;
  std::vector<std::pair<MaterialId, access::Standing>> materials;
  for (int i = 0; i < 400; ++i) {
    auto document = Archive::document("tin " + std::to_string(i), "nội dung");
    auto& standing = document.standing;
    standing = {any_unit(),
                static_cast<Visibility>(below(6)),
                static_cast<State>(below(5)),
                static_cast<Sensitivity>(below(3)),
                std::nullopt,
                names[below(4)],
                {}};
    if (below(3) == 0) standing.embargo_until = noon + std::chrono::hours(below(2) == 0 ? 1 : -1);
    if (below(3) == 0) standing.press_recipients = {"bao"};
    document.material.state = standing.state;
    materials.emplace_back(archive.put(document), standing);
  }
  std::size_t found_in_all = 0;
  for (int i = 0; i < 300; ++i) {
    Viewer viewer{static_cast<AccountKind>(below(3)), names[below(4)], {}};
    if (viewer.kind == AccountKind::union_person) {
      for (auto grants = below(4); grants > 0; --grants)
        viewer.grants.push_back({static_cast<Role>(below(6)), any_unit()});
    }
    SearchRequest request;
    request.limit = 1'000;
    request.rights = access::filter_for(viewer, tree, noon);
    std::set<MaterialId> found, allowed;
    for (const auto& hit : archive.search(request).hits) found.insert(hit.id);
    for (const auto& [id, standing] : materials) {
      if (access::may(viewer, access::Action::read, standing, tree, noon)) allowed.insert(id);
    }
    BOOST_REQUIRE(found == allowed);
    found_in_all += found.size();
  }
  BOOST_TEST(found_in_all > 5'000U);
}

BOOST_AUTO_TEST_CASE(what_is_kept_of_one_commit_tells_nothing_of_the_next) {
  Archive archive;
  std::vector<index::IndexDocument> documents;
  for (int i = 0; i < 300; ++i) {
    documents.push_back(Archive::document("tin " + std::to_string(i), "nội dung"));
    archive.put(documents.back());
  }
  const auto found = [&] { return archive.search("noi dung").total; };
  BOOST_TEST(found() == 300);
  BOOST_TEST(found() == 300);
  for (std::size_t i = 0; i < 300; i += 3) {
    documents[i].standing.visibility = documents[i].material.visibility = Visibility::private_;
    archive.put(documents[i]);
  }
  BOOST_TEST(found() == 200);
  for (std::size_t i = 0; i < 300; i += 3) archive.remove(documents[i].material.id);
  BOOST_TEST(found() == 200);
  documents[1].standing.embargo_until = documents[1].material.embargo_until =
      noon + std::chrono::hours(1);
  archive.put(documents[1]);
  BOOST_TEST(found() == 199);
  BOOST_TEST(found() == 199);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::search

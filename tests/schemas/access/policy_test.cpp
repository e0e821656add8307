#include "schemas/access/policy.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <vector>

namespace khochung::access {
namespace {

const Instant noon = instant_from_rfc3339("2026-11-23T12:00:00Z").value();

Unit make_unit(UnitNumber number, const std::vector<Unit>& before, std::size_t parent) {
  Unit unit;
  unit.id = UnitId::make();
  unit.number = number;
  unit.code = "u" + std::to_string(number);
  unit.name_vi = "Đơn vị " + std::to_string(number);
  if (!before.empty()) unit.parent = before[parent].id;
  return unit;
}

/// 1 is the Confederation; 2 and 3 stand beneath it; 4 beneath 2.
UnitTree small_tree() {
  std::vector<Unit> units;
  units.push_back(make_unit(1, units, 0));
  units.push_back(make_unit(2, units, 0));
  units.push_back(make_unit(3, units, 0));
  units.push_back(make_unit(4, units, 1));
  return UnitTree::make(units).value();
}

Viewer person(Role role, UnitNumber unit) {
  return {AccountKind::union_person, "an", {{role, unit}}};
}
const Viewer journalist{AccountKind::press, "bao", {}};

Standing published(Visibility visibility) {
  return {2, visibility, State::published, Sensitivity::open, std::nullopt, "binh", {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy)

BOOST_AUTO_TEST_CASE(published_material_of_unit_2_is_read_as_the_table_says) {
  const auto tree = small_tree();
  struct Row {
    Visibility visibility;
    bool anonymous, press, reader_of_1, reader_of_2, reader_of_3, reader_of_4, administrator_of_2;
  };
  using enum Visibility;
  const std::vector<Row> rows{
      {public_, true, true, true, true, true, true, true},
      {press, false, true, true, true, true, true, true},
      {union_, false, false, true, true, true, true, true},
      {branch, false, false, true, true, false, true, true},
      {unit, false, false, true, true, false, false, true},
      {private_, false, false, false, false, false, false, true},
  };
  const auto reads = [&](const Viewer& viewer, Visibility visibility) {
    return may(viewer, Action::read, published(visibility), tree, noon);
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(to_text(row.visibility)) {
      BOOST_TEST(reads(Viewer::anonymous(), row.visibility) == row.anonymous);
      BOOST_TEST(reads(journalist, row.visibility) == row.press);
      BOOST_TEST(reads(person(Role::reader, 1), row.visibility) == row.reader_of_1);
      BOOST_TEST(reads(person(Role::reader, 2), row.visibility) == row.reader_of_2);
      BOOST_TEST(reads(person(Role::reader, 3), row.visibility) == row.reader_of_3);
      BOOST_TEST(reads(person(Role::reader, 4), row.visibility) == row.reader_of_4);
      BOOST_TEST(reads(person(Role::administrator, 2), row.visibility) == row.administrator_of_2);
    }
  }
}

BOOST_AUTO_TEST_CASE(below_published_only_creator_and_contributors_of_the_branch_read) {
  const auto tree = small_tree();
  auto draft = published(Visibility::public_);
  draft.state = State::draft;
  const auto reads = [&](const Viewer& viewer) {
    return may(viewer, Action::read, draft, tree, noon);
  };
  BOOST_TEST(!reads(Viewer::anonymous()));
  BOOST_TEST(!reads(person(Role::reader, 2)));
  BOOST_TEST(reads(person(Role::contributor, 1)));
  BOOST_TEST(!reads(person(Role::administrator, 3)));
  BOOST_TEST(reads(Viewer{AccountKind::union_person, "binh", {}}));
}

BOOST_AUTO_TEST_CASE(before_its_instant_an_embargo_leaves_editors_and_named_journalists) {
  const auto tree = small_tree();
  auto release = published(Visibility::public_);
  release.embargo_until = noon + std::chrono::hours(1);
  const auto reads = [&](const Viewer& viewer, Instant at) {
    return may(viewer, Action::read, release, tree, at);
  };
  BOOST_TEST(!reads(Viewer::anonymous(), noon));
  BOOST_TEST(!reads(person(Role::archivist, 2), noon));
  BOOST_TEST(reads(person(Role::editor, 2), noon));
  BOOST_TEST(!reads(journalist, noon));
  release.press_recipients = {"bao"};
  BOOST_TEST(reads(journalist, noon));
  BOOST_TEST(reads(Viewer::anonymous(), noon + std::chrono::hours(1)));
}

BOOST_AUTO_TEST_CASE(what_is_in_quarantine_is_read_by_nobody) {
  const auto tree = small_tree();
  auto secret = published(Visibility::public_);
  secret.sensitivity = Sensitivity::quarantined;
  BOOST_TEST(!may(person(Role::administrator, 1), Action::read, secret, tree, noon));
  BOOST_TEST(may(person(Role::administrator, 1), Action::administer, secret, tree, noon));
}

BOOST_AUTO_TEST_CASE(contributors_create_and_archivists_publish_in_their_branch) {
  const auto tree = small_tree();
  const auto standing = published(Visibility::unit);
  BOOST_TEST(!may(person(Role::reader, 2), Action::create, standing, tree, noon));
  BOOST_TEST(may(person(Role::contributor, 2), Action::create, standing, tree, noon));
  BOOST_TEST(!may(person(Role::contributor, 4), Action::create, standing, tree, noon));
  BOOST_TEST(!may(person(Role::contributor, 2), Action::publish, standing, tree, noon));
  BOOST_TEST(may(person(Role::archivist, 1), Action::publish, standing, tree, noon));
}

BOOST_AUTO_TEST_CASE(the_search_filter_says_what_the_policy_says_over_random_cases) {
  std::mt19937 random(20261123);  // NOLINT: the same cases in every run
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::vector<std::string> names{"", "an", "binh", "bao"};
  std::size_t readable = 0;
  std::size_t cases = 0;
  for (int trees = 0; trees < 200; ++trees) {
    std::vector<Unit> units;
    const auto count = 1 + below(12);
    while (units.size() < count) {
      units.push_back(make_unit(static_cast<UnitNumber>(units.size() + 1), units,
                                units.empty() ? 0 : below(units.size())));
    }
    const auto tree = UnitTree::make(units).value();
    const auto any_unit = [&] { return static_cast<UnitNumber>(1 + below(count)); };
    for (int viewers = 0; viewers < 20; ++viewers) {
      Viewer viewer{static_cast<AccountKind>(below(3)), names[below(4)], {}};
      if (viewer.kind == AccountKind::union_person) {
        for (auto grants = below(3); grants > 0; --grants)
          viewer.grants.push_back({static_cast<Role>(below(6)), any_unit()});
      }
      const auto filter = filter_for(viewer, tree, noon);
      for (int materials = 0; materials < 50; ++materials) {
        Standing standing{any_unit(),
                          static_cast<Visibility>(below(6)),
                          static_cast<State>(below(5)),
                          static_cast<Sensitivity>(below(4)),
                          std::nullopt,
                          names[below(4)],
                          {}};
        if (below(3) == 0)
          standing.embargo_until = noon + std::chrono::hours(below(2) == 0 ? 1 : -1);
        if (below(3) == 0) standing.press_recipients = {"bao"};
        const bool allowed = may(viewer, Action::read, standing, tree, noon);
        BOOST_REQUIRE_EQUAL(passes(filter, standing), allowed);
        readable += allowed ? 1 : 0;
        ++cases;
      }
    }
  }
  BOOST_TEST(cases == 200'000U);
  BOOST_TEST(readable > cases / 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::access

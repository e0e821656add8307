#include "schemas/unit_tree.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "schemas/unit_changes.hpp"

namespace khochung {
namespace {

Unit make_unit(UnitNumber number, const std::string& code, const Unit* parent) {
  Unit unit;
  unit.id = UnitId::make();
  unit.number = number;
  unit.code = code;
  unit.name_vi = "Công đoàn " + code;
  if (parent != nullptr) unit.parent = parent->id;
  return unit;
}

/// The Confederation; three provinces; a district in the first; two grassroots unions in it.
struct Before2025 {
  Unit top = make_unit(1, "tld", nullptr);
  Unit ninh_binh = make_unit(2, "ninh-binh", &top);
  Unit ha_nam = make_unit(3, "ha-nam", &top);
  Unit nam_dinh = make_unit(4, "nam-dinh", &top);
  Unit district = make_unit(5, "binh-luc", &ha_nam);
  Unit factory = make_unit(6, "nha-may", &district);
  Unit school = make_unit(7, "truong", &district);

  [[nodiscard]] std::vector<Unit> all() const {
    return {top, ninh_binh, ha_nam, nam_dinh, district, factory, school};
  }
  [[nodiscard]] UnitTree tree(std::string_view day = {}) const {
    return UnitTree::make(all(), day).value();
  }
};

/// The tree after some units were replaced.
UnitTree with(const UnitTree& tree, const std::vector<Unit>& changed, std::string_view day) {
  std::vector<Unit> units;
  for (const auto& unit : tree.units()) {
    const auto row = std::ranges::find(changed, unit.id, &Unit::id);
    units.push_back(row == changed.end() ? unit : *row);
  }
  return UnitTree::make(units, day).value();
}

std::set<UnitNumber> numbers(std::span<const UnitNumber> list) {
  return {list.begin(), list.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unit_tree)

BOOST_AUTO_TEST_CASE(a_random_tree_answers_as_a_walk_over_its_parents_does) {
  std::mt19937 random(281126);  // NOLINT: the same trees in every run
  for (int trees = 0; trees < 100; ++trees) {
    std::vector<Unit> units{make_unit(1, "u1", nullptr)};
    const auto count = 2 + random() % 60;
    // Numbers have gaps, as where units came from another archive.
    for (UnitNumber number = 2; units.size() < count;
         number += 1 + static_cast<UnitNumber>(random() % 3))
      units.push_back(
          make_unit(number, "u" + std::to_string(number), &units[random() % units.size()]));
    std::ranges::shuffle(units, random);
    const auto tree = UnitTree::make(units).value();
    const auto is_beneath = [&](const Unit* unit, const Unit& above) {
      while (unit != nullptr && unit->id != above.id)
        unit = unit->parent ? tree.find(*unit->parent) : nullptr;
      return unit != nullptr;
    };
    for (const auto& above : units) {
      std::set<UnitNumber> beneath;
      for (const auto& unit : units) {
        BOOST_REQUIRE_EQUAL(tree.is_within(unit.number, above.number), is_beneath(&unit, above));
        if (is_beneath(&unit, above)) beneath.insert(unit.number);
      }
      BOOST_REQUIRE((numbers(tree.branch(above.number)) == beneath));
      BOOST_REQUIRE_EQUAL(tree.branch(above.number).front(), above.number);
      BOOST_REQUIRE((numbers(tree.branch_set(above.number).numbers()) == beneath));
      for (const Unit* child : tree.children_of(above.number))
        BOOST_REQUIRE((child->parent == above.id));
      BOOST_REQUIRE_EQUAL(tree.find(above.code)->number, above.number);
      BOOST_REQUIRE_EQUAL(tree.find(above.id.text())->number, above.number);
      BOOST_REQUIRE_EQUAL(tree.chain_above(above.number).back(), 1U);
    }
    BOOST_TEST(tree.find(UnitNumber{100'000}) == nullptr);
    BOOST_TEST(!tree.is_within(100'000, 1));
    BOOST_TEST(tree.branch(100'000).empty());
    BOOST_TEST(tree.root()->number == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_tree_with_a_circle_a_double_or_without_a_parent_is_refused) {
  const Before2025 before;
  auto circle = before.all();
  circle[2].parent = before.factory.id;
  BOOST_TEST(!UnitTree::make(circle).has_value());
  for (const auto& spoil : std::vector<void (*)(Unit&, const Unit&)>{
           [](Unit& unit, const Unit& other) { unit.id = other.id; },
           [](Unit& unit, const Unit& other) { unit.number = other.number; },
           [](Unit& unit, const Unit& other) { unit.code = other.code; },
           [](Unit& unit, const Unit&) { unit.parent = UnitId::make(); }}) {
    auto units = before.all();
    spoil(units[6], units[5]);
    BOOST_TEST(!UnitTree::make(units).has_value());
  }
}

BOOST_AUTO_TEST_CASE(merged_provinces_go_into_one_with_all_that_stood_beneath_them) {
  const Before2025 before;
  const UnitChange merge{UnitChange::Action::merge,
                         "2025-07-01",
                         {before.ninh_binh.id, before.ha_nam.id, before.nam_dinh.id},
                         {before.ninh_binh.id}};
  const auto changed = changed_by(before.tree(), merge).value();
  BOOST_REQUIRE(changed.size() == 2U);
  BOOST_TEST(changed[0].valid_to == "2025-06-30");
  BOOST_TEST((changed[0].successors == std::vector{before.ninh_binh.id}));
  // The day before nothing has changed; from the day on the new province has all of it.
  const auto eve = with(before.tree(), changed, "2025-06-30");
  BOOST_TEST(!eve.is_within(before.factory.number, before.ninh_binh.number));
  BOOST_TEST(!eve.is_closed(*eve.find(before.ha_nam.id)));
  const auto after = with(before.tree(), changed, "2025-07-01");
  BOOST_TEST(after.is_within(before.factory.number, before.ninh_binh.number));
  BOOST_TEST(after.is_within(before.ha_nam.number, before.ninh_binh.number));
  BOOST_TEST(after.is_closed(*after.find(before.ha_nam.id)));
  BOOST_TEST(after.predecessors_of(*after.find(before.ninh_binh.id)).size() == 2U);
  // The districts end; what stood beneath them is the province's all the same.
  const UnitChange close{
      UnitChange::Action::close, "2025-07-01", {before.district.id}, {before.ninh_binh.id}};
  const auto three_levels = with(after, changed_by(after, close).value(), "2026-01-01");
  BOOST_TEST(three_levels.is_closed(*three_levels.find(before.district.id)));
  BOOST_TEST(three_levels.is_within(before.school.number, before.ninh_binh.number));
  // It is found from today's province that the district went into, and what went into the district.
  BOOST_TEST(three_levels.predecessors_of(*three_levels.find(before.ninh_binh.id)).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_split_unit_leaves_its_papers_to_who_is_above_it) {
  const Before2025 before;
  const auto changed = changed_by(before.tree(), {UnitChange::Action::split,
                                                  "2025-07-01",
                                                  {before.district.id},
                                                  {before.ninh_binh.id, before.nam_dinh.id}})
                           .value();
  const auto after = with(before.tree(), changed, "2025-07-01");
  BOOST_TEST(after.is_within(before.district.number, before.ha_nam.number));
  BOOST_TEST(!after.is_within(before.district.number, before.ninh_binh.number));
  BOOST_TEST(after.predecessors_of(*after.find(before.nam_dinh.id)).front()->code == "binh-luc");
}

BOOST_AUTO_TEST_CASE(decisions_that_cannot_hold_are_refused) {
  using enum UnitChange::Action;
  const Before2025 before;
  const auto tree = before.tree();
  const auto refusal = [&](const UnitChange& change) {
    return changed_by(tree, change).error().code;
  };
  const auto district = before.district.id;
  const auto province = before.ha_nam.id;
  BOOST_TEST((refusal({move, "2025-02-30", {district}, {before.top.id}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({move, "", {district}, {before.top.id}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({move, "2025-07-01", {district}, {}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({merge, "2025-07-01", {}, {province}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({merge, "2025-07-01", {province}, {province}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({split, "2025-07-01", {district}, {province}}) == ErrorCode::bad_input));
  BOOST_TEST((refusal({close, "2025-07-01", {UnitId::make()}, {}}) == ErrorCode::not_found));
  BOOST_TEST((refusal({close, "2025-07-01", {before.top.id}, {}}) == ErrorCode::conflict));
  // Beneath itself.
  BOOST_TEST(
      (refusal({move, "2025-07-01", {province}, {before.factory.id}}) == ErrorCode::conflict));
  BOOST_TEST(
      (refusal({merge, "2025-07-01", {province}, {before.factory.id}}) == ErrorCode::conflict));
  const auto moved =
      with(tree, changed_by(tree, {move, "2025-07-01", {district}, {before.nam_dinh.id}}).value(),
           "2026-01-01");
  BOOST_TEST((changed_by(moved, {move, "2025-06-01", {district}, {province}}).error().code ==
              ErrorCode::conflict));
  const auto closed =
      with(tree, changed_by(tree, {close, "2025-07-01", {district}, {}}).value(), "2026-01-01");
  BOOST_TEST((changed_by(closed, {close, "2026-01-01", {district}, {}}).error().code ==
              ErrorCode::conflict));
  BOOST_TEST(
      (changed_by(closed, {move, "2026-01-01", {before.school.id}, {district}}).error().code ==
       ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(a_unit_comes_back_from_its_record_as_it_was) {
  const Before2025 before;
  auto unit = before.district;
  unit.kind = UnitKind::territorial;
  unit.moves = {{"2025-07-01", before.nam_dinh.id}};
  unit.members_by_year = {{2024, 1'200}, {2025, 1'350}};
  unit.contact.telephone = "0226 000 000";
  unit.valid_to = "2025-06";
  BOOST_TEST((unit_from_json(to_json(unit)).value() == unit));
  BOOST_TEST(!unit.is_closed_on("2025-06-30"));
  BOOST_TEST(unit.is_closed_on("2025-07-01"));
  // What older programs wrote has none of it, and stays as it was.
  BOOST_TEST(!to_json(before.school).as_object().contains("moves"));
  for (const auto* spoilt : {R"({"from":"2025","parent":"01940000-0000-7000-8000-000000000001"})",
                             R"({"from":"2025-07-01","parent":"?"})"}) {
    auto json = to_json(unit).as_object();
    json["moves"] = boost::json::array{boost::json::parse(spoilt)};
    BOOST_TEST(!unit_from_json(json).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_hundred_and_thirty_thousand_units_are_a_tree_at_once) {
  std::vector<Unit> units{make_unit(1, "tld", nullptr)};
  while (units.size() < 130'000) {
    const auto number = static_cast<UnitNumber>(units.size() + 1);
    const std::size_t parent = number <= 84      ? 0
                               : number <= 2'000 ? number % 83 + 1
                                                 : number % 1'900 + 90;
    units.push_back(make_unit(number, "u" + std::to_string(number), &units[parent]));
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto tree = UnitTree::make(units).value();
  const auto drawn = std::chrono::steady_clock::now() - begun;
  BOOST_TEST(tree.branch(1).size() == units.size());
  std::size_t within = 0;
  const auto asked = std::chrono::steady_clock::now();
  for (UnitNumber number = 1; number <= units.size(); ++number)
    within += tree.is_within(number, 2) ? 1 : 0;
  const auto answered = std::chrono::steady_clock::now() - asked;
  BOOST_TEST(within == tree.branch(2).size());
  BOOST_TEST((drawn < std::chrono::seconds(5)));
  BOOST_TEST((answered < std::chrono::seconds(1)));
  BOOST_TEST_MESSAGE("drawn in " << drawn / std::chrono::milliseconds(1) << " ms, asked in "
                                 << answered / std::chrono::milliseconds(1) << " ms");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung

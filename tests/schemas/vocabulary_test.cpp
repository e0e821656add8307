#include "schemas/vocabulary.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "schemas/bulk_edit.hpp"

using namespace khochung;

BOOST_AUTO_TEST_SUITE(vocabulary)

BOOST_AUTO_TEST_CASE(what_the_program_brings_is_well_formed_and_survives_a_record) {
  for (const auto& info : vocabularies) {
    const auto shipped = shipped_vocabulary(info.name);
    BOOST_TEST(!shipped.concepts.empty(), info.name);
    const boost::json::value json = to_json(shipped);
    const auto again = vocabulary_from_json(info.name, json);
    BOOST_TEST_REQUIRE(again.has_value(), info.name);
    BOOST_TEST((*again == shipped), info.name);
    BOOST_TEST(may_follow(shipped, *again).has_value());
  }
  BOOST_TEST(shipped_vocabulary("no_such").concepts.empty());
}

BOOST_AUTO_TEST_CASE(each_concept_stands_once_and_after_its_wider_one) {
  const auto shipped = shipped_vocabulary("audience");
  const auto placed = in_tree_order(shipped);
  BOOST_TEST(placed.size() == shipped.concepts.size());
  for (auto one = placed.begin(); one != placed.end(); ++one) {
    const auto& broader = one->entry->broader;
    const auto above = std::find_if(placed.begin(), one,
                                    [&](const auto& other) { return other.entry->id == broader; });
    BOOST_TEST((broader.empty() ? one->depth == 0 : above != one && one->depth > above->depth));
  }
}

BOOST_AUTO_TEST_CASE(what_is_narrower_and_wider_is_found_at_any_depth) {
  Vocabulary words{"themes", {}};
  for (const auto& [id, broader] :
       {std::pair("a", ""), {"b", "a"}, {"c", "b"}, {"d", "a"}, {"e", ""}}) {
    words.concepts.emplace_back();
    words.concepts.back().id = id;
    words.concepts.back().broader = broader;
  }
  using Ids = std::vector<std::string>;
  BOOST_TEST((with_narrower(words, "a") == Ids{"a", "b", "d", "c"}));
  BOOST_TEST((with_narrower(words, "e") == Ids{"e"}));
  BOOST_TEST((with_narrower(words, "no_such") == Ids{"no_such"}));
  BOOST_TEST((with_wider(words, "c") == Ids{"c", "b", "a"}));
  BOOST_TEST((with_wider(words, "no_such") == Ids{"no_such"}));
}

BOOST_AUTO_TEST_CASE(turtle_lets_no_text_end_its_quotes) {
  Vocabulary words{"themes", {}};
  words.concepts.emplace_back();
  words.concepts.back().id = "a";
  words.concepts.back().label = {"Nói \"thật\" \\ hay", ""};
  words.concepts.back().note = {"một\nhai\x01", ""};
  const auto turtle = to_turtle(words);
  BOOST_TEST(turtle.find(R"("Nói \"thật\" \\ hay"@vi)") != std::string::npos);
  BOOST_TEST(turtle.find(R"("một\u000Ahai\u0001"@vi)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(labels_fall_back_to_vietnamese) {
  const Words words{"Kỹ năng số", ""};
  BOOST_TEST(words.in(Language::english) == "Kỹ năng số");
}

BOOST_AUTO_TEST_CASE(no_concept_goes) {
  const auto before = shipped_vocabulary("formats");
  auto after = before;
  after.concepts.pop_back();
  const auto gone = may_follow(before, after);
  BOOST_TEST_REQUIRE(!gone.has_value());
  BOOST_TEST(gone.error().reason == "concept_kept");
}

BOOST_AUTO_TEST_CASE(the_record_of_a_bulk_edit_names_fields_and_no_values) {
  BulkEdit edit;
  edit.id = Uuid::make();
  edit.state = BulkState::undoing;
  edit.by = "lan";
  edit.changes["credit"] = "Nguyễn Thị Hoa";
  edit.items.push_back({MaterialId::make(), 3, 4, "changed", 5, "undone"});
  const auto json = to_json(edit);
  BOOST_TEST(boost::json::serialize(json).find("Hoa") == std::string::npos);
  auto again = bulk_edit_from_json(json);
  BOOST_TEST_REQUIRE(again.has_value());
  edit.changes["credit"] = nullptr;
  BOOST_TEST((*again == edit));
}

BOOST_AUTO_TEST_CASE(fields_that_tell_one_from_another_are_not_for_many) {
  for (const auto* name :
       {"title", "number", "state", "group", "hold", "notice", "press_recipients", "x"})
    BOOST_TEST(!is_bulk_field(name), name);
  BOOST_TEST(is_bulk_field("theme"));
}

BOOST_AUTO_TEST_SUITE_END()

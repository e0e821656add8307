#include "server/access/claim_grants.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace khochung::access {
namespace {

boost::json::object claims_in(std::string_view text) {
  return boost::json::parse(text).get_object();
}

Unit unit(UnitNumber number, std::string code) {
  Unit made;
  made.id = UnitId::make();
  made.number = number;
  made.code = std::move(code);
  made.name_vi = made.code;
  return made;
}

const UnitTree& tree() {
  static const auto made = [] {
    auto root = unit(1, "tld");
    auto below = unit(2, "ldld-hn");
    below.parent = root.id;
    return UnitTree::make(std::vector{root, below}).value();
  }();
  return made;
}

std::string text_of(const std::vector<storage::AccountGrant>& grants) {
  std::string text;
  for (const auto& grant : grants)
    text += std::string(to_text(grant.role)) + " " + tree().find(grant.unit)->code + "; ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(claim_grants)

BOOST_AUTO_TEST_CASE(a_claim_is_a_text_or_a_list_by_its_name_or_by_its_path) {
  const auto claims = claims_in(R"({"a": "x", "b": ["x", 1, null, "y"], "c": {"d": {"e": ["z"]}},
    "http://schemas.example.vn/Group": "g", "f.g": "literal", "f": {"g": "nested"}, "h": {"x": 1}})");
  using Values = std::vector<std::string>;
  BOOST_TEST(claim_values(claims, "a") == Values{"x"});
  BOOST_TEST((claim_values(claims, "b") == Values{"x", "y"}));
  BOOST_TEST(claim_values(claims, "c.d.e") == Values{"z"});
  BOOST_TEST(claim_values(claims, "http://schemas.example.vn/Group") == Values{"g"});
  BOOST_TEST(claim_values(claims, "f.g") == Values{"literal"});
  for (const auto* none : {"h", "c.d", "c..d", ".", "", "a.b", "z"})
    BOOST_TEST(claim_values(claims, none).empty());
}

BOOST_AUTO_TEST_CASE(rules_give_rights_at_their_units_or_at_those_that_a_claim_names) {
  const std::vector<GrantRule> rules{{"groups", "bien-tap", "ldld-hn", "", Role::editor},
                                     {"roles", "luu-tru", "", "don_vi", Role::archivist},
                                     {"", "", "tld", "", Role::reader}};
  const auto given = [&](std::string_view claims) {
    return text_of(grants_of(rules, claims_in(claims), tree(), Instant()));
  };
  BOOST_TEST(given("{}") == "reader tld; ");
  BOOST_TEST(given(R"({"groups": ["khac", "bien-tap", "bien-tap"]})") ==
             "editor ldld-hn; reader tld; ");
  BOOST_TEST(given(R"({"groups": "bien-tap "})") == "reader tld; ");
  BOOST_TEST(given(R"({"groups": "Bien-tap"})") == "reader tld; ");
  BOOST_TEST(given(R"({"roles": "luu-tru", "don_vi": ["tld", "ldld-hn", "tld", "x", ""]})") ==
             "archivist tld; archivist ldld-hn; reader tld; ");
  BOOST_TEST(given(R"({"don_vi": "tld"})") == "reader tld; ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::access

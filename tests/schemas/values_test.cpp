#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "schemas/canonical_json.hpp"
#include "schemas/material.hpp"
#include "schemas/record.hpp"

namespace khochung {

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(an_id_is_read_back_from_its_text) {
  const auto id = MaterialId::make();
  BOOST_TEST((MaterialId::parse(id.text()).value() == id));
  BOOST_TEST(id.text().at(14) == '7');
}

BOOST_AUTO_TEST_CASE(what_is_no_id_is_refused) {
  for (const auto* text :
       {"", "abc", "0190163D-5694-7000-8000-000000000000", "0190163d-5694-7000-8000-00000000000g",
        "0190163d056947000800000000000000000", "0190163d-5694-7000-8000-0000000000000"}) {
    BOOST_TEST(!Uuid::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(digest_of_abc_is_the_published_one) {
  BOOST_TEST(Digest::of("abc").hex() ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(a_digest_is_read_back_and_refused_with_another_character_anywhere) {
  const auto hex = Digest::of("abc").hex();
  BOOST_TEST((Digest::parse(hex).value() == Digest::of("abc")));
  for (std::size_t at = 0; at < hex.size(); ++at) {
    for (const char other : {'A', 'g', '/', ':', '`', '\0', '\xff'}) {
      auto text = hex;
      text[at] = other;
      BOOST_TEST(!Digest::parse(text).has_value());
    }
  }
  BOOST_TEST(!Digest::parse(hex + "0").has_value());
}

BOOST_AUTO_TEST_CASE(instants_of_any_offset_are_the_same_moment) {
  const auto utc = instant_from_rfc3339("2026-11-23T01:00:00.250Z").value();
  BOOST_TEST((utc == instant_from_rfc3339("2026-11-23T08:00:00.25+07:00").value()));
  BOOST_TEST(to_rfc3339(utc) == "2026-11-23T01:00:00.250Z");
  for (const auto* text :
       {"2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23", "2026-11-23T24:00:00Z",
        "2026-11-23T08:00:00", "2026-11-23T08:00:00+7"}) {
    BOOST_TEST(!instant_from_rfc3339(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(dates_follow_edtf_level_0) {
  for (const auto* text : {"2023", "2023-08", "2023-08-28", "2023/2028", "2023-01/2023-12-31"}) {
    BOOST_TEST(is_edtf(text), text);
  }
  for (const auto* text : {"", "23", "2023-13", "2023-02-29", "28/08/2020", "2023-8-1"}) {
    BOOST_TEST(!is_edtf(text), text);
  }
  BOOST_TEST(first_year_of("2023/2028") == 2023);
}

BOOST_AUTO_TEST_CASE(canonical_json_sorts_members_as_utf_16_and_escapes_least) {
  // The member names of RFC 8785, 3.2.3, in their order.
  const boost::json::value value = boost::json::parse(
      R"({"\u20ac":"Euro","\r":"CR","\ufb33":"dalet","1":"one","\ud83d\ude00":"smile","\u0080":"ctl","\u00f6":"o"})");
  BOOST_TEST(canonical_json(value) ==
             "{\"\\r\":\"CR\",\"1\":\"one\",\"\xC2\x80\":\"ctl\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":"
             "\"smile\","
             "\"\xEF\xAC\xB3\":\"dalet\"}");
  BOOST_TEST(canonical_json(boost::json::parse(R"({"b":[1,true,null,[]],"a":"\u001f\/"})")) ==
             R"({"a":"\u001f/","b":[1,true,null,[]]})");
}

Material sample_material() {
  Material material;
  material.id = MaterialId::make();
  material.title = "Kế hoạch số 12";
  material.theme = "safety;values";
  material.channel = "radio";
  material.date = "2023-08-28";
  material.unit = UnitId::make();
  material.batch = BatchId::make();
  material.embargo_until = instant_from_rfc3339("2026-12-01T00:00:00Z").value();
  material.press_recipients = {"bao-lao-dong"};
  material.created_at = now();
  material.published_at = instant_from_rfc3339("2026-11-30T08:00:00.250Z").value();
  material.files.push_back({"ke-hoach.pdf", "original", Digest::of("x"), 1, "application/pdf"});
  return material;
}

BOOST_AUTO_TEST_CASE(a_material_is_read_back_from_its_json) {
  const auto material = sample_material();
  BOOST_TEST((material_from_json(to_json(material)).value() == material));
}

BOOST_AUTO_TEST_CASE(a_material_is_announced_when_the_last_of_what_held_it_back_is_over) {
  const auto at = [](std::string_view text) { return instant_from_rfc3339(text).value(); };
  Material material;
  material.created_at = at("2026-01-01T00:00:00Z");
  BOOST_TEST((material.announced_at() == material.created_at));
  material.published_at = at("2026-02-01T00:00:00Z");
  BOOST_TEST((material.announced_at() == at("2026-02-01T00:00:00Z")));
  material.embargo_until = at("2026-01-15T00:00:00Z");
  BOOST_TEST((material.announced_at() == at("2026-02-01T00:00:00Z")));
  material.embargo_until = at("2026-03-01T00:00:00Z");
  BOOST_TEST((material.announced_at() == at("2026-03-01T00:00:00Z")));
  material.kit.emplace();
  material.kit->versions.push_back({2, 5, at("2026-04-01T00:00:00Z"), "hoa", "Đổi ngày"});
  BOOST_TEST((material.announced_at() == at("2026-04-01T00:00:00Z")));
}

BOOST_AUTO_TEST_CASE(a_record_is_read_back_from_its_bytes) {
  Record record;
  record.id = Uuid::make();
  record.revision = 2;
  record.previous = Digest::of("the first");
  record.at = now();
  record.by = "local";
  record.body = to_json(sample_material());
  const auto bytes = to_canonical_json(record);
  const auto again = record_from_json(bytes).value();
  BOOST_TEST(to_canonical_json(again) == bytes);
  BOOST_TEST(!record_from_json(bytes.substr(1)).has_value());
}

BOOST_AUTO_TEST_CASE(concepts_are_a_list_in_one_text) {
  Material material;
  BOOST_TEST(set_field(material, "theme", " safety ;;values; safety;").has_value());
  BOOST_TEST(material.theme == "safety;values");
  BOOST_TEST((concepts_in(material.theme) == std::vector<std::string>{"safety", "values"}));
  BOOST_TEST(concepts_in(" ; ;").empty());
  std::string many;
  for (int i = 0; i <= 20; ++i) many += std::to_string(i) + ";";
  BOOST_TEST(!set_field(material, "audience", many).has_value());
  BOOST_TEST(!to_json(Material()).as_object().contains("audience"));
}

BOOST_AUTO_TEST_CASE(fields_are_set_from_text_and_checked) {
  Material material;
  BOOST_TEST(set_field(material, "visibility", "union").has_value());
  BOOST_TEST((material.visibility == Visibility::union_));
  BOOST_TEST(!set_field(material, "visibility", "everyone").has_value());
  BOOST_TEST(!set_field(material, "date", "28/08/2020").has_value());
  BOOST_TEST(!set_field(material, "colour", "red").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung

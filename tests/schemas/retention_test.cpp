#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "schemas/disposal.hpp"
#include "schemas/record.hpp"
#include "schemas/retention.hpp"
#include "schemas/vocabularies/kinds.hpp"

namespace khochung {
namespace {

RetentionTable ten_years_for_letters() {
  return {{{"cong_van", {10}, "Bảng thời hạn"}, {"quyet_dinh", {}, ""}}};
}

Material material_of(std::string kind, std::string date, std::string retention = "") {
  Material material;
  material.id = MaterialId::make();
  material.kind = std::move(kind);
  material.date = std::move(date);
  material.retention = std::move(retention);
  return material;
}

std::string due_text(const Material& material) {
  const auto due = due_on(material, ten_years_for_letters());
  return due ? to_text(*due) : "never";
}

DisposalStep step_of(DisposalState state, std::string by) {
  return {state, Instant{}, std::move(by), "", MaterialId::make(), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retention)

BOOST_AUTO_TEST_CASE(a_term_counts_from_the_end_of_the_last_year) {
  BOOST_TEST(due_text(material_of("cong_van", "2010-01-02")) == "2021-01-01");
  BOOST_TEST(due_text(material_of("cong_van", "2010")) == "2021-01-01");
  BOOST_TEST(due_text(material_of("cong_van", "2008/2010")) == "2021-01-01");
}

BOOST_AUTO_TEST_CASE(what_is_permanent_without_a_class_or_without_a_year_is_never_due) {
  for (const auto& material : {material_of("quyet_dinh", "1950"), material_of("to_roi", "1950"),
                               material_of("", "1950"), material_of("cong_van", "")})
    BOOST_TEST(due_text(material) == "never");
}

BOOST_AUTO_TEST_CASE(a_term_of_its_own_beats_that_of_its_kind) {
  BOOST_TEST(due_text(material_of("cong_van", "2010", "permanent")) == "never");
  BOOST_TEST(due_text(material_of("quyet_dinh", "2010", "1")) == "2012-01-01");
  BOOST_TEST(retention_key(material_of("cong_van", "2010", "1")) == "=1");
  BOOST_TEST(retention_key(material_of("cong_van", "2010")) == "cong_van");
}

BOOST_AUTO_TEST_CASE(a_term_that_cannot_be_read_keeps_for_ever) {
  BOOST_TEST(due_text(material_of("cong_van", "2010", "mười năm")) == "never");
  Material material;
  for (const auto* text : {"0", "101", "-1", "10 years", " 10", "vĩnh viễn"})
    BOOST_TEST(!set_field(material, "retention", text).has_value(), text);
  for (const auto* text : {"", "1", "100", "permanent"})
    BOOST_TEST(set_field(material, "retention", text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(it_is_due_on_its_day_in_vietnam_and_not_before) {
  const auto material = material_of("cong_van", "2010");
  const auto due_at = [&](const char* instant) {
    return is_due(material, ten_years_for_letters(), day_of(instant_from_rfc3339(instant).value()));
  };
  BOOST_TEST(!due_at("2020-12-31T16:59:59Z"));
  BOOST_TEST(due_at("2020-12-31T17:00:00Z"));
}

BOOST_AUTO_TEST_CASE(the_table_is_read_back_and_refuses_what_it_cannot_mean) {
  for (const auto& table : {ten_years_for_letters(), proposed_retention(), RetentionTable{}})
    BOOST_TEST((retention_table_from_json(to_json(table)).value() == table));
  for (const auto* text :
       {"{}", R"({"classes":[{"kind":"khong_co","term":"5"}]})",
        R"({"classes":[{"kind":"cong_van"}]})",
        R"({"classes":[{"kind":"cong_van","term":"5"},{"kind":"cong_van","term":"5"}]})"})
    BOOST_TEST(!retention_table_from_json(boost::json::parse(text)).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_disposal_goes_step_by_step_and_two_persons_decide) {
  Disposal disposal;
  disposal.id = Uuid::make();
  disposal.items = {{MaterialId::make(),
                     {Digest::of("a")},
                     "cong_van",
                     "2010",
                     "10",
                     "2021-01-01",
                     "Bảng thời hạn",
                     ""}};
  BOOST_TEST(!may_step(disposal, step_of(DisposalState::approved, "lan")).has_value());
  auto without = step_of(DisposalState::appraised, "lan");
  without.document.reset();
  BOOST_TEST(may_step(disposal, without).error().reason == "document_missing");
  disposal.steps = {step_of(DisposalState::appraised, "lan")};
  disposal.state = DisposalState::appraised;
  BOOST_TEST(may_step(disposal, step_of(DisposalState::approved, "lan")).error().reason ==
             "two_persons");
  BOOST_TEST(may_step(disposal, step_of(DisposalState::approved, "quan")).has_value());
  BOOST_TEST(may_step(disposal, step_of(DisposalState::cancelled, "lan")).has_value());
  BOOST_TEST((disposal_from_json(to_json(disposal)).value() == disposal));
  disposal.state = DisposalState::executed;
  BOOST_TEST(!may_step(disposal, step_of(DisposalState::cancelled, "lan")).has_value());
  BOOST_TEST(!covers(disposal, disposal.items[0].material));
  disposal.items[0].outcome = "destroyed";
  BOOST_TEST(covers(disposal, disposal.items[0].material));
}

BOOST_AUTO_TEST_CASE(a_history_begins_later_only_where_the_newest_revision_says_what_was_erased) {
  Material material = material_of("cong_van", "2010");
  material.erasure =
      Erasure{"Luật", MaterialId::make(), "lan", Instant{}, "quan", Instant{}, {}, {}};
  material.erasure->revisions = {Digest::of("r1"), Digest::of("r2")};
  Record record;
  record.id = material.id.uuid();
  record.revision = 3;
  record.previous = Digest::of("r2");
  BOOST_TEST(!may_begin_history(record, record));
  record.body = to_json(material);
  BOOST_TEST(may_begin_history(record, record));
  record.previous = Digest::of("r1");
  BOOST_TEST(!may_begin_history(record, record));
  material.unit = UnitId::make();
  material.batch = BatchId::make();
  BOOST_TEST((material_from_json(to_json(material)).value() == material));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung

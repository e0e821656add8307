// What the catalogue knows of bytes that stay and bytes that may go, and what it owes.
#include <boost/test/unit_test.hpp>

#include "tests/storage/catalogue_homes.hpp"

namespace khochung::storage {
namespace {

const Instant day_one = instant_from_rfc3339("2026-01-01T00:00:00.000Z").value();
constexpr std::chrono::hours a_day{24};

template <typename Home>
Material revised(Home& home, Material material) {
  ++material.revision;
  BOOST_TEST_REQUIRE(home.catalogue.put_material(sample_entry(material)).has_value());
  return material;
}

template <typename Home>
Material deleted(Home& home, Material material, Instant at) {
  material.state = State::deleted;
  material.deletion = Deletion{at, "local", {}};
  return revised(home, std::move(material));
}

template <typename Home>
bool is_kept(const Home& home, std::string_view content, Instant deleted_before) {
  return home.catalogue.is_kept(Digest::of(content), deleted_before).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalogue_preservation)

// -- bytes that stay, bytes that may go

BOOST_AUTO_TEST_CASE_TEMPLATE(bytes_are_kept_while_a_material_lives_or_was_deleted_lately, Home,
                              Homes) {
  Home home;
  const auto material = home.put("thư");
  BOOST_TEST(is_kept(home, "thư", day_one));
  BOOST_TEST(!is_kept(home, "chưa từng thấy", day_one));
  deleted(home, material, day_one);
  BOOST_TEST(is_kept(home, "thư", day_one));
  BOOST_TEST(!is_kept(home, "thư", day_one + a_day));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(another_material_over_the_same_bytes_keeps_them, Home, Homes) {
  Home home;
  const auto first = home.put("ảnh");
  home.unit = UnitId::make();
  const auto second = home.put("ảnh");
  deleted(home, first, day_one);
  BOOST_TEST(is_kept(home, "ảnh", day_one + a_day));
  deleted(home, second, day_one);
  BOOST_TEST(!is_kept(home, "ảnh", day_one + a_day));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_hold_keeps_the_bytes_of_a_deleted_material, Home, Homes) {
  Home home;
  auto material = home.put("biên bản");
  material.hold = "Đang có đơn khiếu nại";
  material = deleted(home, material, day_one);
  BOOST_TEST(is_kept(home, "biên bản", day_one + 1000 * a_day));
  material.hold.clear();
  revised(home, material);
  BOOST_TEST(!is_kept(home, "biên bản", day_one + 1000 * a_day));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(files_of_earlier_revisions_stay, Home, Homes) {
  Home home;
  auto material = home.put("bản thứ nhất");
  material.files = sample_material(home.unit, "bản thứ hai").files;
  revised(home, material);
  BOOST_TEST(is_kept(home, "bản thứ nhất", day_one + a_day));
  BOOST_TEST(is_kept(home, "bản thứ hai", day_one + a_day));
  BOOST_TEST(home.catalogue.fixity(Digest::of("bản thứ nhất")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_rebuild_says_which_files_only_earlier_revisions_name, Home, Homes) {
  Home home;
  auto entry = sample_entry(sample_material(home.unit, "bản thứ hai"));
  entry.material.revision = 2;
  entry.earlier_files = sample_material(home.unit, "bản thứ nhất").files;
  BOOST_TEST(home.catalogue.put_materials({entry}).has_value());
  BOOST_TEST(is_kept(home, "bản thứ nhất", day_one));
  // Put again, it is passed over.
  BOOST_TEST(home.catalogue.put_materials({entry}).has_value());
  BOOST_TEST(home.catalogue.totals().value().materials == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deleted_bytes_that_come_again_are_a_new_material, Home, Homes) {
  Home home;
  const auto material = home.put("áp phích");
  const auto sha256 = material.files[0].sha256;
  BOOST_TEST((home.catalogue.find_duplicate(sha256, home.unit).value() == material.id));
  deleted(home, material, day_one);
  BOOST_TEST(!home.catalogue.find_duplicate(sha256, home.unit).value().has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_expects_a_blob_that_was_forgotten, Home, Homes) {
  Home home;
  deleted(home, home.put("đã hủy"), day_one);
  const auto sha256 = Digest::of("đã hủy");
  BOOST_TEST(home.catalogue.forget_blob(sha256).has_value());
  BOOST_TEST((home.catalogue.fixity(sha256).error().code == ErrorCode::not_found));
  BOOST_TEST(!is_kept(home, "đã hủy", day_one - a_day));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_due_is_found_by_kind_and_year, Home, Homes) {
  Home home;
  const auto put = [&](std::string_view kind, std::string_view date) {
    auto material = sample_material(home.unit, date);
    material.kind = kind;
    material.date = date;
    BOOST_TEST_REQUIRE(home.catalogue.put_material(sample_entry(material)).has_value());
    return material;
  };
  const auto old = put("ke_hoach", "2009-05");
  put("ke_hoach", "2020-05-01");
  put("quyet_dinh", "2001");
  put("ke_hoach", "");
  const auto gone = put("ke_hoach", "2010");
  deleted(home, gone, day_one);
  const auto due = home.catalogue.of_key_until("ke_hoach", 2015, {}, 10).value();
  BOOST_TEST_REQUIRE(due.size() == 1U);
  BOOST_TEST((due[0].material.id == old.id));
  BOOST_TEST(
      home.catalogue.of_key_until("ke_hoach", 2015, {2015, old.id.text()}, 10).value().empty());
  BOOST_TEST(home.catalogue.of_key_until("", 2015, {}, 10).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_due_list_goes_on_by_year_then_id_and_files_own_terms_apart, Home,
                              Homes) {
  Home home;
  std::vector<std::string> dates{"2012", "2010", "2011", "2010-05", "2009/2014"};
  for (const auto& date : dates) {
    auto material = sample_material(home.unit, date);
    material.kind = "cong_van";
    material.date = date;
    if (date == "2011") material.retention = "2";
    BOOST_TEST_REQUIRE(home.catalogue.put_material(sample_entry(material)).has_value());
  }
  std::vector<std::string> listed;
  Catalogue::DuePlace place;
  while (true) {
    const auto part = home.catalogue.of_key_until("cong_van", 2011, place, 1).value();
    if (part.empty()) break;
    const auto& material = part[0].material;
    listed.push_back(material.date);
    place = {std::stoi(material.date.substr(0, 4)), material.id.text()};
  }
  BOOST_TEST(listed == (std::vector<std::string>{"2009/2014", "2010", "2010-05"}),
             boost::test_tools::per_element());
  BOOST_TEST(home.catalogue.of_key_until("=2", 2011, {}, 10).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(other_records_are_owed_with_their_event_and_listed_newest_first, Home,
                              Homes) {
  Home home;
  std::vector<Uuid> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(Uuid::make());
    const Catalogue::NewRecord entry{RecordKind::disposal, ids.back(), 1, "bản ghi", "{}"};
    BOOST_TEST(home.catalogue.put_record(entry).has_value());
    BOOST_TEST((home.catalogue.put_record(entry).error().code == ErrorCode::conflict));
  }
  BOOST_TEST(
      home.catalogue.put_record({RecordKind::vocabulary, Uuid::make(), 1, {}, {}}).has_value());
  BOOST_TEST(home.catalogue.owed_records(10).value().size() == 3U);
  BOOST_TEST(home.catalogue.owed_audit(10).value().size() == 3U);
  BOOST_TEST(home.catalogue.put_record({RecordKind::disposal, ids[0], 2, {}, {}}).has_value());
  const auto newest = home.catalogue.records_before(RecordKind::disposal, {}, 2).value();
  BOOST_TEST((newest == std::vector<Uuid>{ids[2], ids[1]}));
  const auto rest = home.catalogue.records_before(RecordKind::disposal, ids[1], 2).value();
  BOOST_TEST((rest == std::vector<Uuid>{ids[0]}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(
    an_erasure_takes_names_from_receipts_and_old_revisions_from_what_is_owed, Home, Homes) {
  Home home;
  const Batch batch{BatchId::make(), "lan", day_one, false};
  BOOST_TEST_REQUIRE(home.catalogue.put_batch(batch).has_value());
  auto entry = sample_entry(sample_material(home.unit, "tệp"));
  entry.record = "bản một";
  BatchItem item;
  item.batch = batch.id;
  item.path = "đơn của chị Lan.txt";
  item.material = entry.material.id;
  entry.items = {item};
  BOOST_TEST_REQUIRE(home.catalogue.put_material(entry).has_value());
  entry.material.revision = 2;
  entry.record = "bộ khung";
  entry.items.clear();
  BOOST_TEST_REQUIRE(home.catalogue.put_material(entry).has_value());
  BOOST_TEST(home.catalogue.erase_traces(entry.material.id, 2).has_value());
  BOOST_TEST(home.catalogue.batch_items(batch.id).value().at(0).path.empty());
  BOOST_TEST(home.catalogue.owed_records(10).value() == (std::vector<std::string>{"bộ khung"}),
             boost::test_tools::per_element());
}

// -- how blobs were found

BOOST_AUTO_TEST_CASE_TEMPLATE(a_blob_is_unchecked_until_a_result_is_noted, Home, Homes) {
  Home home;
  home.put("tệp");
  const auto sha256 = Digest::of("tệp");
  BOOST_TEST(!home.catalogue.fixity(sha256).value().checked_at.has_value());
  FixityResult result{sha256, 3, 0xFFFF'FFFFU, day_one, FixityResult::State::good};
  BOOST_TEST(home.catalogue.set_fixity({result}).has_value());
  auto kept = home.catalogue.fixity(sha256).value();
  BOOST_TEST((kept.checked_at == day_one));
  BOOST_TEST((kept.crc32 == 0xFFFF'FFFFU));
  BOOST_TEST(home.catalogue.bad_blobs(10).value().empty());
  result.state = FixityResult::State::damaged;
  result.crc32.reset();
  BOOST_TEST(home.catalogue.set_fixity({result}).has_value());
  BOOST_TEST_REQUIRE(home.catalogue.bad_blobs(10).value().size() == 1U);
  kept = home.catalogue.bad_blobs(10).value()[0];
  BOOST_TEST((kept.sha256 == sha256));
  BOOST_TEST((kept.crc32 == 0xFFFF'FFFFU));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_read_whole_on_its_way_in_is_checked, Home, Homes) {
  Home home;
  auto entry = sample_entry(sample_material(home.unit, "mới"));
  entry.fixity = {{Digest::of("mới"), 4, 7, day_one, FixityResult::State::good}};
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  BOOST_TEST((home.catalogue.fixity(Digest::of("mới")).value().checked_at == day_one));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(results_of_unknown_blobs_are_passed_over, Home, Homes) {
  Home home;
  BOOST_TEST(home.catalogue.set_fixity({{Digest::of("lạ"), 1, {}, day_one}}).has_value());
  BOOST_TEST(!home.catalogue.fixity(Digest::of("lạ")).has_value());
}

// -- what is owed to the audit chain

BOOST_AUTO_TEST_CASE_TEMPLATE(audit_entries_are_numbered_in_the_transaction_of_their_change, Home,
                              Homes) {
  Home home;
  auto entry = sample_entry(sample_material(home.unit, "một"));
  entry.event = R"({"action":"material.create"})";
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  // Refused: revision 1 is there already. Its entry goes with it, and leaves no gap.
  BOOST_TEST(!home.catalogue.put_material(entry).has_value());
  BOOST_TEST(home.catalogue.owe_audit(R"({"action":"file.read"})").has_value());
  const auto owed = home.catalogue.owed_audit(10).value();
  BOOST_TEST_REQUIRE(owed.size() == 2U);
  BOOST_TEST(owed[0].seq == 1);
  BOOST_TEST(owed[0].body == entry.event);
  BOOST_TEST(owed[1].seq == 2);
  BOOST_TEST(home.catalogue.forget_owed_audit(1).has_value());
  BOOST_TEST(home.catalogue.owed_audit(10).value().size() == 1U);
  BOOST_TEST(home.catalogue.audit_seq().value() == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(after_a_rebuild_numbers_go_on_where_the_chain_ends, Home, Homes) {
  Home home;
  BOOST_TEST(home.catalogue.set_audit_seq(41).has_value());
  BOOST_TEST(home.catalogue.owe_audit("{}").has_value());
  BOOST_TEST(home.catalogue.owed_audit(1).value()[0].seq == 42);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_beginning_forgets_all_but_what_is_owed_to_the_chain, Home,
                              Homes) {
  Home home;
  const auto material = sample_material(home.unit, "một");
  auto entry = sample_entry(material);
  entry.event = "{}";
  entry.record = "bản ghi";
  entry.jobs = {job_of(material, "read")};
  entry.items = {line_of(material, "/một.pdf")};
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  BOOST_TEST(home.catalogue.put_batch({material.batch, "lan", day_one, false}).has_value());
  const Unit unit{home.unit, 1, "a", "A", "", "", {}, "", "", {}};
  BOOST_TEST(home.catalogue.put_units({{unit, 1, {}, {}}}).has_value());
  BOOST_TEST(home.catalogue.set_upkeep("scrub", "{}").has_value());
  BOOST_TEST(home.catalogue.material(material.id).has_value());
  BOOST_TEST(home.catalogue.start_over("rebuild", "0").has_value());
  BOOST_TEST(home.catalogue.upkeep("rebuild").value() == "0");
  BOOST_TEST(home.catalogue.owed_audit(10).value().size() == 1U);
  BOOST_TEST(home.catalogue.audit_seq().value() == 1);
  BOOST_TEST(!home.catalogue.material(material.id).has_value());
  BOOST_TEST(home.catalogue.marks().value().newest == 0);
  BOOST_TEST(home.catalogue.totals().value().queued_jobs == 0);
  // No table was overlooked.
  const auto connection = home.connect(Mode::reading);
  std::vector<std::string> left;
  for (const auto& table : Home::tables(*connection)) {
    const auto rows = connection->number("SELECT count(*) FROM " + table).value().value();
    if (rows > 0) left.push_back(table);
  }
  BOOST_TEST((left == std::vector<std::string>{"counter", "owed_audit", "upkeep"}));
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(upkeep_remembers, Home, Homes) {
  Home home;
  BOOST_TEST(home.catalogue.upkeep("scrub").value().empty());
  BOOST_TEST(home.catalogue.set_upkeep("scrub", R"({"slice":3})").has_value());
  BOOST_TEST(home.catalogue.set_upkeep("scrub", R"({"slice":4})").has_value());
  BOOST_TEST(home.catalogue.upkeep("scrub").value() == R"({"slice":4})");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

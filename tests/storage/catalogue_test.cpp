#include "storage/catalogue/catalogue.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "storage/catalogue/connection.hpp"
#include "storage/catalogue/database.hpp"
#include "storage/recent.hpp"
#include "tests/storage/catalogue_homes.hpp"

namespace khochung::storage {

BOOST_AUTO_TEST_SUITE(catalogue)

// -- opening

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_put_is_there_after_opening_again, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  home.open_again();
  const auto entry = home.reopened->material(material.id).value();
  BOOST_TEST((entry.material == material));
  BOOST_TEST((entry.seal == sample_entry(material).seal));
  BOOST_TEST(!entry.is_searchable);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_catalogue_of_a_newer_program_is_refused_and_left_as_it_is, Home,
                              Homes) {
  Home home;
  home.opened.reset();
  const auto connection = home.connect(Mode::writing);
  BOOST_TEST(connection->execute(Home::set_version(9999)).has_value());
  BOOST_TEST((Catalogue::open(home.location).error().code == ErrorCode::unsupported));
  BOOST_TEST(connection->version().value() == 9999);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_corrupt) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "catalogue.sqlite";
  std::ofstream(file) << std::string(8192, 'x');
  BOOST_TEST((Catalogue::open(file).error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failing_migration_leaves_the_version_before_it, Place, Places) {
  const Place place;
  const std::string first = "CREATE TABLE a (x INTEGER)";
  const std::string failing = "CREATE TABLE b (x INTEGER); " + first;
  BOOST_TEST(Database::open(place.location, {first}).has_value());
  BOOST_TEST(!Database::open(place.location, {"", failing}).has_value());
  const auto connection = place.connect(Mode::writing);
  BOOST_TEST(connection->version().value() == 1);
  BOOST_TEST(connection->number("SELECT count(*) FROM a").value().value() == 0);
  BOOST_TEST(!connection->number("SELECT count(*) FROM b").has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reading_connection_cannot_write, Home, Homes) {
  const Home home;
  const auto reader = home.connect(Mode::reading);
  BOOST_TEST(!reader->change("DELETE FROM counter").has_value());
}

// -- units

BOOST_AUTO_TEST_CASE_TEMPLATE(units_come_back_by_number_and_the_newer_form_counts, Home, Homes) {
  Home home;
  Unit unit{UnitId::make(),
            2,
            "ldld-nghe-an",
            "Liên đoàn Lao động tỉnh Nghệ An",
            "",
            "tinh",
            {},
            "",
            "",
            {}};
  const Unit root{
      UnitId::make(), 1, "tldld", "Tổng Liên đoàn Lao động Việt Nam", "", "tw", {}, "", "", {}};
  unit.parent = root.id;
  BOOST_TEST(home.catalogue.put_units({{unit, 1, {}, {}}}).has_value());
  BOOST_TEST(home.catalogue.put_units({{root, 1, {}, {}}}).has_value());
  unit.valid_to = "2025-06-30";
  BOOST_TEST(home.catalogue.put_units({{unit, 1, {}, {}}}).has_value());
  const auto units = home.catalogue.units().value();
  BOOST_TEST_REQUIRE(units.size() == 2U);
  BOOST_TEST(units[0].code == "tldld");
  BOOST_TEST(units[1].valid_to == "2025-06-30");
  BOOST_TEST((units[1].parent == root.id));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_unit_number_is_not_given_twice, Home, Homes) {
  Home home;
  const Unit one{UnitId::make(), 7, "a", "A", "", "", {}, "", "", {}};
  const Unit other{UnitId::make(), 7, "b", "B", "", "", {}, "", "", {}};
  BOOST_TEST(home.catalogue.put_units({{one, 1, {}, {}}}).has_value());
  BOOST_TEST((home.catalogue.put_units({{other, 1, {}, {}}}).error().code == ErrorCode::conflict));
}

// -- materials

BOOST_AUTO_TEST_CASE_TEMPLATE(a_revision_that_is_not_the_next_one_is_a_conflict, Home, Homes) {
  Home home;
  auto material = home.put("một");
  for (const int revision : {1, 3, 0}) {
    material.revision = revision;
    BOOST_TEST(
        (home.catalogue.put_material(sample_entry(material)).error().code == ErrorCode::conflict));
  }
  material.revision = 2;
  material.title = "Tên mới";
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  BOOST_TEST(home.catalogue.material(material.id).value().material.title == "Tên mới");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(revisions_come_all_or_none, Home, Homes) {
  Home home;
  auto material = sample_material(home.unit, "một");
  auto first = sample_entry(material);
  first.record = "{}";
  material.revision = 3;
  BOOST_TEST((home.catalogue.put_revisions({first, sample_entry(material)}).error().code ==
              ErrorCode::conflict));
  BOOST_TEST((home.catalogue.material(material.id).error().code == ErrorCode::not_found));
  material.revision = 2;
  auto second = sample_entry(material);
  second.record = "{}";
  BOOST_TEST(home.catalogue.put_revisions({first, second}).has_value());
  BOOST_TEST(home.catalogue.material(material.id).value().material.revision == 2);
  BOOST_TEST(home.catalogue.owed_records(10).value().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_was_read_stays_at_hand_until_it_changes) {
  SqliteHome home;
  auto material = home.put("một");
  BOOST_TEST(home.catalogue.recent(material.id) == nullptr);
  const auto is_at_hand_once_read = [&] {
    const auto read = home.catalogue.material(material.id).value();
    const auto recent = home.catalogue.recent(material.id);
    return recent && recent->material == read.material && recent->page_count == read.page_count;
  };
  BOOST_TEST(is_at_hand_once_read());

  material.revision = 2;
  material.visibility = Visibility::private_;
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  BOOST_TEST(home.catalogue.recent(material.id) == nullptr);
  BOOST_TEST(is_at_hand_once_read());
  BOOST_TEST(home.catalogue.set_page_count(material.id, 7).has_value());
  BOOST_TEST(home.catalogue.recent(material.id) == nullptr);
  BOOST_TEST(is_at_hand_once_read());
  const auto mark = home.catalogue.waiting_for_index(1).value().front().mark;
  BOOST_TEST(home.catalogue.set_indexed({{material.id, mark}}).has_value());
  BOOST_TEST(home.catalogue.recent(material.id) == nullptr);
  BOOST_TEST(home.catalogue.material(material.id).value().is_searchable);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reader_never_sees_less_than_what_a_writer_was_told_is_kept, Home,
                              Homes) {
  Home home;
  auto material = home.put("đọc và ghi");
  std::atomic<int> kept = 1;
  std::atomic<int> stale = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const int least = kept;
          const auto recent = home.catalogue.recent(material.id);
          if (recent && recent->material.revision < least) ++stale;
          if (home.catalogue.material(material.id).value().material.revision < least) ++stale;
        }
      });
    }
    for (material.revision = 2; material.revision < 150; ++material.revision) {
      BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
      kept = material.revision;
    }
  }
  BOOST_TEST(stale == 0);
}

BOOST_AUTO_TEST_CASE(of_what_is_at_hand_the_longest_unasked_goes_first) {
  const Recent<int, int> recent(4);
  const auto keep = [&](int i) { recent.keep(i, std::make_shared<const int>(i), recent.moment()); };
  const auto has = [&](int i) { return recent.find(i) != nullptr; };
  for (int i = 0; i < 6; ++i) {
    keep(i);
    BOOST_TEST(has(0), i);
  }
  BOOST_TEST(!has(1));
  BOOST_TEST(has(5));
  const auto moment = recent.moment();
  recent.drop(0);
  recent.keep(0, std::make_shared<const int>(0), moment);
  BOOST_TEST(!has(0), "it may have been read before the change");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_writers_that_race_for_one_revision_exactly_one_wins, Home, Homes) {
  Home home;
  auto material = home.put("đua");
  for (int revision = 2; revision < 40; ++revision) {
    material.revision = revision;
    std::atomic<int> won = 0;
    std::atomic<int> conflicts = 0;
    {
      std::vector<std::jthread> writers;
      for (int i = 0; i < 2; ++i) {
        writers.emplace_back([&] {
          const auto put = home.catalogue.put_material(sample_entry(material));
          if (put) ++won;
          if (!put && put.error().code == ErrorCode::conflict) ++conflicts;
        });
      }
    }
    BOOST_TEST(won == 1);
    BOOST_TEST(conflicts == 1);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_fails_in_a_shared_commit_fails_alone, Home, Homes) {
  Home home;
  const auto first = home.put("có rồi");
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back([&, i] {
        for (int n = 0; n < 20; ++n) {
          const auto good = sample_material(home.unit, std::to_string(i * 100 + n));
          BOOST_TEST(home.catalogue.put_material(sample_entry(good)).has_value());
          if (!home.catalogue.put_material(sample_entry(first))) ++failures;
        }
      });
    }
  }
  BOOST_TEST(failures == 160);
  BOOST_TEST(home.catalogue.totals().value().materials == 161);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_refused_material_leaves_neither_jobs_nor_lines, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  auto again = sample_entry(material);
  again.jobs.push_back(job_of(material, "read"));
  again.items.push_back(line_of(material, "/a"));
  again.record = "{}";
  BOOST_TEST(!home.catalogue.put_material(again).has_value());
  BOOST_TEST(home.catalogue.totals().value().queued_jobs == 0);
  BOOST_TEST(home.catalogue.batch_items(material.batch).value().empty());
  BOOST_TEST(home.catalogue.owed_records(10).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_materials_come_in_the_order_asked_for_without_the_unknown, Home,
                              Homes) {
  Home home;
  std::vector<MaterialId> ids;
  for (int i = 0; i < 21; ++i) ids.push_back(home.put(std::to_string(i)).id);
  std::ranges::reverse(ids);
  auto asked = ids;
  asked.insert(asked.begin() + 5, MaterialId::make());
  const auto found = home.catalogue.materials(asked).value();
  BOOST_TEST_REQUIRE(found.size() == ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) BOOST_TEST((found[i].material.id == ids[i]));
  BOOST_TEST(home.catalogue.materials({}).value().empty());
  BOOST_TEST((home.catalogue.material(MaterialId::make()).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_bytes_are_a_duplicate_for_the_same_owner_alone, Home,
                              Homes) {
  Home home;
  const auto material = home.put("áp phích");
  const auto digest = material.files[0].sha256;
  BOOST_TEST((home.catalogue.find_duplicate(digest, home.unit).value() == material.id));
  BOOST_TEST(!home.catalogue.find_duplicate(digest, UnitId::make()).value());
  BOOST_TEST(!home.catalogue.find_duplicate(Digest::of("khác"), home.unit).value());
  const auto other = sample_material(UnitId::make(), "áp phích");
  BOOST_TEST(home.catalogue.put_material(sample_entry(other)).has_value());
  const auto holders = home.catalogue.with_blob(digest).value();
  BOOST_TEST_REQUIRE(holders.size() == 2U);
  BOOST_TEST((holders[1] == other.id));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_material_that_moves_to_another_unit_is_found_there, Home, Homes) {
  Home home;
  auto material = home.put("chuyển");
  const auto digest = material.files[0].sha256;
  material.revision = 2;
  material.unit = UnitId::make();
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  BOOST_TEST(!home.catalogue.find_duplicate(digest, home.unit).value());
  BOOST_TEST((home.catalogue.find_duplicate(digest, material.unit).value() == material.id));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(totals_count_each_blob_once, Home, Homes) {
  Home home;
  auto material = home.put("1234");
  BOOST_TEST(home.catalogue.put_material(sample_entry(sample_material(UnitId::make(), "1234")))
                 .has_value());
  home.put("123456");
  auto totals = home.catalogue.totals().value();
  BOOST_TEST(totals.materials == 3);
  BOOST_TEST(totals.blobs == 2);
  BOOST_TEST(totals.bytes == 10);
  material.revision = 2;
  material.files = sample_material(home.unit, "12").files;
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  totals = home.catalogue.totals().value();
  BOOST_TEST(totals.blobs == 3);
  BOOST_TEST(totals.bytes == 12);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(slices_by_the_first_byte_make_up_the_whole, Home, Homes) {
  Home home;
  std::set<Digest> expected;
  for (int i = 0; i < 100; ++i) expected.insert(home.put(std::to_string(i)).files[0].sha256);
  std::set<Digest> found;
  for (int slice = 0; slice < 256; ++slice) {
    const auto blobs = home.catalogue.fixity_in(static_cast<std::uint8_t>(slice)).value();
    BOOST_TEST(std::ranges::is_sorted(blobs, {}, &FixityResult::sha256));
    for (const auto& blob : blobs) {
      BOOST_TEST(blob.sha256.bytes()[0] == slice);
      BOOST_TEST(found.insert(blob.sha256).second);
    }
  }
  BOOST_TEST((found == expected));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_and_groups_come_in_order_of_arrival, Home, Homes) {
  Home home;
  const auto whole = home.put("hộp.zip");
  std::vector<MaterialId> expected;
  for (int i = 0; i < 5; ++i) {
    auto part = sample_material(home.unit, std::to_string(i));
    part.part_of = whole.id;
    part.batch = whole.batch;
    part.group = "tập 1";
    BOOST_TEST(home.catalogue.put_material(sample_entry(part)).has_value());
    expected.push_back(part.id);
  }
  BOOST_TEST((home.catalogue.parts_of(whole.id).value() == expected));
  BOOST_TEST((home.catalogue.group_members(whole.batch, "tập 1").value() == expected));
  BOOST_TEST(home.catalogue.group_members(whole.batch, "tập 2").value().empty());
  BOOST_TEST(home.catalogue.group_members(whole.batch, "").value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(all_materials_are_walked_through_in_steps, Home, Homes) {
  Home home;
  std::set<MaterialId> expected;
  for (int i = 0; i < 25; ++i) expected.insert(home.put(std::to_string(i)).id);
  std::vector<MaterialId> walked;
  std::optional<MaterialId> after;
  for (;;) {
    const auto step = home.catalogue.materials_after(after, 10).value();
    if (step.empty()) break;
    for (const auto& entry : step) walked.push_back(entry.material.id);
    after = walked.back();
  }
  BOOST_TEST((std::vector(expected.begin(), expected.end()) == walked));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(materials_are_numbered_as_they_arrive, Home, Homes) {
  Home home;
  BOOST_TEST(home.catalogue.newest_arrival().value() == 0);
  BOOST_TEST(home.catalogue.arrivals(1, 10).value().empty());
  std::vector<MaterialId> arrived;
  for (int i = 0; i < 5; ++i) {
    auto material = sample_material(home.unit, "tin " + std::to_string(i));
    arrived.push_back(material.id);
    BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
    material.revision = 2;
    BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  }
  BOOST_TEST(home.catalogue.newest_arrival().value() == 5);
  const auto middle = home.catalogue.arrivals(2, 4).value();
  BOOST_TEST_REQUIRE(middle.size() == 3U);
  for (std::size_t i = 0; i < middle.size(); ++i) {
    BOOST_TEST((middle[i].material.id == arrived[i + 1]));
    BOOST_TEST(middle[i].material.revision == 2);
  }
  BOOST_TEST(home.catalogue.arrivals(5, 100).value().size() == 1U);
  BOOST_TEST(home.catalogue.arrivals(6, 100).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_count_stays_through_revisions_and_reaches_the_receipt, Home,
                              Homes) {
  Home home;
  auto material = sample_material(home.unit, "sách");
  auto entry = sample_entry(material);
  entry.items.push_back(line_of(material, "/sach.pdf"));
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  BOOST_TEST(home.catalogue.set_page_count(material.id, 118).has_value());
  BOOST_TEST(home.catalogue.batch_items(material.batch).value().at(0).pages == 118);
  material.revision = 2;
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  BOOST_TEST(home.catalogue.material(material.id).value().page_count == 118);
  BOOST_TEST(
      (home.catalogue.set_page_count(MaterialId::make(), 1).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_damaged_row_is_corrupt_and_never_shown, Home, Homes) {
  const std::vector<std::string> damages{"body = replace(body, 'private', 'public_')",
                                         "page_count = 7",
                                         "seal = " + Home::bytes(std::string(64, '0')),
                                         "seal = " + Home::bytes("00"),
                                         "revision = 2",
                                         "body = replace(body, 'Kế', 'Kê')"};
  for (const auto& damage : damages) {
    Home home;
    auto material = sample_material(home.unit, "hỏng");
    material.visibility = Visibility::private_;
    BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
    home.opened.reset();
    BOOST_TEST(home.connect(Mode::writing)->execute("UPDATE material SET " + damage).has_value());
    home.open_again();
    BOOST_TEST((home.reopened->material(material.id).error().code == ErrorCode::corrupt), damage);
    BOOST_TEST((home.reopened->waiting_for_index(5).error().code == ErrorCode::corrupt), damage);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(readers_go_on_while_others_write, Home, Homes) {
  Home home;
  const auto material = home.put("đọc");
  const std::jthread writer([&home](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) home.put(std::to_string(i));
  });
  for (int i = 0; i < 500; ++i) {
    BOOST_REQUIRE(home.catalogue.material(material.id).has_value());
    const auto totals = home.catalogue.totals().value();
    BOOST_REQUIRE(totals.materials == totals.blobs);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

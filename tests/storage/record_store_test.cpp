#include "storage/records/record_store.hpp"

#include <atomic>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "storage/durable_file.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

Record revision(const Uuid& id, int number, std::optional<Digest> previous,
                std::string_view title = "Chương trình công tác") {
  Record record;
  record.id = id;
  record.revision = number;
  record.previous = previous;
  record.at = instant_from_rfc3339("2026-11-23T01:02:03.004Z").value();
  record.by = "local";
  record.from = "cli";
  record.body = boost::json::object{{"title", title}};
  return record;
}

struct Home {
  TemporaryFolder folder;
  SyncGroup sync;
  RecordStore store{folder.path() / "records", sync};
};

std::vector<RecordStore::Found> all_of(const RecordStore& store) {
  std::vector<RecordStore::Found> all;
  BOOST_TEST(store
                 .for_each([&all](const RecordStore::Found& found) {
                   all.push_back(found);
                   return true;
                 })
                 .has_value());
  return all;
}

void change_a_byte(const std::filesystem::path& path) {
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream file(path, std::ios::in | std::ios::out);
  file.seekp(20);
  file.put('#');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_store)

BOOST_AUTO_TEST_CASE(revisions_are_read_back_in_order) {
  Home home;
  const auto id = Uuid::make();
  const auto first = home.store.append(revision(id, 1, {}, "Một")).value();
  home.store.append(revision(id, 2, first, "Hai")).value();
  BOOST_TEST(home.store.newest(id).value().body.at("title").as_string() == "Hai");
  const auto history = home.store.history(id).value();
  BOOST_TEST(history.size() == 2U);
  BOOST_TEST((history[1].previous == first));
}

BOOST_AUTO_TEST_CASE(the_file_lies_under_the_last_digits_of_its_id_and_is_canonical) {
  Home home;
  const auto id = Uuid::parse("0190163d-5694-7000-8000-00000000abcd").value();
  const auto record = revision(id, 1, {});
  const auto seal = home.store.append(record).value();
  const auto path =
      home.folder.path() / "records/ab/cd" / (id.text() + ".r000001." + seal.hex() + ".json");
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  BOOST_TEST(text == to_canonical_json(record));
  BOOST_TEST((seal == Digest::of(text)));
}

BOOST_AUTO_TEST_CASE(a_revision_is_never_written_twice) {
  Home home;
  const auto id = Uuid::make();
  const auto first = home.store.append(revision(id, 1, {}, "Một")).value();
  BOOST_TEST((home.store.append(revision(id, 1, {}, "Một")).value() == first));
  for (const auto& again : {revision(id, 1, {}, "Khác"), revision(id, 3, first),
                            revision(id, 2, {}), revision(id, 2, Digest::of("something else"))}) {
    BOOST_TEST((home.store.append(again).error().code == ErrorCode::conflict));
  }
  BOOST_TEST(all_of(home.store).size() == 1U);
}

BOOST_AUTO_TEST_CASE(of_two_writers_of_one_revision_exactly_one_wins) {
  Home home;
  for (int round = 0; round < 50; ++round) {
    const auto id = Uuid::make();
    std::atomic<int> won = 0;
    std::atomic<int> conflicts = 0;
    {
      std::vector<std::jthread> writers;
      for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&, i] {
          const auto seal = home.store.append(revision(id, 1, {}, std::to_string(i)));
          if (seal) ++won;
          if (!seal && seal.error().code == ErrorCode::conflict) ++conflicts;
        });
      }
    }
    BOOST_TEST(won == 1);
    BOOST_TEST(conflicts == 3);
    BOOST_TEST(home.store.history(id).value().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(what_was_never_written_is_not_found) {
  const Home home;
  BOOST_TEST((home.store.newest(Uuid::make()).error().code == ErrorCode::not_found));
  BOOST_TEST((home.store.history(Uuid::make()).error().code == ErrorCode::not_found));
  BOOST_TEST(all_of(home.store).empty());
}

BOOST_AUTO_TEST_CASE(a_changed_byte_breaks_the_seal) {
  Home home;
  const auto id = Uuid::make();
  home.store.append(revision(id, 1, {})).value();
  change_a_byte(all_of(home.store).at(0).path);
  BOOST_TEST((home.store.newest(id).error().code == ErrorCode::corrupt));
  BOOST_TEST((home.store.history(id).error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE(a_missing_revision_is_noticed) {
  Home home;
  const auto id = Uuid::make();
  const auto first = home.store.append(revision(id, 1, {})).value();
  const auto second = home.store.append(revision(id, 2, first)).value();
  home.store.append(revision(id, 3, second)).value();
  for (const auto& found : all_of(home.store)) {
    if (found.revision == 2) std::filesystem::remove(found.path);
  }
  BOOST_TEST((home.store.newest(id).error().code == ErrorCode::corrupt));
  BOOST_TEST((home.store.history(id).error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE(a_history_may_begin_later_only_where_the_newest_revision_tells_of_an_erasure) {
  Home home;
  const auto id = Uuid::make();
  const auto first = home.store.append(revision(id, 1, {})).value();
  const auto second = home.store.append(revision(id, 2, first)).value();
  auto skeleton = revision(id, 3, second);
  skeleton.body = boost::json::object{
      {"erasure", {{"revisions", boost::json::array{first.hex(), second.hex()}}}}};
  const auto third = home.store.append(skeleton).value();
  // A crash leaves the later of them.
  std::filesystem::remove(all_of(home.store).at(0).path.parent_path() /
                          (id.text() + ".r000001." + first.hex() + ".json"));
  BOOST_TEST(home.store.history(id).value().size() == 2U);
  BOOST_TEST(home.store.erase_below(id, 3).value().size() == 1U);
  BOOST_TEST(home.store.erase_below(id, 3).value().empty());
  BOOST_TEST(home.store.history(id).value().size() == 1U);
  BOOST_TEST(home.store.newest(id).value().revision == 3);
  // Whoever goes on without its word has a history that lost its beginning.
  home.store.append(revision(id, 4, third)).value();
  BOOST_TEST((home.store.history(id).error().code == ErrorCode::corrupt));
  // Another archive takes the skeleton over, and nothing else that comes late.
  Home other;
  BOOST_TEST((other.store.append(revision(id, 3, second)).error().code == ErrorCode::conflict));
  BOOST_TEST((other.store.append(skeleton).value() == third));
}

BOOST_AUTO_TEST_CASE(a_forged_revision_does_not_fit_the_chain) {
  Home home;
  const auto id = Uuid::make();
  home.store.append(revision(id, 1, {})).value();
  const auto forged = to_canonical_json(revision(id, 2, Digest::of("another past")));
  const auto folder = all_of(home.store).at(0).path.parent_path();
  std::ofstream(folder / (id.text() + ".r000002." + Digest::of(forged).hex() + ".json")) << forged;
  BOOST_TEST((home.store.newest(id).error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE(every_record_is_visited_and_can_be_read) {
  Home home;
  for (int i = 0; i < 30; ++i) home.store.append(revision(Uuid::make(), 1, {})).value();
  const auto all = all_of(home.store);
  BOOST_TEST(all.size() == 30U);
  for (const auto& found : all) {
    BOOST_TEST((RecordStore::read(found).value().id == found.id));
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_no_records_are_passed_over) {
  Home home;
  home.store.append(revision(Uuid::make(), 1, {})).value();
  const auto folder = all_of(home.store).at(0).path.parent_path();
  std::ofstream(folder / "README.txt") << "?";
  std::ofstream(folder / "0190163d-5694-7000-8000-00000000abcd.r00000x.json") << "?";
  BOOST_TEST(all_of(home.store).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include "storage/blobs/blob_store.hpp"

#include <sys/stat.h>

#include <atomic>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "storage/blobs/caching_store.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/memory_store.hpp"
#include "storage/blobs/replicating_store.hpp"
#include "storage/blobs/verify.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct Disk {
  TemporaryFolder folder;
  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> opened =
      DiskBlobStore::open(folder.path() / "blobs", sync).value();
  BlobStore& store = *opened;
};

struct Memory {
  MemoryBlobStore store;
};

struct Replicating {
  Disk first;
  MemoryBlobStore second;
  int troubles = 0;
  ReplicatingBlobStore replicating{{&first.store, &second},
                                   [this](const std::string&, const Error&) { ++troubles; }};
  BlobStore& store = replicating;
};

struct Caching {
  Disk quick;
  MemoryBlobStore slow;
  CachingBlobStore caching{quick.store, slow, 1U << 20U};
  BlobStore& store = caching;
};

using Stores = boost::mpl::list<Disk, Memory, Replicating, Caching>;

std::vector<BlobInfo> all_of(const BlobStore& store) {
  std::vector<BlobInfo> found;
  BOOST_TEST(store
                 .for_each([&found](const BlobInfo& info) {
                   found.push_back(info);
                   return true;
                 })
                 .has_value());
  return found;
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(blob_store)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_put_is_read_back_under_its_digest, Home, Stores) {
  Home home;
  const std::string text = "Nghị quyết về công tác truyền thông";
  const auto info = put(home.store, bytes_of(text)).value();
  BOOST_TEST((info.sha256 == Digest::of(text)));
  BOOST_TEST(info.size_bytes == text.size());
  BOOST_TEST(!info.was_known);
  BOOST_TEST(home.store.contains(info.sha256));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(1000).value() == text);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pieces_make_the_same_blob_as_the_whole, Home, Stores) {
  Home home;
  std::string text;
  const auto writer = home.store.begin().value();
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    BOOST_TEST(writer->write(bytes_of(piece)).has_value());
    text += piece;
  }
  const auto info = writer->finish().value();
  BOOST_TEST((info.sha256 == Digest::of(text)));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(text.size()).value() == text);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_blob_is_a_blob, Home, Stores) {
  Home home;
  const auto info = put(home.store, {}).value();
  BOOST_TEST((info.sha256 == Digest::of("")));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(0).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_bytes_again_are_known, Home, Stores) {
  Home home;
  BOOST_TEST(!put(home.store, bytes_of("áp phích")).value().was_known);
  BOOST_TEST(put(home.store, bytes_of("áp phích")).value().was_known);
  BOOST_TEST(all_of(home.store).size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_not_there_is_not_found, Home, Stores) {
  Home home;
  const auto absent = Digest::of("absent");
  BOOST_TEST(!home.store.contains(absent));
  BOOST_TEST((home.store.open(absent).error().code == ErrorCode::not_found));
  BOOST_TEST((verify(home.store, absent).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_dropped_writer_leaves_nothing, Home, Stores) {
  Home home;
  {
    const auto writer = home.store.begin().value();
    BOOST_TEST(writer->write(bytes_of("half a letter")).has_value());
  }
  BOOST_TEST(all_of(home.store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_writer_finishes_once, Home, Stores) {
  Home home;
  const auto writer = home.store.begin().value();
  BOOST_TEST(writer->finish().has_value());
  BOOST_TEST(!writer->finish().has_value());
  BOOST_TEST(!writer->write(bytes_of("more")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_are_read_from_any_offset, Home, Stores) {
  Home home;
  const auto info = put(home.store, bytes_of("0123456789")).value();
  const auto reader = home.store.open(info.sha256).value();
  std::string into(4, '?');
  BOOST_TEST(reader.read(3, std::as_writable_bytes(std::span(into))).value() == 4U);
  BOOST_TEST(into == "3456");
  BOOST_TEST(reader.read(8, std::as_writable_bytes(std::span(into))).value() == 2U);
  BOOST_TEST(reader.read(10, std::as_writable_bytes(std::span(into))).value() == 0U);
  BOOST_TEST((reader.read_all(9).error().code == ErrorCode::too_large));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_blob_is_visited_until_the_visitor_stops, Home, Stores) {
  Home home;
  for (int i = 0; i < 20; ++i) BOOST_TEST(put(home.store, bytes_of(std::to_string(i))).has_value());
  BOOST_TEST(all_of(home.store).size() == 20U);
  int visits = 0;
  BOOST_TEST(home.store.for_each([&visits](const BlobInfo&) { return ++visits < 5; }).has_value());
  BOOST_TEST(visits == 5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sixty_four_writers_of_the_same_bytes_make_one_blob, Home, Stores) {
  Home home;
  std::atomic<int> news = 0;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 64; ++i) {
      writers.emplace_back([&] {
        const auto info = put(home.store, bytes_of("một tệp, sáu mươi tư người gửi"));
        if (!info) ++failures;
        if (info && !info->was_known) ++news;
      });
    }
  }
  BOOST_TEST(failures == 0);
  BOOST_TEST(news == 1);
  BOOST_TEST(all_of(home.store).size() == 1U);
  BOOST_TEST(verify(home.store, Digest::of("một tệp, sáu mươi tư người gửi")).value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_put_tells_both_its_sums, Home, Stores) {
  Home home;
  const auto info = put(home.store, bytes_of("123456789")).value();
  BOOST_TEST((info.crc32 == 0xCBF43926U));
  const auto fixity = reread(home.store, info.sha256).value();
  BOOST_TEST(fixity.crc32 == 0xCBF43926U);
  BOOST_TEST(fixity.size_bytes == 9U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_set_aside_can_come_in_again, Home, Stores) {
  Home home;
  const auto info = put(home.store, bytes_of("hỏng")).value();
  BOOST_TEST(home.store.set_aside(info.sha256).has_value());
  BOOST_TEST(!home.store.contains(info.sha256));
  BOOST_TEST((home.store.set_aside(info.sha256).error().code == ErrorCode::not_found));
  BOOST_TEST(!put(home.store, bytes_of("hỏng")).value().was_known);
  BOOST_TEST(verify(home.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_removed_is_gone_unless_it_came_in_again, Home, Stores) {
  Home home;
  const auto hour = std::chrono::hours(1);
  const auto info = put(home.store, bytes_of("hết hạn lưu")).value();
  BOOST_TEST(!home.store.remove(info.sha256, now() - hour).value());
  BOOST_TEST(home.store.contains(info.sha256));
  const auto open = home.store.open(info.sha256).value();
  BOOST_TEST(home.store.remove(info.sha256, now() + hour).value());
  BOOST_TEST(!home.store.contains(info.sha256));
  BOOST_TEST((home.store.open(info.sha256).error().code == ErrorCode::not_found));
  BOOST_TEST((home.store.remove(info.sha256, now() + hour).error().code == ErrorCode::not_found));
  // Who was reading reads on.
  BOOST_TEST(open.read_all(100).value() == "hết hạn lưu");
}

BOOST_AUTO_TEST_CASE(files_on_disk_are_named_by_their_digest_and_read_only) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("abc")).value();
  const auto file = disk.folder.path() /
                    "blobs/sha256/ba/78/"
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  BOOST_TEST(disk.opened->path_of(info.sha256) == file);
  struct stat status{};
  BOOST_TEST(::stat(file.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0222U) == 0U);
  BOOST_TEST(files_in(disk.folder.path() / "blobs/tmp") == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_left_is_swept_at_the_next_start) {
  const TemporaryFolder folder;
  SyncGroup sync;
  DiskBlobStore::open(folder.path(), sync).value();
  std::ofstream(folder.path() / "tmp" / "12345-1") << "half";
  const auto store = DiskBlobStore::open(folder.path(), sync).value();
  BOOST_TEST(files_in(folder.path() / "tmp") == 0U);
}

BOOST_AUTO_TEST_CASE(a_stored_blob_of_the_wrong_size_is_replaced_when_its_bytes_come_again) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("toàn văn")).value();
  const auto path = disk.opened->path_of(info.sha256);
  std::filesystem::remove(path);
  std::ofstream(path) << "to";
  BOOST_TEST(!verify(disk.store, info.sha256).value());
  BOOST_TEST(!put(disk.store, bytes_of("toàn văn")).value().was_known);
  BOOST_TEST(verify(disk.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE(a_changed_byte_is_found_set_aside_and_healed) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("nguyên vẹn")).value();
  const auto path = disk.opened->path_of(info.sha256);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream(path, std::ios::in | std::ios::out) << "N";
  BOOST_TEST(!verify(disk.store, info.sha256).value());
  BOOST_TEST((reread(disk.store, info.sha256).value().found == Digest::of("Nguyên vẹn")));
  BOOST_TEST(disk.opened->set_aside(info.sha256).has_value());
  BOOST_TEST(!disk.store.contains(info.sha256));
  BOOST_TEST(!put(disk.store, bytes_of("nguyên vẹn")).value().was_known);
  BOOST_TEST(verify(disk.store, info.sha256).value());
}

void change_first_byte(const std::filesystem::path& path) {
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream(path, std::ios::in | std::ios::out) << "?";
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_not_called_known_but_healed_by_those_that_come) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("nguyên vẹn")).value();
  change_first_byte(disk.opened->path_of(info.sha256));
  BOOST_TEST(!put(disk.store, bytes_of("nguyên vẹn")).value().was_known);
  BOOST_TEST(verify(disk.store, info.sha256).value());
  BOOST_TEST(files_in(disk.folder.path() / "blobs/damaged") == 1U);
}

BOOST_AUTO_TEST_CASE(a_blob_that_was_checked_lately_is_not_read_again) {
  Disk disk;
  int asked = 0;
  disk.opened->trust([&asked](const Digest&) { return ++asked > 0; });
  const auto info = put(disk.store, bytes_of("nguyên vẹn")).value();
  change_first_byte(disk.opened->path_of(info.sha256));
  BOOST_TEST(put(disk.store, bytes_of("nguyên vẹn")).value().was_known);
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(bytes_that_come_again_are_not_removed_as_old) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("mồ côi")).value();
  const auto path = disk.opened->path_of(info.sha256);
  const auto old = std::filesystem::last_write_time(path) - std::chrono::hours(48);
  std::filesystem::last_write_time(path, old);
  BOOST_TEST(put(disk.store, bytes_of("mồ côi")).value().was_known);
  BOOST_TEST(!disk.store.remove(info.sha256, now() - std::chrono::hours(24)).value());
  std::filesystem::last_write_time(path, old);
  BOOST_TEST(disk.store.remove(info.sha256, now() - std::chrono::hours(24)).value());
}

// -- copies

BOOST_AUTO_TEST_CASE(a_damaged_copy_is_mended_while_a_whole_one_is_read) {
  Replicating home;
  const auto info = put(home.store, bytes_of("hai bản")).value();
  change_first_byte(home.first.opened->path_of(info.sha256));
  const auto reader = home.replicating.open_whole(info.sha256).value();
  BOOST_TEST(reader.read_all(100).value() == "hai bản");
  BOOST_TEST(verify(home.first.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE(a_missing_copy_is_brought_back_on_either_side) {
  Replicating home;
  const auto info = put(home.store, bytes_of("hai bản")).value();
  for (BlobStore* store : std::initializer_list<BlobStore*>{&home.first.store, &home.second}) {
    BOOST_TEST(store->remove(info.sha256, Instant::max()).value());
    const auto mending = home.replicating.mend(info.sha256).value();
    BOOST_TEST(mending.good == 1);
    BOOST_TEST(mending.mended == 1);
    BOOST_TEST(verify(*store, info.sha256).value());
  }
  BOOST_TEST(home.replicating.mend(info.sha256).value().good == 2);
}

BOOST_AUTO_TEST_CASE(no_whole_copy_is_said_and_nothing_is_touched) {
  Replicating home;
  const auto info = put(home.first.store, bytes_of("một bản")).value();
  change_first_byte(home.first.opened->path_of(info.sha256));
  BOOST_TEST((home.replicating.mend(info.sha256).error().code == ErrorCode::corrupt));
  BOOST_TEST((home.replicating.open_whole(info.sha256).error().code == ErrorCode::corrupt));
  BOOST_TEST(home.first.store.contains(info.sha256));
  const auto absent = Digest::of("absent");
  BOOST_TEST((home.replicating.mend(absent).error().code == ErrorCode::not_found));
}

/// A store that is away.
class AwayStore final : public BlobStore {
 public:
  Result<std::unique_ptr<BlobWriter>> begin() override { return away(); }
  Result<BlobReader> open(const Digest&) const override { return away(); }
  [[nodiscard]] bool contains(const Digest&) const override { return false; }
  Result<void> for_each_in(std::uint8_t,
                           const std::function<bool(const BlobInfo&)>&) const override {
    return away();
  }
  Result<void> set_aside(const Digest&) override { return away(); }
  Result<bool> remove(const Digest&, Instant) override { return away(); }
  [[nodiscard]] std::string location(const Digest&) const override { return "away"; }

 private:
  static tl::unexpected<Error> away() { return fail(ErrorCode::unavailable, "away"); }
};

BOOST_AUTO_TEST_CASE(a_replica_that_is_away_stops_nobody_and_is_reported) {
  MemoryBlobStore first;
  AwayStore second;
  int troubles = 0;
  ReplicatingBlobStore store({&first, &second},
                             [&](const std::string&, const Error&) { ++troubles; });
  const auto info = put(store, bytes_of("thư")).value();
  BOOST_TEST(troubles == 1);
  BOOST_TEST(store.mend(info.sha256).value().left == 1);
  ReplicatingBlobStore turned({&second, &first},
                              [&](const std::string&, const Error&) { ++troubles; });
  BOOST_TEST((turned.begin().error().code == ErrorCode::unavailable));
  BOOST_TEST(turned.open(info.sha256).value().read_all(10).value() == "thư");
  BOOST_TEST((turned.remove(info.sha256, Instant::max()).error().code == ErrorCode::unavailable));
  BOOST_TEST(troubles == 2);
}

BOOST_AUTO_TEST_CASE(a_cache_keeps_what_was_read_last_within_its_bytes) {
  Disk quick;
  MemoryBlobStore slow;
  CachingBlobStore store(quick.store, slow, 25);
  std::vector<Digest> blobs;
  for (const auto* text :
       {"0123456789", "abcdefghij", "ABCDEFGHIJ", "mot tep dai hon hai muoi lam"})
    blobs.push_back(put(store, bytes_of(text)).value().sha256);
  BOOST_TEST(store.open(blobs[0]).has_value());
  BOOST_TEST(store.open(blobs[1]).has_value());
  BOOST_TEST(store.open(blobs[0]).has_value());
  BOOST_TEST(store.open(blobs[2]).has_value());
  BOOST_TEST(store.kept_bytes() == 20U);
  BOOST_TEST(quick.store.contains(blobs[0]));
  BOOST_TEST(!quick.store.contains(blobs[1]));
  BOOST_TEST(store.open(blobs[3]).value().size_bytes() == 28U);
  BOOST_TEST(!quick.store.contains(blobs[3]));
  CachingBlobStore again(quick.store, slow, 15);
  BOOST_TEST(again.load().has_value());
  BOOST_TEST(again.kept_bytes() == 10U);
  std::filesystem::remove(quick.opened->path_of(blobs[0]));
  std::filesystem::remove(quick.opened->path_of(blobs[2]));
  BOOST_TEST(again.open(blobs[2]).value().read_all(10).value() == "ABCDEFGHIJ");
}

BOOST_AUTO_TEST_CASE(a_cache_lets_no_wrong_byte_through) {
  MemoryBlobStore quick;
  Disk slow;
  CachingBlobStore store(quick, slow.store, 1U << 20U);
  const auto info = put(store, bytes_of("nguyên vẹn")).value();
  change_first_byte(slow.opened->path_of(info.sha256));
  BOOST_TEST((store.open(info.sha256).error().code == ErrorCode::corrupt));
  BOOST_TEST(all_of(quick).empty());
}

BOOST_AUTO_TEST_CASE(a_cache_that_takes_nothing_is_passed_by) {
  AwayStore quick;
  MemoryBlobStore slow;
  CachingBlobStore store(quick, slow, 1U << 20U);
  const auto info = put(store, bytes_of("thư")).value();
  BOOST_TEST(store.open(info.sha256).value().read_all(10).value() == "thư");
  BOOST_TEST(!store.load().has_value());
}

BOOST_AUTO_TEST_CASE(a_folder_that_someone_removed_is_made_again) {
  Disk disk;
  const auto info = put(disk.store, bytes_of("một")).value();
  std::filesystem::remove_all(disk.opened->path_of(info.sha256).parent_path().parent_path());
  BOOST_TEST(!put(disk.store, bytes_of("một")).value().was_known);
  BOOST_TEST(verify(disk.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE(nothing_is_begun_without_head_room) {
  const TemporaryFolder folder;
  SyncGroup sync;
  const auto store =
      DiskBlobStore::open(folder.path(), sync, {.head_room_bytes = 1ULL << 60U}).value();
  BOOST_TEST((store->begin().error().code == ErrorCode::disk_full));
}

BOOST_AUTO_TEST_CASE(a_blob_beyond_the_limit_is_refused_and_leaves_nothing) {
  const TemporaryFolder folder;
  SyncGroup sync;
  const auto store = DiskBlobStore::open(folder.path(), sync, {.max_blob_bytes = 10}).value();
  const auto writer = store->begin().value();
  BOOST_TEST(writer->write(bytes_of("12345")).has_value());
  BOOST_TEST((writer->write(bytes_of("678901")).error().code == ErrorCode::too_large));
  BOOST_TEST(!writer->finish().has_value());
  BOOST_TEST(files_in(folder.path() / "tmp") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

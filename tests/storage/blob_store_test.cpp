#include <sys/stat.h>

#include <boost/mpl/list.hpp>
#include <fstream>
#include <set>

#include "storage/blobs/caching_store.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/memory_store.hpp"
#include "storage/blobs/replicating_store.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

struct Disk {
  TemporaryFolder folder;
  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> opened =
      DiskBlobStore::open(folder.path() / "blobs", sync).value();
  BlobStore& store = *opened;
  void damage(const Digest& sha256) const;
};

struct Memory {
  MemoryBlobStore store;
  void damage(const Digest& sha256) const;
};

struct Replicated {
  Disk primary;
  Memory replica;
  ReplicatingBlobStore store{{primary.store, replica.store}, [](std::size_t, const Error&) {}};
  void damage(const Digest& sha256) const {
    primary.damage(sha256);
    replica.damage(sha256);
  }
};

struct Cached {
  TemporaryFolder folder;
  MemoryBlobStore slow;
  std::unique_ptr<CachingBlobStore> opened =
      CachingBlobStore::open(slow, folder.path(), 5'000'000).value();
  BlobStore& store = *opened;
  void damage(const Digest& sha256) const;
};

using BlobStoreHomes = boost::mpl::list<Disk, Memory, Replicated, Cached>;

}  // namespace
}  // namespace khochung::storage

#include "tests/storage/blob_store_contract.hpp"

namespace khochung::storage {
namespace {

void Disk::damage(const Digest& sha256) const {
  flip_bit(store, sha256);
}
void Memory::damage(const Digest& sha256) const {
  flip_bit(store, sha256);
}
void Cached::damage(const Digest& sha256) const {
  // The cache's copy first, while it is the one that is read; large blobs have none.
  flip_bit(store, sha256);
  if (verify(slow, sha256).value_or(false)) flip_bit(slow, sha256);
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(blob_store)

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

BOOST_AUTO_TEST_CASE(what_many_ask_for_at_once_is_opened_once) {
  Disk disk;
  const auto sha256 = put(disk.store, bytes_of("áp phích")).value().sha256;
  const auto first = disk.store.open_shared(sha256).value();
  BOOST_TEST(disk.store.open_shared(sha256).value() == first);
  BOOST_TEST(disk.store.set_aside(sha256).has_value());
  BOOST_TEST((disk.store.open_shared(sha256).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_kept_for_looking_at_however_often) {
  Disk disk;
  const auto damaged = disk.folder.path() / "blobs/damaged";
  const auto info = put(disk.store, bytes_of("nguyên vẹn")).value();
  const auto path = disk.opened->path_of(info.sha256);
  const auto overwrite = [&path](std::string_view text) {
    std::filesystem::remove(path);
    std::ofstream(path) << text;
  };
  overwrite("Nguyên vẹn");
  BOOST_TEST((reread(disk.store, info.sha256).value().found == Digest::of("Nguyên vẹn")));
  BOOST_TEST(put(disk.store, bytes_of("nguyên vẹn")).value().was_healed);
  overwrite("cụt");
  BOOST_TEST(put(disk.store, bytes_of("nguyên vẹn")).value().was_healed);
  overwrite("dài hơn trước rất nhiều");
  BOOST_TEST(disk.store.set_aside(info.sha256).has_value());
  BOOST_TEST(put(disk.store, bytes_of("nguyên vẹn")).has_value());
  BOOST_TEST(text_of(path) == "nguyên vẹn");
  BOOST_TEST(text_of(damaged / info.sha256.hex()) == "Nguyên vẹn");
  BOOST_TEST(text_of(damaged / (info.sha256.hex() + ".2")) == "cụt");
  BOOST_TEST(text_of(damaged / (info.sha256.hex() + ".3")) == "dài hơn trước rất nhiều");
  struct stat status{};
  BOOST_TEST(::stat(path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0222U) == 0U);
}

BOOST_AUTO_TEST_CASE(a_blob_whose_last_good_check_is_fresh_is_trusted_unread) {
  const TemporaryFolder folder;
  SyncGroup sync;
  std::set<Digest> fresh;
  const auto store = DiskBlobStore::open(folder.path(), sync, {}, [&fresh](const Digest& sha256) {
                       return fresh.contains(sha256);
                     }).value();
  const auto info = put(*store, bytes_of("áp phích")).value();
  flip_bit(*store, info.sha256);
  fresh.insert(info.sha256);
  BOOST_TEST(put(*store, bytes_of("áp phích")).value().was_known);
  // Its length is looked at all the same.
  BOOST_TEST_REQUIRE(::truncate(store->path_of(info.sha256).c_str(), 3) == 0);
  BOOST_TEST(put(*store, bytes_of("áp phích")).value().was_healed);
  flip_bit(*store, info.sha256);
  fresh.clear();
  BOOST_TEST(put(*store, bytes_of("áp phích")).value().was_healed);
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

// A disk that has something else where the store wants its files, or gives nothing more.
#include "storage/blobs/disk_store.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "storage/blobs/verify.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;
using enum ErrorCode;

struct Shelf {
  TemporaryFolder folder;
  int failing_syncs = 0;
  SyncGroup sync{{[this](int descriptor) { return sync_file(descriptor); }, ::syncfs}};
  fs::path path = folder.path() / "blobs";
  std::unique_ptr<DiskBlobStore> store = DiskBlobStore::open(path, sync).value();

  int sync_file(int descriptor) {
    if (failing_syncs == 0) return ::fsync(descriptor);
    --failing_syncs;
    errno = EIO;
    return -1;
  }
  [[nodiscard]] Digest put(std::string_view text) const {
    return storage::put(*store, bytes_of(text)).value().sha256;
  }
  /// Every file, wherever it lies.
  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(disk_store)

BOOST_AUTO_TEST_CASE(a_store_that_cannot_have_its_folders_is_not_opened) {
  Shelf shelf;
  const auto opened = [&shelf] { return DiskBlobStore::open(shelf.path, shelf.sync); };
  fs::remove_all(shelf.path / "tmp");
  shelf.failing_syncs = 1;
  BOOST_TEST((opened().error().code == unavailable));
  block(shelf.path / "tmp");
  BOOST_TEST((opened().error().code == internal));
  block(shelf.path);
  BOOST_TEST((opened().error().code == internal));
}

BOOST_AUTO_TEST_CASE(without_a_descriptor_nothing_is_begun_or_opened_and_nothing_is_lost) {
  const Shelf shelf;
  const auto sha256 = shelf.put("còn đó");
  {
    const NoDescriptors no_descriptors;
    BOOST_TEST((shelf.store->begin().error().code == unavailable));
    BOOST_TEST((shelf.store->open(sha256).error().code == unavailable));
  }
  BOOST_TEST(verify(*shelf.store, sha256).value());
}

BOOST_AUTO_TEST_CASE(a_blob_that_does_not_fit_is_refused_and_leaves_nothing) {
  const Shelf shelf;
  const auto writer = shelf.store->begin().value();
  {
    const NoRoom no_room;
    BOOST_TEST((writer->write(bytes_of("thư")).error().code == unavailable));
  }
  BOOST_TEST((writer->write(bytes_of("thư")).error().code == internal));
  BOOST_TEST(!writer->preview().has_value());
  BOOST_TEST(!writer->finish().has_value());
  BOOST_TEST(shelf.files() == 0U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_gone_takes_nothing_in) {
  const Shelf shelf;
  fs::remove_all(shelf.path);
  BOOST_TEST(!shelf.store->begin().has_value());
  BOOST_TEST(all_of(*shelf.store).empty());
}

BOOST_AUTO_TEST_CASE(a_listing_that_breaks_off_is_an_error) {
  const Shelf shelf;
  block(shelf.path / "sha256" / "ab");
  BOOST_TEST(shelf.store->for_each_in(0xaa, [](const BlobInfo&) { return true; }).has_value());
  const auto listed = shelf.store->for_each_in(0xab, [](const BlobInfo&) { return true; });
  BOOST_TEST((listed.error().code == internal));
}

BOOST_AUTO_TEST_CASE(what_is_removed_during_a_listing_is_left_out_without_an_error) {
  const Shelf shelf;
  // Two blobs of one folder.
  std::map<std::string, std::string> texts;
  std::vector<Digest> both;
  for (int i = 0; both.empty(); ++i) {
    const auto text = std::to_string(i);
    const auto [first, is_new] = texts.emplace(Digest::of(text).hex().substr(0, 4), text);
    if (!is_new) both = {shelf.put(first->second), shelf.put(text)};
  }
  int visits = 0;
  const auto listed = shelf.store->for_each([&](const BlobInfo& info) {
    ++visits;
    const auto& other = info.sha256 == both[0] ? both[1] : both[0];
    BOOST_TEST(shelf.store->remove(other).has_value());
    return true;
  });
  BOOST_TEST(listed.has_value());
  BOOST_TEST(visits == 1);
}

BOOST_AUTO_TEST_CASE(files_that_are_no_blobs_are_not_listed) {
  const Shelf shelf;
  const auto sha256 = shelf.put("thư");
  const auto folder = shelf.store->path_of(sha256).parent_path();
  std::ofstream(folder / "README") << "no blob";
  auto other = sha256.hex();
  other.back() = other.back() == '0' ? '1' : '0';
  fs::create_directory(folder / other);
  BOOST_TEST(all_of(*shelf.store).size() == 1U);
}

// -- something else under a blob's name

BOOST_AUTO_TEST_CASE(a_link_to_nowhere_is_replaced_by_the_blob) {
  const Shelf shelf;
  const auto path = shelf.store->path_of(shelf.put("thư"));
  fs::remove(path);
  fs::create_symlink("nowhere", path);
  BOOST_TEST(verify(*shelf.store, shelf.put("thư")).value());
  BOOST_TEST(fs::is_regular_file(fs::symlink_status(path)));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_under_a_blobs_name_stands_and_the_blob_is_not_taken) {
  const Shelf shelf;
  const auto path = shelf.store->path_of(shelf.put("thư"));
  fs::remove(path);
  fs::create_symlink(path, path);
  BOOST_TEST((put(*shelf.store, bytes_of("thư")).error().code == internal));
  BOOST_TEST(fs::is_symlink(path));
  BOOST_TEST(fs::is_empty(shelf.path / "tmp"));
}

BOOST_AUTO_TEST_CASE(a_folder_under_a_blobs_name_stands_and_the_blob_is_not_taken) {
  const Shelf shelf;
  // As long as the folder says that it is, so that it is read.
  const auto probe = shelf.folder.path() / "probe";
  fs::create_directory(probe);
  struct stat info{};
  BOOST_TEST_REQUIRE(::stat(probe.c_str(), &info) == 0);
  const std::string text(static_cast<std::size_t>(info.st_size), 'x');
  const auto sha256 = Digest::of(text);
  fs::create_directories(shelf.store->path_of(sha256));
  BOOST_TEST((put(*shelf.store, bytes_of(text)).error().code == internal));
  BOOST_TEST((shelf.store->remove(sha256).error().code == internal));
  BOOST_TEST(fs::is_directory(shelf.store->path_of(sha256)));
  BOOST_TEST(shelf.files() == 0U);
}

// -- setting aside and removing

BOOST_AUTO_TEST_CASE(what_was_set_aside_goes_with_its_blob) {
  const Shelf shelf;
  const auto other = shelf.put("khác");
  BOOST_TEST(shelf.store->set_aside(other).has_value());
  for (int i = 0; i < 3; ++i) BOOST_TEST(shelf.store->set_aside(shelf.put("thư")).has_value());
  const auto sha256 = shelf.put("thư");
  BOOST_TEST(shelf.files() == 5U);
  BOOST_TEST(shelf.store->remove(sha256).has_value());
  BOOST_TEST(shelf.files() == 1U);
  BOOST_TEST(fs::exists(shelf.path / "damaged" / other.hex()));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_set_aside_stays_under_its_name) {
  Shelf shelf;
  const auto sha256 = shelf.put("thư");
  shelf.failing_syncs = 1;
  BOOST_TEST((shelf.store->set_aside(sha256).error().code == unavailable));
  BOOST_TEST(shelf.store->contains(sha256));
  block(shelf.path / "damaged");
  BOOST_TEST((shelf.store->set_aside(sha256).error().code == internal));
  BOOST_TEST(verify(*shelf.store, sha256).value());
}

BOOST_AUTO_TEST_CASE(a_blob_stays_while_what_was_set_aside_of_it_cannot_be_removed) {
  const Shelf shelf;
  const auto sha256 = shelf.put("thư");
  block(shelf.path / "damaged");
  BOOST_TEST((shelf.store->remove(sha256).error().code == internal));
  BOOST_TEST(verify(*shelf.store, sha256).value());
}

BOOST_AUTO_TEST_CASE(what_may_come_back_after_a_power_cut_does_not_count_as_removed) {
  Shelf shelf;
  const auto sha256 = shelf.put("thư");
  shelf.failing_syncs = 1;
  BOOST_TEST((shelf.store->remove(sha256).error().code == unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

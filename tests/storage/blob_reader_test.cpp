// Reading, copying and checking a blob when something on the way fails.
#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "storage/blobs/memory_store.hpp"
#include "storage/blobs/scrub.hpp"
#include "storage/blobs/unnamed_file.hpp"
#include "storage/blobs/verify.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/failing_store.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

using Step = FailingBlobStore::Step;
using enum ErrorCode;

/// Bytes that come from no descriptor.
BlobReader elsewhere(std::string text, std::optional<Digest> sha256) {
  const auto size = text.size();
  return {
      [text = std::move(text)](std::uint64_t offset, std::span<std::byte> into) -> Result<void> {
        std::ranges::copy(bytes_of(text).subspan(offset, into.size()), into.begin());
        return {};
      },
      size, sha256};
}

BlobReader unreadable(std::uint64_t size_bytes) {
  return {[](std::uint64_t, auto) { return fail(unavailable, "as the test wishes"); }, size_bytes,
          Digest::of("x")};
}

}  // namespace

// -- readers

BOOST_AUTO_TEST_SUITE(blob_reader)

BOOST_AUTO_TEST_CASE(a_reader_that_takes_the_place_of_another_reads_its_own_bytes) {
  MemoryBlobStore store;
  const auto one = put(store, bytes_of("một")).value().sha256;
  const auto two = put(store, bytes_of("hai và ba")).value().sha256;
  auto reader = store.open(one).value();
  reader = store.open(two).value();
  BOOST_TEST(reader.read_all(100).value() == "hai và ba");
  BOOST_TEST(reader.descriptor().has_value());
  reader = elsewhere("bốn", Digest::of("bốn"));
  BOOST_TEST(reader.read_all(100).value() == "bốn");
  BOOST_TEST((reader.sha256() == Digest::of("bốn")));
  BOOST_TEST(!reader.descriptor().has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_an_error) {
  const TemporaryFolder folder;
  const BlobReader reader(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC), 10);
  BOOST_TEST((reader.read_all(10).error().code == internal));
  BOOST_TEST((reread(reader).error().code == internal));
  BOOST_TEST((unreadable(10).read_all(10).error().code == unavailable));
  BOOST_TEST((reread(unreadable(10)).error().code == unavailable));
}

BOOST_AUTO_TEST_CASE(past_the_cache_any_part_is_read) {
  const TemporaryFolder folder;
  auto file = UnnamedFile::make(folder.path()).value();
  std::string bytes(3 * BlobReader::disk_alignment + 5, 'x');
  bytes[4'100] = 'y';
  BOOST_TEST(file.write(bytes_of(bytes)).has_value());
  const auto reader = open_again(file.descriptor(), file.size_bytes()).value();
  reader.read_past_cache();
  // Twice: it is so already.
  reader.read_past_cache();
  std::string into(7, '?');
  BOOST_TEST(reader.read(4'099, std::as_writable_bytes(std::span(into))).value() == 7U);
  BOOST_TEST(into == "xyxxxxx");
  BOOST_TEST((reader.read_all(bytes.size()).value() == bytes));
  // Where there is no descriptor there is no cache of the kernel's, either.
  const auto other = elsewhere("bốn", {});
  other.read_past_cache();
  BOOST_TEST(other.read_all(100).value() == "bốn");
}

BOOST_AUTO_TEST_CASE(bytes_from_elsewhere_get_a_descriptor_when_they_are_what_was_named) {
  const auto copied = with_descriptor(elsewhere("bốn", Digest::of("bốn"))).value();
  BOOST_TEST(copied.descriptor().has_value());
  BOOST_TEST(copied.read_all(100).value() == "bốn");
  BOOST_TEST((with_descriptor(elsewhere("bốn", Digest::of("năm"))).error().code == corrupt));
  BOOST_TEST((elsewhere("bốn", Digest::of("năm")).read_all(100).error().code == corrupt));
}

BOOST_AUTO_TEST_CASE(bytes_that_their_source_answers_for_get_a_descriptor_too) {
  const auto copied = with_descriptor(elsewhere("bốn", std::nullopt)).value();
  BOOST_TEST(copied.descriptor().has_value());
  BOOST_TEST(copied.read_all(100).value() == "bốn");
}

BOOST_AUTO_TEST_CASE(a_reader_with_a_descriptor_keeps_it) {
  MemoryBlobStore store;
  const auto sha256 = put(store, bytes_of("một")).value().sha256;
  auto reader = store.open(sha256).value();
  const auto descriptor = reader.descriptor();
  BOOST_TEST((with_descriptor(std::move(reader)).value().descriptor() == descriptor));
}

BOOST_AUTO_TEST_CASE(without_a_place_for_the_copy_there_is_no_descriptor) {
  BOOST_TEST((with_descriptor(unreadable(10)).error().code == unavailable));
  BOOST_TEST((open_as_file(MemoryBlobStore(), Digest::of("x")).error().code == not_found));
  BOOST_TEST((open_again(-1, 0).error().code == not_found));
  {
    const NoRoom no_room;
    BOOST_TEST((with_descriptor(elsewhere("bốn", {})).error().code == unavailable));
  }
  const TemporaryFolder folder;
  const TemporaryFiles nowhere(folder.path() / "absent");
  BOOST_TEST(!with_descriptor(elsewhere("bốn", {})).has_value());
}

// -- files without a name

BOOST_AUTO_TEST_CASE(a_file_without_a_name_is_in_no_folder_and_says_when_it_takes_nothing) {
  const TemporaryFolder folder;
  auto file = UnnamedFile::make(folder.path()).value();
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
  {
    const NoRoom no_room;
    BOOST_TEST((file.write(bytes_of("thư")).error().code == unavailable));
  }
  BOOST_TEST(file.size_bytes() == 0U);
  BOOST_TEST(file.write(bytes_of("thư")).has_value());
  BOOST_TEST(file.size_bytes() == std::string_view("thư").size());
}

BOOST_AUTO_TEST_CASE(where_no_file_can_be_made_it_is_told) {
  BOOST_TEST((UnnamedFile::make("/absent").error().code == not_found));
  // Knows neither files without a name nor new ones.
  BOOST_TEST(!UnnamedFile::make("/proc").has_value());
}

BOOST_AUTO_TEST_CASE(where_the_file_system_knows_only_names_the_name_goes_at_once) {
  const TemporaryFolder folder;
  // Message queues are the kernel's own file system without O_TMPFILE.
  if (::mount("mqueue", folder.path().c_str(), "mqueue", 0, nullptr) != 0) {
    BOOST_TEST_MESSAGE("skipped: this user may not mount one");
    return;
  }
  BOOST_TEST(UnnamedFile::make(folder.path()).has_value());
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
  ::umount2(folder.path().c_str(), MNT_DETACH);
}

// -- blobs in memory

BOOST_AUTO_TEST_CASE(memory_that_is_not_given_is_an_error_and_keeps_nothing) {
  MemoryBlobStore store;
  const auto kept = put(store, bytes_of("có trước")).value().sha256;
  BOOST_TEST(store.location(kept) == "memory:" + kept.hex());
  {
    const NoDescriptors no_descriptors;
    BOOST_TEST((store.begin().error().code == unavailable));
    BOOST_TEST((store.open(kept).error().code == unavailable));
    BOOST_TEST((put(store, bytes_of("thư")).error().code == unavailable));
  }
  {
    const NoRoom no_room;
    BOOST_TEST((put(store, bytes_of("thư")).error().code == unavailable));
  }
  BOOST_TEST(all_of(store).size() == 1U);
  BOOST_TEST(verify(store, kept).value());
}

// -- copies and checks

BOOST_AUTO_TEST_CASE(a_copy_that_fails_at_either_end_is_no_copy) {
  MemoryBlobStore from;
  const auto sha256 = put(from, bytes_of("bản gốc")).value().sha256;
  const auto reader = from.open(sha256).value();
  for (const auto step : {Step::begin, Step::write, Step::finish}) {
    FailingBlobStore to;
    to.fail_at(step, disk_full);
    BOOST_TEST((copy_blob(reader, sha256, to).error().code == disk_full));
    BOOST_TEST(!to.contains(sha256));
    to.work_again();
    BOOST_TEST((copy_blob(unreadable(10), sha256, to).error().code == unavailable));
    BOOST_TEST(!to.contains(sha256));
  }
}

BOOST_AUTO_TEST_CASE(a_scrub_tells_which_blob_cannot_be_read_and_goes_on) {
  FailingBlobStore store;
  std::vector<Digest> blobs;
  for (const auto* text : {"một", "hai", "ba"}) {
    blobs.push_back(put(store, bytes_of(text)).value().sha256);
  }
  store.make_unreadable(blobs[1]);
  std::vector<bool> found_good;
  scrub(
      store, blobs, [](std::uint64_t) { return true; },
      [&](const Digest& sha256, const Result<Fixity>& found) {
        found_good.push_back(found && found->is_intact(sha256));
        return true;
      });
  BOOST_TEST((found_good == std::vector{true, false, true}));
}

BOOST_AUTO_TEST_CASE(a_scrub_of_nothing_but_absent_blobs_ends_when_it_is_told_to) {
  const MemoryBlobStore store;
  const std::vector<Digest> absent(100, Digest::of("absent"));
  int visits = 0;
  scrub(
      store, absent, [](std::uint64_t) { return true; },
      [&visits](const Digest&, const Result<Fixity>& found) {
        ++visits;
        return found.has_value();
      });
  BOOST_TEST(visits == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

// What is read for people is checked as the archive was told to, and mended where a copy is good.
#include "storage/fixity/checked_blobs.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/memory_store.hpp"
#include "tests/storage/catalogue_home.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;
using Extent = CheckedBlobs::Extent;
using State = FixityResult::State;

constexpr std::uint64_t mebibyte = 1U << 20U;

struct Shelf {
  SqliteHome home;
  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> disk =
      DiskBlobStore::open(home.folder.path() / "blobs", sync).value();
  MemoryBlobStore copy;
  ReplicatingBlobStore copies{{*disk, copy}, [](std::size_t, const Error&) {}};
  std::vector<bool> reports;  ///< mended or not, of each blob that was not whole

  CheckedBlobs checked(VerifyOnRead policy, bool has_copies = false) {
    const auto report = [this](const Digest&, bool is_mended) { reports.push_back(is_mended); };
    CheckedBlobs::Settings settings;
    settings.verify_on_read = policy;
    if (has_copies) return {copies, &copies, home.catalogue, settings, report};
    return {*disk, nullptr, home.catalogue, settings, report};
  }
  /// A blob that was checked `age` ago.
  Digest put(const std::string& content, std::chrono::hours age) {
    const auto material = home.put(content);
    const auto& sha256 = material.files[0].sha256;
    BOOST_TEST_REQUIRE(storage::put(copies, std::as_bytes(std::span(content))).has_value());
    BOOST_TEST_REQUIRE(
        home.catalogue.set_fixity({{sha256, content.size(), {}, now() - age, State::good}})
            .has_value());
    return sha256;
  }
  /// Turns one bit in the middle of what lies on the disk.
  void damage(const Digest& sha256) const {
    const auto path = disk->path_of(sha256);
    fs::permissions(path, fs::perms::owner_all);
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(fs::file_size(path) / 2);
    stream.seekg(at);
    const auto byte = static_cast<unsigned>(stream.get());
    stream.seekp(at);
    stream.put(static_cast<char>(byte ^ 4U));
  }
  State state(const Digest& sha256) const { return home.catalogue.fixity(sha256).value().state; }
};

/// Reads as the network does, a piece at a time. Nothing: the end could not be read.
std::optional<std::string> read_in_pieces(const BlobReader& reader,
                                          std::size_t piece_bytes = 1000) {
  std::string all;
  std::string piece(piece_bytes, '\0');
  while (all.size() < reader.size_bytes()) {
    const auto wanted = std::min<std::size_t>(piece.size(), reader.size_bytes() - all.size());
    const auto count =
        reader.read(all.size(), std::as_writable_bytes(std::span(piece).first(wanted)));
    if (!count) return std::nullopt;
    all.append(piece, 0, *count);
  }
  return all;
}

constexpr std::chrono::hours lately{1};
constexpr std::chrono::hours long_ago{24 * 31};

}  // namespace

BOOST_AUTO_TEST_SUITE(checked_blobs)

BOOST_AUTO_TEST_CASE(what_was_found_good_lately_is_given_unread) {
  Shelf shelf;
  const auto sha256 = shelf.put("thông cáo", lately);
  auto checked = shelf.checked(VerifyOnRead::fresh);
  BOOST_TEST(checked.open(sha256, Extent::whole).value().descriptor().has_value());
  BOOST_TEST(checked.open_at_once(sha256, Extent::whole) != nullptr);
  BOOST_TEST(checked.is_fresh(sha256));
}

BOOST_AUTO_TEST_CASE(what_was_not_checked_for_long_is_checked_on_its_way_and_is_fresh_then) {
  Shelf shelf;
  const std::string content(2 * mebibyte, 'k');
  const auto sha256 = shelf.put(content, long_ago);
  auto checked = shelf.checked(VerifyOnRead::fresh);
  BOOST_TEST(!checked.is_fresh(sha256));
  BOOST_TEST(checked.open_at_once(sha256, Extent::whole) == nullptr);
  const auto reader = checked.open(sha256, Extent::whole).value();
  BOOST_TEST(!reader.descriptor().has_value());
  BOOST_TEST((read_in_pieces(reader) == content));
  BOOST_TEST(checked.is_fresh(sha256));
  BOOST_TEST(checked.open(sha256, Extent::whole).value().descriptor().has_value());
  BOOST_TEST(shelf.reports.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_is_never_part_of_a_whole_answer) {
  Shelf shelf;
  const auto sha256 = shelf.put(std::string(100'000, 'k'), lately);
  shelf.damage(sha256);
  auto checked = shelf.checked(VerifyOnRead::always);
  const auto reader = checked.open(sha256, Extent::whole).value();
  BOOST_TEST(!read_in_pieces(reader).has_value());
  BOOST_TEST((shelf.reports == std::vector<bool>{false}));
  BOOST_TEST((shelf.state(sha256) == State::damaged));
  // From now on nobody gets any of it.
  BOOST_TEST((checked.open(sha256, Extent::whole).error().code == ErrorCode::corrupt));
  BOOST_TEST((checked.open(sha256, Extent::part).error().code == ErrorCode::corrupt));
  BOOST_TEST(checked.open_at_once(sha256, Extent::part) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_short_is_no_whole_answer) {
  Shelf shelf;
  const auto sha256 = shelf.put(std::string(100'000, 'k'), long_ago);
  auto checked = shelf.checked(VerifyOnRead::fresh);
  const auto reader = checked.open(sha256, Extent::whole).value();
  fs::permissions(shelf.disk->path_of(sha256), fs::perms::owner_all);
  fs::resize_file(shelf.disk->path_of(sha256), 50'000);
  BOOST_TEST(!read_in_pieces(reader).has_value());
  BOOST_TEST((shelf.state(sha256) == State::damaged));
}

BOOST_AUTO_TEST_CASE(a_part_relies_on_the_last_check) {
  Shelf shelf;
  const auto sha256 = shelf.put(std::string(100'000, 'k'), long_ago);
  for (const auto policy : {VerifyOnRead::always, VerifyOnRead::fresh, VerifyOnRead::never}) {
    auto checked = shelf.checked(policy);
    BOOST_TEST(checked.open(sha256, Extent::part).value().descriptor().has_value());
  }
  BOOST_TEST((shelf.checked(VerifyOnRead::never)
                  .open(sha256, Extent::whole)
                  .value()
                  .descriptor()
                  .has_value()));
}

BOOST_AUTO_TEST_CASE(what_a_later_check_found_whole_again_is_given_at_once) {
  Shelf shelf;
  const auto sha256 = shelf.put("nội dung", lately);
  auto checked = shelf.checked(VerifyOnRead::fresh);
  const auto found = [&](State state) {
    BOOST_TEST(shelf.home.catalogue.set_fixity({{sha256, 9, {}, now(), state}}).has_value());
  };
  found(State::damaged);
  BOOST_TEST(!checked.open(sha256, Extent::part).has_value());
  found(State::good);
  BOOST_TEST(checked.open(sha256, Extent::part).has_value());
}

BOOST_AUTO_TEST_CASE(damage_is_mended_from_a_copy_while_it_is_read) {
  for (const auto policy : {VerifyOnRead::always, VerifyOnRead::fresh}) {
    Shelf shelf;
    const std::string content(100'000, 'k');
    const auto sha256 = shelf.put(content, long_ago);
    shelf.damage(sha256);
    auto checked = shelf.checked(policy, true);
    BOOST_TEST((read_in_pieces(checked.open(sha256, Extent::whole).value()) == content));
    BOOST_TEST((shelf.reports == std::vector<bool>{true}));
    BOOST_TEST((shelf.disk->open(sha256).value().read_all(mebibyte).value() == content));
    BOOST_TEST(checked.is_fresh(sha256));
  }
}

BOOST_AUTO_TEST_CASE(of_many_readers_at_once_one_mends) {
  Shelf shelf;
  const std::string content(1'000'000, 'k');
  const auto sha256 = shelf.put(content, long_ago);
  shelf.damage(sha256);
  std::atomic<int> mends = 0;
  std::atomic<int> failures = 0;
  std::vector<std::jthread> readers(8);
  for (auto& reader : readers) {
    reader = std::jthread([&] {
      const auto intact = shelf.copies.open_intact(sha256);
      if (intact && intact->is_mended) ++mends;
      if (!intact || intact->reader.read_all(mebibyte).value() != content) ++failures;
    });
  }
  readers.clear();
  BOOST_TEST(mends == 1);
  BOOST_TEST(failures == 0);
  BOOST_TEST((shelf.disk->open(sha256).value().read_all(mebibyte).value() == content));
}

BOOST_AUTO_TEST_CASE(what_a_check_found_lost_comes_back_from_a_copy) {
  Shelf shelf;
  const auto sha256 = shelf.put("biên bản", lately);
  auto checked = shelf.checked(VerifyOnRead::fresh, true);
  BOOST_TEST(checked.open(sha256, Extent::whole).has_value());
  fs::remove(shelf.disk->path_of(sha256));
  BOOST_TEST_REQUIRE(
      shelf.home.catalogue.set_fixity({{sha256, 10, {}, now(), State::missing}}).has_value());
  BOOST_TEST(checked.mend(sha256).value());
  BOOST_TEST((shelf.disk->open(sha256).value().read_all(mebibyte).value() == "biên bản"));
  BOOST_TEST((shelf.state(sha256) == State::good));
}

BOOST_AUTO_TEST_CASE(without_a_good_copy_the_damage_is_told_and_nothing_given) {
  Shelf shelf;
  const auto sha256 = shelf.put("biên bản", lately);
  shelf.damage(sha256);
  BOOST_TEST_REQUIRE(shelf.copy.remove(sha256).has_value());
  auto checked = shelf.checked(VerifyOnRead::always, true);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST((checked.open(sha256, Extent::whole).error().code == ErrorCode::corrupt));
  BOOST_TEST((shelf.reports == std::vector<bool>{false}));
  BOOST_TEST(!checked.mend(sha256).value());
  BOOST_TEST((shelf.state(sha256) == State::damaged));
  BOOST_TEST((shelf.reports == std::vector<bool>{false, false}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

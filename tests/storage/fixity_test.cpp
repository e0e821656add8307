// Every flipped bit is found, and results are kept.
#include "storage/fixity/fixity_check.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>
#include <set>

#include "storage/blobs/disk_store.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/catalogue_home.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// A store with some of everything that a check reads.
struct Store {
  SqliteHome home;
  fs::path folder = home.folder.path();
  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> blobs = DiskBlobStore::open(folder / "blobs", sync).value();
  RecordStore records{folder / "records", sync};
  DerivativeStore derivatives{folder / "derived"};
  FixityCheck check{*blobs, records, derivatives, home.catalogue};

  Material put(const std::string& content) {
    const auto material = home.put(content);
    BOOST_TEST_REQUIRE(storage::put(*blobs, bytes_of(content)).has_value());
    Record record;
    record.id = material.id.uuid();
    record.at = material.created_at;
    record.by = "local";
    record.from = "cli";
    record.body = to_json(material);
    BOOST_TEST_REQUIRE(records.append(record).has_value());
    Reading reading;
    reading.recipe = "test-1";
    reading.pages.resize(2);
    reading.pages[0].text = "Trang một: " + content;
    reading.pages[1].text = "Trang hai";
    reading.pages[1].words.push_back({"Trang", 10, 20, 30, 40, 95});
    const auto source = material.files[0].sha256;
    BOOST_TEST_REQUIRE(derivatives.put_reading(source, reading).has_value());
    BOOST_TEST_REQUIRE(
        derivatives.put_rendition(source, "thumbnail.jpg", bytes_of("ảnh " + content)).has_value());
    return material;
  }

  FixityReport all(const FixityOptions& options = {}) {
    FixityReport whole;
    for (unsigned slice = 0; slice < 256; ++slice) {
      auto part = check.check_slice(static_cast<std::uint8_t>(slice), options).value();
      whole.checked += part.checked;
      whole.bytes += part.bytes;
      std::ranges::move(part.corrupt, std::back_inserter(whole.corrupt));
      std::ranges::move(part.missing, std::back_inserter(whole.missing));
    }
    return whole;
  }
};

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void flip_a_bit(const fs::path& file, std::mt19937& random) {
  fs::permissions(file, fs::perms::owner_all);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(random() % fs::file_size(file));
  stream.seekg(at);
  const auto byte = static_cast<unsigned>(stream.get());
  stream.seekp(at);
  stream.put(static_cast<char>(byte ^ (1U << (random() % 8))));
}

std::set<std::string> paths_of(const std::vector<Damage>& damages) {
  std::set<std::string> paths;
  for (const auto& damage : damages) paths.insert(damage.path);
  return paths;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fixity)

BOOST_AUTO_TEST_CASE(what_is_whole_is_found_whole_and_noted) {
  Store store;
  const auto material = store.put("thư");
  const auto report = store.all();
  BOOST_TEST(report.corrupt.empty());
  BOOST_TEST(report.missing.empty());
  BOOST_TEST(report.checked == 4);  // a blob, a record, a reading, a rendition
  const auto result = store.home.catalogue.fixity(material.files[0].sha256).value();
  BOOST_TEST((result.state == FixityResult::State::good));
  BOOST_TEST(result.checked_at.has_value());
}

BOOST_AUTO_TEST_CASE(one_flipped_bit_anywhere_is_found) {
  Store store;
  for (int i = 0; i < 100; ++i) store.put("nội dung " + std::to_string(i));
  std::mt19937 random(20261127);
  std::set<std::string> flipped;
  for (const auto* room : {"blobs/sha256", "records", "derived"}) {
    for (const auto& file : files_in(store.folder / room)) {
      flip_a_bit(file, random);
      flipped.insert(file.string());
    }
  }
  BOOST_TEST(flipped.size() == 400U);
  const auto report = store.all();
  BOOST_TEST((paths_of(report.corrupt) == flipped));
  BOOST_TEST(store.home.catalogue.bad_blobs(1000).value().size() == 100U);
}

BOOST_AUTO_TEST_CASE(what_lies_behind_the_end_of_a_derivative_is_found) {
  Store store;
  store.put("thư");
  for (const auto& file : files_in(store.folder / "derived"))
    std::ofstream(file, std::ios::app | std::ios::binary) << "x";
  BOOST_TEST(store.all().corrupt.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_a_power_cut_left_of_a_derivative_is_no_rot) {
  Store store;
  store.put("thư");
  const auto files = files_in(store.folder / "derived");
  for (const auto& file : files) {
    const auto whole = fs::file_size(file);
    for (const auto left : {std::uintmax_t{0}, std::uintmax_t{5}, whole - 20, whole}) {
      BOOST_TEST_REQUIRE(
          store.derivatives
              .put_rendition(Digest::of("thư"), "thumbnail.jpg", bytes_of("một tấm ảnh đủ dài"))
              .has_value());
      fs::permissions(file, fs::perms::owner_all);
      fs::resize_file(file, left == whole ? 0 : left);
      if (left == whole) fs::resize_file(file, whole);  // zeros, whole in length
      const auto report = store.all();
      const auto found = std::ranges::find(report.corrupt, file.string(), &Damage::path);
      BOOST_TEST_REQUIRE((found != report.corrupt.end()));
      BOOST_TEST(found->kind == "torn");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bit_of_the_length_of_a_reading_is_rot) {
  Store store;
  store.put("thư");
  const auto files = files_in(store.folder / "derived");
  const auto file = *std::ranges::find(files, ".reading", &fs::path::extension);
  fs::permissions(file, fs::perms::owner_all);
  for (int bit = 0; bit < 16 * 8; ++bit) {
    const auto turn = [&] {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekg(bit / 8);
      const auto byte = stream.get() ^ 1 << bit % 8;
      stream.seekp(bit / 8);
      stream.put(static_cast<char>(byte));
    };
    turn();
    const auto report = store.all();
    turn();
    BOOST_TEST_REQUIRE(report.corrupt.size() == 1U);
    BOOST_TEST(report.corrupt[0].kind == "derivative");
  }
}

BOOST_AUTO_TEST_CASE(a_missing_blob_is_missing_until_its_bytes_come_again) {
  Store store;
  const auto material = store.put("thư");
  const auto sha256 = material.files[0].sha256;
  fs::remove(store.blobs->path_of(sha256));
  const auto report = store.all();
  BOOST_TEST_REQUIRE(report.missing.size() == 1U);
  BOOST_TEST(report.missing[0].id == sha256.hex());
  BOOST_TEST((store.home.catalogue.fixity(sha256).value().state == FixityResult::State::missing));
  BOOST_TEST(put(*store.blobs, bytes_of("thư")).has_value());
  BOOST_TEST(store.all().missing.empty());
  BOOST_TEST(store.home.catalogue.bad_blobs(10).value().empty());
}

BOOST_AUTO_TEST_CASE(a_fast_check_sees_lengths_and_absence_without_reading) {
  Store store;
  const auto cut = store.put("bị cắt cụt");
  const auto flipped = store.put("bị lật một bit");
  std::mt19937 random(1);
  flip_a_bit(store.blobs->path_of(flipped.files[0].sha256), random);
  const auto path = store.blobs->path_of(cut.files[0].sha256);
  fs::permissions(path, fs::perms::owner_all);
  fs::resize_file(path, 3);
  const auto report = store.all({FixityOptions::Reading::nothing, {}, {}});
  BOOST_TEST_REQUIRE(report.corrupt.size() == 1U);
  BOOST_TEST(report.corrupt[0].path == path.string());
  BOOST_TEST(report.bytes == 0);
}

BOOST_AUTO_TEST_CASE(what_was_checked_since_then_is_not_read_again) {
  Store store;
  store.put("thư");
  const auto begin = now();
  const auto bytes_read = store.all().bytes;
  FixityOptions since;
  since.unless_checked_since = begin;
  BOOST_TEST(store.all(since).bytes == bytes_read - 4);
  since.unless_checked_since = now() + std::chrono::hours(1);
  BOOST_TEST(store.all(since).bytes == bytes_read);
}

BOOST_AUTO_TEST_CASE(a_record_that_was_taken_away_breaks_its_chain) {
  Store store;
  auto material = store.put("thư");
  auto record = store.records.newest(material.id.uuid()).value();
  for (int i = 0; i < 2; ++i) {
    record.previous = Digest::of(to_canonical_json(record));
    ++record.revision;
    BOOST_TEST_REQUIRE(store.records.append(record).has_value());
  }
  BOOST_TEST(store.all().corrupt.empty());
  fs::remove(files_in(store.folder / "records")[1]);
  const auto report = store.all();
  BOOST_TEST_REQUIRE(report.corrupt.size() == 1U);
  BOOST_TEST(report.corrupt[0].kind == "record");
}

BOOST_AUTO_TEST_CASE(a_damaged_blob_that_nothing_expects_is_named_too) {
  Store store;
  const auto info = put(*store.blobs, bytes_of("không ai cần")).value();
  std::mt19937 random(1);
  flip_a_bit(store.blobs->path_of(info.sha256), random);
  BOOST_TEST(store.all().corrupt.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stopped_check_says_so_and_keeps_what_it_found) {
  Store store;
  for (int i = 0; i < 20; ++i) store.put(std::to_string(i));
  std::stop_source stop;
  FixityOptions options;
  int reads = 0;
  options.pace = [&](std::uint64_t) {
    if (++reads == 3) stop.request_stop();
  };
  bool was_stopped = false;
  for (unsigned slice = 0; slice < 256 && !was_stopped; ++slice)
    was_stopped =
        !store.check.check_slice(static_cast<std::uint8_t>(slice), options, stop.get_token());
  BOOST_TEST(was_stopped);
}

BOOST_AUTO_TEST_CASE(a_large_blob_is_paced_by_its_parts_and_can_be_stopped_under_way) {
  Store store;
  const std::string content(20'000'000, 'x');
  const auto slice = store.home.put(content).files[0].sha256.bytes().front();
  BOOST_TEST_REQUIRE(storage::put(*store.blobs, bytes_of(content)).has_value());
  std::stop_source stop;
  FixityOptions options;
  std::vector<std::uint64_t> parts;
  options.pace = [&](std::uint64_t bytes) { parts.push_back(bytes); };
  BOOST_TEST(store.check.check_slice(slice, options).has_value());
  BOOST_TEST(parts.size() >= 20U);
  BOOST_TEST(std::ranges::max(parts) <= 1U << 20U);
  parts.clear();
  options.pace = [&](std::uint64_t bytes) {
    parts.push_back(bytes);
    stop.request_stop();
  };
  BOOST_TEST(!store.check.check_slice(slice, options, stop.get_token()).has_value());
  BOOST_TEST(parts.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_cut_short_does_not_change_the_length_that_is_expected) {
  Store store;
  const auto sha256 = store.put("một bức thư dài").files[0].sha256;
  const auto path = store.blobs->path_of(sha256);
  fs::permissions(path, fs::perms::owner_all);
  fs::resize_file(path, 3);
  BOOST_TEST(store.all().corrupt.size() == 1U);
  const auto result = store.home.catalogue.fixity(sha256).value();
  BOOST_TEST((result.state == FixityResult::State::damaged));
  BOOST_TEST(result.size_bytes == std::string_view("một bức thư dài").size());
  BOOST_TEST(store.check.check_blob(sha256).value().size_bytes == result.size_bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

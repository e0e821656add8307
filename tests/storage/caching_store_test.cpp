// A cache is quick where it can be, and never the truth.
#include "storage/blobs/caching_store.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "storage/blobs/verify.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/failing_store.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;
using Step = FailingBlobStore::Step;
using enum ErrorCode;

struct Cache {
  TemporaryFolder folder;
  FailingBlobStore slow;
  std::uint64_t max_bytes = 100;
  std::unique_ptr<CachingBlobStore> store = open();

  std::unique_ptr<CachingBlobStore> open() {
    return CachingBlobStore::open(slow, folder.path(), max_bytes).value();
  }
  void restart() {
    store.reset();
    store = open();
  }

  [[nodiscard]] Digest put_slow(std::string_view text) {
    return put(slow.kept, bytes_of(text)).value().sha256;
  }
  [[nodiscard]] Result<std::string> read(const Digest& sha256) const {
    return KHOCHUNG_TRY(store->open(sha256)).read_all(1000);
  }
  [[nodiscard]] fs::path path_of(const Digest& sha256) const {
    const auto hex = sha256.hex();
    return folder.path() / "sha256" / hex.substr(0, 2) / hex.substr(2, 2) / hex;
  }
  [[nodiscard]] bool is_cached(const Digest& sha256) const { return fs::exists(path_of(sha256)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(caching_store)

BOOST_AUTO_TEST_CASE(what_was_read_or_written_once_is_read_without_the_slow_store) {
  Cache cache;
  const auto read = cache.put_slow("đã đọc");
  BOOST_TEST(cache.read(read).value() == "đã đọc");
  const auto written = put(*cache.store, bytes_of("đã ghi")).value().sha256;
  cache.slow.fail_at(Step::open, unavailable);
  BOOST_TEST(cache.read(read).value() == "đã đọc");
  BOOST_TEST(cache.read(written).value() == "đã ghi");
  BOOST_TEST(cache.store->size_bytes() ==
             std::string_view("đã đọc").size() + std::string_view("đã ghi").size());
}

BOOST_AUTO_TEST_CASE(what_lies_in_the_folder_at_a_start_is_checked_when_it_is_first_asked_for) {
  Cache cache;
  const auto good = put(*cache.store, bytes_of("nguyên vẹn")).value().sha256;
  const auto bad = put(*cache.store, bytes_of("hỏng")).value().sha256;
  cache.restart();
  fs::permissions(cache.path_of(bad), fs::perms::owner_all);
  std::ofstream(cache.path_of(bad)) << "hóng";
  cache.slow.fail_at(Step::open, unavailable);
  BOOST_TEST(cache.read(good).value() == "nguyên vẹn");
  BOOST_TEST((cache.read(bad).error().code == unavailable));
  BOOST_TEST(!cache.is_cached(bad));
  cache.slow.work_again();
  BOOST_TEST(cache.read(bad).value() == "hỏng");
  BOOST_TEST(cache.is_cached(bad));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_in_the_folder_is_fetched_again) {
  Cache cache;
  const auto sha256 = put(*cache.store, bytes_of("thư")).value().sha256;
  fs::remove(cache.path_of(sha256));
  BOOST_TEST(cache.read(sha256).value() == "thư");
  BOOST_TEST(cache.is_cached(sha256));
  BOOST_TEST(cache.store->size_bytes() == std::string_view("thư").size());
}

BOOST_AUTO_TEST_CASE(what_was_damaged_goes_at_a_start) {
  Cache cache;
  const auto damaged = cache.folder.path() / "damaged";
  fs::create_directory(damaged);
  std::ofstream(damaged / "x") << "x";
  cache.restart();
  BOOST_TEST(!fs::exists(damaged));
}

BOOST_AUTO_TEST_CASE(a_damaged_blob_of_the_slow_store_is_never_served) {
  Cache cache;
  const auto sha256 = cache.put_slow("toàn văn");
  flip_bit(cache.slow.kept, sha256);
  BOOST_TEST((cache.read(sha256).error().code == corrupt));
  BOOST_TEST(!cache.is_cached(sha256));
  BOOST_TEST(cache.store->size_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_not_asked_for_longest_gives_way_and_whoever_reads_it_reads_on) {
  Cache cache;
  const auto first = put(*cache.store, bytes_of(std::string(40, '1'))).value().sha256;
  const auto second = put(*cache.store, bytes_of(std::string(40, '2'))).value().sha256;
  const auto reader = cache.store->open(second).value();
  BOOST_TEST(cache.store->open(first).has_value());
  const auto third = put(*cache.store, bytes_of(std::string(40, '3'))).value().sha256;
  BOOST_TEST(cache.is_cached(first));
  BOOST_TEST(!cache.is_cached(second));
  BOOST_TEST(cache.is_cached(third));
  BOOST_TEST(cache.store->size_bytes() == 80U);
  BOOST_TEST(reader.read_all(40).value() == std::string(40, '2'));
  BOOST_TEST(cache.store->contains(second));
}

BOOST_AUTO_TEST_CASE(a_smaller_cache_than_before_gives_up_what_has_no_room) {
  Cache cache;
  put(*cache.store, bytes_of(std::string(40, '1'))).value();
  put(*cache.store, bytes_of(std::string(40, '2'))).value();
  cache.max_bytes = 50;
  cache.restart();
  BOOST_TEST(cache.store->size_bytes() == 40U);
  BOOST_TEST(all_of(*cache.store).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_blob_larger_than_the_cache_stays_in_the_slow_store) {
  Cache cache;
  const std::string text(101, 'x');
  const auto writer = cache.store->begin().value();
  BOOST_TEST(writer->write(bytes_of(text.substr(0, 60))).has_value());
  BOOST_TEST(writer->write(bytes_of(text.substr(60))).has_value());
  BOOST_TEST(writer->write({}).has_value());
  BOOST_TEST(writer->preview().value().read_all(101).value() == text);
  const auto sha256 = writer->finish().value().sha256;
  BOOST_TEST(cache.read(sha256).value() == text);
  BOOST_TEST(!cache.is_cached(sha256));
  BOOST_TEST(cache.store->size_bytes() == 0U);
}

// -- a folder that fails

BOOST_AUTO_TEST_CASE(a_folder_that_takes_nothing_costs_speed_and_no_blob) {
  Cache cache;
  block(cache.folder.path() / "tmp");
  const auto sha256 = put(*cache.store, bytes_of("vẫn nhận")).value().sha256;
  BOOST_TEST((sha256 == Digest::of("vẫn nhận")));
  for (int i = 0; i < 2; ++i) BOOST_TEST(cache.read(sha256).value() == "vẫn nhận");
  BOOST_TEST(cache.store->size_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_full_costs_speed_and_no_blob) {
  Cache cache;
  const auto writer = cache.store->begin().value();
  {
    const NoRoom no_room;
    BOOST_TEST(writer->write(bytes_of("vẫn ")).has_value());
  }
  BOOST_TEST(writer->write(bytes_of("nhận")).has_value());
  const auto sha256 = writer->finish().value().sha256;
  BOOST_TEST((sha256 == Digest::of("vẫn nhận")));
  BOOST_TEST(!cache.is_cached(sha256));
  BOOST_TEST(cache.read(sha256).value() == "vẫn nhận");
}

BOOST_AUTO_TEST_CASE(a_folder_that_names_nothing_costs_speed_and_no_blob) {
  Cache cache;
  block(cache.folder.path() / "sha256");
  const auto sha256 = put(*cache.store, bytes_of("vẫn nhận")).value().sha256;
  BOOST_TEST(cache.store->size_bytes() == 0U);
  BOOST_TEST(cache.read(sha256).value() == "vẫn nhận");
  BOOST_TEST(cache.store->remove(sha256).has_value());
  BOOST_TEST((cache.read(sha256).error().code == not_found));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_one_is_told_at_the_start) {
  Cache cache;
  cache.store.reset();
  const auto opened = [&cache] {
    return CachingBlobStore::open(cache.slow, cache.folder.path(), 100);
  };
  block(cache.folder.path() / "sha256" / "ab");
  BOOST_TEST((opened().error().code == internal));
  block(cache.folder.path() / "tmp");
  BOOST_TEST((opened().error().code == internal));
}

// -- a slow store that fails

BOOST_AUTO_TEST_CASE(what_the_slow_store_does_not_take_is_not_taken) {
  for (const auto step : {Step::begin, Step::write, Step::finish}) {
    Cache cache;
    cache.slow.fail_at(step, disk_full);
    BOOST_TEST((put(*cache.store, bytes_of("thư")).error().code == disk_full));
    BOOST_TEST(!cache.store->contains(Digest::of("thư")));
    BOOST_TEST(cache.store->size_bytes() == 0U);
    BOOST_TEST(!cache.is_cached(Digest::of("thư")));
  }
}

BOOST_AUTO_TEST_CASE(what_the_slow_store_does_not_remove_is_still_there) {
  Cache cache;
  const auto sha256 = put(*cache.store, bytes_of("thư")).value().sha256;
  cache.slow.fail_at(Step::remove, unavailable);
  cache.slow.fail_at(Step::set_aside, unavailable);
  BOOST_TEST((cache.store->remove(sha256).error().code == unavailable));
  BOOST_TEST((cache.store->set_aside(sha256).error().code == unavailable));
  BOOST_TEST(cache.read(sha256).value() == "thư");
  BOOST_TEST(cache.store->location(sha256) == cache.slow.location(sha256));
  BOOST_TEST(cache.store->is_local());
}

BOOST_AUTO_TEST_CASE(a_read_that_breaks_off_leaves_nothing_in_the_cache) {
  Cache cache;
  const auto sha256 = cache.put_slow("đứt quãng");
  cache.slow.fail_at(Step::read, unavailable, 1);
  // What could not be fetched is read from the slow store, piece by piece.
  BOOST_TEST(cache.read(sha256).value() == "đứt quãng");
  BOOST_TEST(!cache.is_cached(sha256));
  BOOST_TEST(cache.read(sha256).value() == "đứt quãng");
  BOOST_TEST(cache.is_cached(sha256));
}

// -- many at once

/// Gives its one blob when as many as `wanted` readers have been announced.
class SlowUntilAllAreHere final : public BlobStore {
 public:
  explicit SlowUntilAllAreHere(int wanted) : wanted_(wanted) {}

  void announce() {
    ++here_;
    here_.notify_all();
  }
  Result<BlobReader> open(const Digest& sha256) const override {
    ++opened;
    for (int here = here_; here < wanted_; here = here_) here_.wait(here);
    return kept.open(sha256);
  }
  Result<std::unique_ptr<BlobWriter>> begin() override { return kept.begin(); }
  [[nodiscard]] bool contains(const Digest& sha256) const override { return kept.contains(sha256); }
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override {
    return kept.for_each_in(slice, visit);
  }
  Result<void> set_aside(const Digest& sha256) override { return kept.set_aside(sha256); }
  Result<void> remove(const Digest& sha256) override { return kept.remove(sha256); }
  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return kept.location(sha256);
  }

  MemoryBlobStore kept;
  mutable std::atomic<int> opened = 0;

 private:
  int wanted_;
  std::atomic<int> here_ = 0;
};

BOOST_AUTO_TEST_CASE(sixteen_readers_of_one_blob_have_it_fetched_once) {
  const TemporaryFolder folder;
  SlowUntilAllAreHere slow(16);
  const auto store = CachingBlobStore::open(slow, folder.path(), 1'000).value();
  const auto sha256 = put(slow.kept, bytes_of("một lần")).value().sha256;
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> readers(16);
    for (auto& reader : readers) {
      reader = std::jthread([&] {
        slow.announce();
        const auto opened = store->open(sha256);
        if (opened && opened->read_all(100).value_or("") == "một lần") ++good;
      });
    }
  }
  BOOST_TEST(good == 16);
  BOOST_TEST(slow.opened == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

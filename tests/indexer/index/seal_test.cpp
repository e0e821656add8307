#include "indexer/index/seal.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "indexer/index/folder.hpp"
#include "indexer/index/index.hpp"
#include "indexer/index/rebuild.hpp"
#include "schemas/identifier.hpp"

namespace khochung::index {
namespace {

namespace fs = std::filesystem;

constexpr unsigned seed = 20261127;

void must(const Result<void>& result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
}

template <typename T>
T done(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  return *std::move(result);
}

/// Turns one bit of a file over, and back when it goes.
class Flip {
 public:
  Flip(fs::path file, std::uint64_t bit) : file_(std::move(file)), bit_(bit) { turn(); }
  ~Flip() { turn(); }
  Flip(const Flip&) = delete;

 private:
  void turn() const {
    std::fstream stream(file_, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(bit_ / 8));
    const auto byte = static_cast<unsigned>(stream.get()) ^ (1U << bit_ % 8);
    stream.seekp(static_cast<std::streamoff>(bit_ / 8));
    stream.put(static_cast<char>(byte));
  }

  fs::path file_;
  std::uint64_t bit_;
};

/// An index in a folder of its own, with texts of random words.
struct Home {
  fs::path folder = fs::temp_directory_path() / ("khochung-seal-" + Uuid::make().text());
  std::mt19937 chance{seed};
  std::unique_ptr<Index> index;
  std::vector<MaterialId> ids;
  std::int64_t mark = 0;

  Home() { index = done(Index::open(folder)); }
  ~Home() {
    index.reset();
    fs::remove_all(folder);
  }

  std::size_t below(std::size_t end) { return chance() % end; }

  IndexDocument document(MaterialId id) {
    IndexDocument document;
    document.material.id = id;
    document.material.title = "Văn bản " + std::to_string(below(1000));
    document.material.state = State::published;
    document.material.visibility = Visibility::public_;
    document.standing.owner = 1;
    document.standing.visibility = Visibility::public_;
    document.standing.state = State::published;
    std::string text;
    for (auto words = 20 + below(300); words > 0; --words)
      text += "chữ" + std::to_string(below(4000)) + ' ';
    document.page_texts = {text};
    return document;
  }

  void put(std::size_t count) {
    for (; count > 0; --count) {
      ids.push_back(MaterialId::make());
      must(index->add(document(ids.back())));
    }
    must(index->commit(++mark));
  }

  /// Some new, some changed, some gone.
  void change() {
    for (auto count = below(10); count > 0; --count)
      must(index->add(document(ids[below(ids.size())])));
    for (auto count = below(4); count > 0; --count) must(index->remove(ids[below(ids.size())]));
    put(below(6));
  }

  CheckReport check() {
    CheckReport whole;
    // Of the 256 parts only those that have a block.
    std::uintmax_t largest = 0;
    for (const auto& file : files()) largest = std::max(largest, fs::file_size(file));
    const auto parts = largest / (std::uintmax_t{8192} * 128) + 1;
    for (std::uintmax_t slice = 0; slice < parts; ++slice) {
      auto part = done(index->check(static_cast<std::uint8_t>(slice), {}));
      whole.blocks += part.blocks;
      whole.bytes += part.bytes;
      whole.damages.insert(whole.damages.end(), part.damages.begin(), part.damages.end());
    }
    return whole;
  }

  /// All files of the index that have bytes.
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
  }
};

bool names(const CheckReport& report, const fs::path& file) {
  return !report.damages.empty() &&
         std::ranges::all_of(report.damages, [&](const auto& one) { return one.file == file; });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_seal, Home)

BOOST_AUTO_TEST_CASE(each_bit_that_turns_over_in_a_sealed_index_is_found_in_its_file) {
  put(150);
  for (int round = 0; round < 20; ++round) change();
  BOOST_TEST(check().damages.empty());
  int wrong = 0;
  for (const auto& file : files()) {
    // Each file as often: the small ones would hardly be met by chance.
    for (int flips = 0; flips < 40; ++flips) {
      const auto bit = below(fs::file_size(file) * 8);
      const Flip flip(file, bit);
      if (names(check(), file)) continue;
      ++wrong;
      BOOST_TEST_MESSAGE(file << " bit " << bit);
    }
  }
  BOOST_TEST(files().size() >= 6U);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(check().damages.empty());
}

BOOST_AUTO_TEST_CASE(each_bit_of_a_revision_that_turns_over_is_found) {
  put(100);
  for (int round = 0; round < 40; ++round) change();
  BOOST_TEST(check().damages.empty());
  const auto table = done(current_generation(folder)) / "postlist.glass";
  int wrong = 0;
  const auto blocks = fs::file_size(table) / 8192;
  for (int round = 0; round < 200; ++round) {
    const Flip flip(table, below(blocks) * 8192 * 8 + below(32));
    if (!names(done(check_unopened(folder)), table)) ++wrong;
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(no_change_is_called_damage) {
  put(200);
  for (int round = 0; round < 80; ++round) {
    change();
    // What is not committed yet is in the files already.
    if (below(3) == 0) must(index->add(document(ids[below(ids.size())])));
    // Some rounds see a part only, so that sums are of different ages.
    const auto report = below(2) == 0 ? check() : done(index->check(0, {}));
    const auto part = report.damages.empty() ? "" : report.damages.front().part;
    BOOST_TEST_REQUIRE(part == "");
    if (below(20) != 0) continue;
    index.reset();
    index = done(Index::open(folder));
  }
}

BOOST_AUTO_TEST_CASE(a_bit_that_turned_over_before_a_change_is_found_after_it) {
  put(150);
  BOOST_TEST(check().damages.empty());
  const auto table = done(current_generation(folder)) / "termlist.glass";
  int found = 0;
  int rewritten = 0;
  for (int round = 0; round < 40; ++round) {
    const auto block = below(fs::file_size(table) / 8192);
    // The writer has its own copies of the blocks on the way to what it changes; one bit of a
    // text's words changes nothing that it needs.
    const auto before = [&] {
      std::ifstream stream(table, std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(stream), {});
    }();
    const Flip flip(table, (block * 8192 + 4096) * 8 + below(8));
    must(index->commit(++mark));
    const auto after = [&] {
      std::ifstream stream(table, std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(stream), {});
    }();
    rewritten += before.substr(block * 8192, 4) == after.substr(block * 8192, 4) ? 0 : 1;
    found += names(check(), table) ? 1 : 0;
  }
  BOOST_TEST(found + rewritten == 40);
  BOOST_TEST(found > 30);
}

BOOST_AUTO_TEST_CASE(a_block_of_another_place_or_of_zeros_is_found) {
  put(150);
  for (int round = 0; round < 5; ++round) change();
  BOOST_TEST(check().damages.empty());
  const auto table = done(current_generation(folder)) / "postlist.glass";
  const auto whole = [&] {
    std::ifstream stream(table, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }();
  BOOST_REQUIRE(whole.size() > 4U * 8192);
  const auto with = [&](const std::string& bytes) {
    std::ofstream(table, std::ios::binary) << bytes;
    return done(check_unopened(folder));
  };
  const std::string zeros(8192, '\0');
  auto swapped = whole;
  swapped.replace(8192, 8192, whole, 2UL * 8192, 8192);
  swapped.replace(2UL * 8192, 8192, whole, 8192, 8192);
  BOOST_TEST(with(swapped).damages.size() >= 1U);
  BOOST_TEST(with(std::string(whole).replace(8192, 8192, zeros)).damages.size() == 1U);
  BOOST_TEST(with(whole.substr(0, whole.size() - 8192)).damages.size() == 1U);
  BOOST_TEST(with("").damages.size() == whole.size() / 8192);
  BOOST_TEST(with(whole).damages.empty());
}

BOOST_AUTO_TEST_CASE(a_small_index_is_sealed_when_it_was_written_to) {
  put(50);
  BOOST_TEST(done(index->seal_if_small()).blocks > 0);
  BOOST_TEST(done(index->seal_if_small()).blocks == 0);
  put(1);
  BOOST_TEST(done(index->seal_if_small()).blocks > 0);
}

BOOST_AUTO_TEST_CASE(an_index_that_was_not_closed_may_have_torn_blocks) {
  BOOST_TEST(!index->may_be_torn());
  put(5);
  const auto mark_of_open = done(current_generation(folder)) / "open";
  BOOST_TEST(fs::exists(mark_of_open));
  index.reset();
  BOOST_TEST(!fs::exists(mark_of_open));
  std::ofstream(mark_of_open) << "";
  index = done(Index::open(folder));
  BOOST_TEST(index->may_be_torn());
}

BOOST_AUTO_TEST_CASE(a_number_of_the_version_file_is_read_as_xapian_wrote_it) {
  for (int round = 0; round < 200; ++round) must(index->commit(++mark));
  const auto file = done(current_generation(folder)) / "iamglass";
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  // Each commit is a revision, and one made the database.
  BOOST_TEST(version_file_from(bytes).value().revision == 201U);
  BOOST_TEST(!version_file_from(bytes.substr(0, 33)).has_value());
  BOOST_TEST(!version_file_from("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::index

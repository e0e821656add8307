#include "indexer/index/seal.hpp"

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>

#include "indexer/index/folder.hpp"
#include "indexer/index/index.hpp"
#include "indexer/index/rebuild.hpp"
#include "schemas/identifier.hpp"
#include "tests/storage/limits.hpp"

namespace khochung::index {
namespace {

namespace fs = std::filesystem;

constexpr unsigned seed = 20261127;
/// More by hand: KHOCHUNG_COMMITS=5000.
const int commits = [] {
  const char* wanted = std::getenv("KHOCHUNG_COMMITS");
  return wanted == nullptr ? 250 : std::atoi(wanted);
}();

void must(const Result<void>& result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
}

template <typename T>
T done(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  return *std::move(result);
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

/// In place, so that who has the file open sees it, too.
void put_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
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
      auto part = done(index->check(static_cast<std::uint8_t>(slice)));
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

/// The blocks of a table that a check holds against a sum.
std::vector<std::uint64_t> sealed_blocks(const fs::path& table) {
  const auto whole = bytes_of(table);
  put_bytes(table, "");
  const auto report = done(check_unopened(table.parent_path().parent_path()));
  put_bytes(table, whole);
  std::vector<std::uint64_t> blocks;
  for (const auto& damage : report.damages)
    blocks.push_back(std::stoull(damage.part.substr(damage.part.rfind(' '))));
  return blocks;
}

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
    const bool is_table = file.extension() == ".glass";
    const auto sealed = is_table ? sealed_blocks(file) : std::vector<std::uint64_t>{};
    // Each file as often: the small ones would hardly be met by chance.
    for (int flips = 0; flips < 40; ++flips) {
      const auto bit = is_table ? (sealed[below(sealed.size())] * 8192 * 8) + below(8192 * 8)
                                : below(fs::file_size(file) * 8);
      const Flip flip(file, bit);
      const auto found = check();
      // A sum that turned over accuses its block.
      if (file.filename() == "seal" ? !found.damages.empty() : names(found, file)) continue;
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
  const auto database = done(current_generation(folder));
  int wrong = 0;
  for (const auto name : {"postlist.glass", "docdata.glass", "termlist.glass"}) {
    const auto table = database / name;
    const auto whole = bytes_of(table);
    const auto sealed = sealed_blocks(table);
    for (int flips = 0; flips < 100; ++flips) {
      const auto block = sealed[below(sealed.size())] * 8192;
      const auto bit = below(32);
      // That of a list of free blocks may be one higher: that of a commit which failed.
      if (whole[block + 4] == '\xfe' && bit == 24) continue;
      const Flip flip(table, block * 8 + bit);
      if (!names(done(check_unopened(folder)), table)) ++wrong;
    }
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(no_change_is_called_damage) {
  put(200);
  std::atomic<bool> is_over = false;
  std::string damaged;
  std::int64_t checked = 0;
  std::jthread checker([&] {
    for (unsigned slice = 0; !is_over && damaged.empty(); slice = (slice + 1) % 16) {
      const auto report = index->check(static_cast<std::uint8_t>(slice));
      checked += report ? report->blocks : 0;
      if (!report) damaged = report.error().message;
      if (report && !report->damages.empty()) damaged = report->damages.front().part;
    }
  });
  for (int round = 0; round < commits; ++round) {
    change();
    // What is not committed yet is in the files already.
    if (below(20) == 0)
      for (int times = 0; times < 100; ++times) must(index->add(document(ids[below(ids.size())])));
  }
  is_over = true;
  checker.join();
  BOOST_TEST(damaged == "");
  BOOST_TEST(check().damages.empty());
  BOOST_TEST(checked > commits);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_opened_again_goes_on_with_its_seal) {
  put(100);
  for (int round = 0; round < 60; ++round) {
    change();
    if (below(2) == 0) must(index->add(document(ids[below(ids.size())])));
    index.reset();
    const auto unopened = done(check_unopened(folder));
    BOOST_TEST_REQUIRE(unopened.damages.empty());
    BOOST_TEST_REQUIRE(unopened.blocks > 0);
    index = done(Index::open(folder));
    BOOST_TEST_REQUIRE(check().damages.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_commit_that_a_crash_left_without_its_seal_is_sealed_at_the_next_start) {
  put(100);
  for (int round = 0; round < 40; ++round) {
    const auto seal = done(current_generation(folder)) / "seal";
    const auto before = bytes_of(seal);
    change();
    index.reset();
    // The header is written last; of the rest any sector may have come to the disk.
    auto torn = bytes_of(seal);
    for (std::size_t at = 0; at + 512 <= before.size(); at += 512)
      if (at == 0 || below(2) == 0) torn.replace(at, 512, before, at, 512);
    if (below(2) == 0) torn.resize(before.size());
    put_bytes(seal, torn);
    BOOST_TEST_REQUIRE(done(check_unopened(folder)).damages.empty());
    index = done(Index::open(folder));
    BOOST_TEST_REQUIRE(check().damages.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_block_of_another_place_or_of_zeros_is_found) {
  put(150);
  for (int round = 0; round < 5; ++round) change();
  const auto table = done(current_generation(folder)) / "postlist.glass";
  const auto whole = bytes_of(table);
  const auto sealed = sealed_blocks(table);
  BOOST_REQUIRE(sealed.size() > 4U);
  const auto first = sealed.at(1) * 8192;
  const auto second = sealed.at(2) * 8192;
  const auto with = [&](const std::string& bytes) {
    put_bytes(table, bytes);
    return done(check_unopened(folder));
  };
  auto swapped = whole;
  swapped.replace(first, 8192, whole, second, 8192);
  swapped.replace(second, 8192, whole, first, 8192);
  BOOST_TEST(with(swapped).damages.size() == 2U);
  const std::string zeros(8192, '\0');
  BOOST_TEST(with(std::string(whole).replace(first, 8192, zeros)).damages.size() == 1U);
  BOOST_TEST(with(whole.substr(0, sealed.back() * 8192)).damages.size() == 1U);
  BOOST_TEST(with("").damages.size() == sealed.size());
  BOOST_TEST(with(whole).damages.empty());
}

BOOST_AUTO_TEST_CASE(a_list_of_free_blocks_that_names_one_in_use_is_found_by_the_next_commit) {
  put(100);
  for (int round = 0; round < 5; ++round) change();
  index.reset();
  const auto database = done(current_generation(folder));
  const auto table = database / "postlist.glass";
  const auto front = version_file_from(bytes_of(database / "iamglass")).value().tables[0].front;
  auto bytes = bytes_of(table);
  const auto in_use = sealed_blocks(table).at(0);
  for (unsigned at = 0; at < 4; ++at)
    bytes.at(front.block * 8192UL + front.offset + at) =
        static_cast<char>(in_use >> (24 - 8 * at) & 0xFFU);
  put_bytes(table, bytes);
  index = done(Index::open(folder));
  for (int times = 0; times < 50; ++times) must(index->add(document(ids[below(ids.size())])));
  const auto committed = index->commit(++mark);
  BOOST_REQUIRE(!committed);
  BOOST_TEST((committed.error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE(rot_in_a_block_that_is_replaced_is_found) {
  int found_by_commit = 0;
  for (const auto* name : {"docdata.glass", "termlist.glass"}) {
    for (int round = 0; round < 8; ++round) {
      Home home;
      home.put(100);
      home.index.reset();
      const auto table = done(current_generation(home.folder)) / name;
      const auto bytes = bytes_of(table);
      auto blocks = sealed_blocks(table);
      // The end of a list of free blocks is not in use yet.
      std::erase_if(blocks, [&](auto block) { return bytes[block * 8192 + 4] == '\xfe'; });
      // What stands at the end of another is text, which nobody misses.
      const auto byte = blocks.at(below(blocks.size())) * 8192 + 7000 + below(1000);
      home.index = done(Index::open(home.folder));
      const Flip flip(table, 8 * byte + below(8));
      Result<void> outcome;
      for (const auto& id : home.ids)
        if (outcome) outcome = home.index->add(home.document(id));
      if (outcome) outcome = home.index->commit(++home.mark);
      if (!outcome) ++found_by_commit;
      BOOST_TEST((!outcome || names(home.check(), table)), name << ", byte " << byte);
    }
  }
  BOOST_TEST(found_by_commit > 8);
}

BOOST_AUTO_TEST_CASE(a_commit_that_failed_is_no_damage) {
  put(100);
  for (int round = 0; round < 10; ++round) {
    const auto table = done(current_generation(folder)) / "postlist.glass";
    for (int times = 0; times < 60; ++times) must(index->add(document(MaterialId::make())));
    {
      const storage::Limit no_room(RLIMIT_FSIZE, fs::file_size(table));
      BOOST_TEST(!index->commit(++mark));
    }
    BOOST_TEST_REQUIRE(done(check_unopened(folder)).damages.empty());
    index.reset();
    index = done(Index::open(folder));
    BOOST_TEST_REQUIRE(check().damages.empty());
    change();
    BOOST_TEST_REQUIRE(check().damages.empty());
  }
}

BOOST_AUTO_TEST_CASE(an_index_without_a_seal_is_of_another_version) {
  put(5);
  index.reset();
  fs::remove(done(current_generation(folder)) / "seal");
  BOOST_TEST((Index::open(folder).error().code == ErrorCode::unsupported));
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
  const auto version = version_file_from(bytes).value();
  BOOST_TEST(version.revision == 201U);
  const auto& postings = version.tables[0];
  BOOST_TEST(postings.blocks * 8192U == fs::file_size(file.parent_path() / "postlist.glass"));
  BOOST_TEST(postings.root < postings.blocks);
  BOOST_TEST(postings.front.block < postings.blocks);
  BOOST_TEST(postings.back.block < postings.blocks);
  BOOST_TEST(!version_file_from(bytes.substr(0, 33)).has_value());
  BOOST_TEST(!version_file_from("").has_value());
}

BOOST_AUTO_TEST_CASE(no_bit_of_the_version_file_may_be_wrong_when_the_index_is_opened) {
  index.reset();
  const auto file = done(current_generation(folder)) / "iamglass";
  const auto sound = bytes_of(file);
  const auto put = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  };
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    auto rotten = sound;
    rotten[bit / 8] = static_cast<char>(rotten[bit / 8] ^ (1 << bit % 8));
    put(rotten);
    const auto opened = Index::open(folder);
    BOOST_TEST_CONTEXT("bit " << bit) {
      BOOST_REQUIRE(!opened);
      BOOST_TEST((opened.error().code == ErrorCode::corrupt));
    }
  }
  put(sound);
  index = done(Index::open(folder));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::index

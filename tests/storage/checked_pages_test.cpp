#include "storage/catalogue/checked_pages.hpp"

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <thread>

#include "storage/catalogue/database.hpp"
#include "storage/catalogue/sqlite_connection.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t page_bytes = checked_pages::page_bytes;
constexpr unsigned seed = 20261127;
constexpr std::string_view first_migration =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, word TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX note_by_word ON note (word)";

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void put_bytes(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// A database with rows, long values and pages that nothing uses any more.
struct Home {
  TemporaryFolder folder;
  fs::path file = folder.path() / "notes.sqlite";
  std::mt19937 chance{seed};

  std::size_t below(std::size_t end) { return chance() % end; }

  std::unique_ptr<Database> open() const {
    auto opened = Database::open(file.string(), {first_migration});
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    return std::move(*opened);
  }

  void fill(int rows) {
    const auto database = open();
    const auto written = database->write([&](Connection& c) -> Result<void> {
      for (int row = 0; row < rows; ++row) {
        const auto word = "chữ" + std::to_string(below(500));
        const std::string body(below(9'000), static_cast<char>('a' + below(26)));
        KHOCHUNG_TRY(c.change("INSERT INTO note (word, body) VALUES (?, ?)", {word, body}));
      }
      return {};
    });
    BOOST_REQUIRE(written.has_value());
    BOOST_REQUIRE(database
                      ->write([](Connection& c) -> Result<void> {
                        KHOCHUNG_TRY(c.change("DELETE FROM note WHERE id % 5 = 0"));
                        return {};
                      })
                      .has_value());
  }

  /// Everything that the table and its index hold, as one text.
  Result<std::string> read_all() const {
    const auto database = KHOCHUNG_TRY(Database::open(file.string(), {first_migration}));
    return database->read([](Connection& c) -> Result<std::string> {
      std::string all;
      for (const auto* sql : {"SELECT word, body FROM note ORDER BY id",
                              "SELECT word, id FROM note INDEXED BY note_by_word ORDER BY word"}) {
        auto rows = KHOCHUNG_TRY(c.query(sql));
        while (KHOCHUNG_TRY(rows.next())) all += rows.text(0) + '=' + rows.text(1) + '\n';
      }
      return all;
    });
  }

  /// The pages that a check names; page 0 stands for a file that is not even opened.
  std::vector<std::uint32_t> damaged() const {
    const auto database = Database::open(file.string(), {first_migration});
    if (!database) {
      BOOST_TEST(face_of(database.error().code).name == face_of(ErrorCode::corrupt).name);
      return {0};
    }
    std::vector<std::uint32_t> pages;
    for (int slice = 0; slice < 256; ++slice) {
      const auto checked = (*database)->check_pages(static_cast<std::uint8_t>(slice));
      if (!checked) {
        BOOST_TEST(face_of(checked.error().code).name == face_of(ErrorCode::corrupt).name);
        return {0};
      }
      pages.insert(pages.end(), checked->damaged.begin(), checked->damaged.end());
    }
    return pages;
  }

  void flip(std::uint64_t bit) const {
    auto bytes = bytes_of(file);
    bytes[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1U << bit % 8));
    put_bytes(file, bytes);
  }
};

bool names(const std::vector<std::uint32_t>& pages, std::uint64_t page) {
  return pages.size() == 1 && (pages.front() == page || pages.front() == 0);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checked_pages_of_sqlite, Home)

BOOST_AUTO_TEST_CASE(each_bit_that_turns_over_is_found_and_never_read_as_data) {
  fill(100);
  const auto sound = bytes_of(file);
  const auto all = read_all().value();
  BOOST_REQUIRE(damaged().empty());
  BOOST_REQUIRE(sound.size() > 30 * page_bytes);
  int missed = 0;
  int served = 0;
  for (int round = 0; round < 250; ++round) {
    const auto bit = below(sound.size() * 8);
    flip(bit);
    missed += names(damaged(), bit / 8 / page_bytes + 1) ? 0 : 1;
    const auto read = read_all();
    served += !read || *read == all ? 0 : 1;
    put_bytes(file, sound);
  }
  BOOST_TEST(missed == 0);
  BOOST_TEST(served == 0);
  BOOST_TEST(damaged().empty());
}

BOOST_AUTO_TEST_CASE(each_bit_of_the_header_that_turns_over_is_found) {
  fill(5);
  const auto sound = bytes_of(file);
  int missed = 0;
  for (std::uint64_t bit = 0; bit < 100 * 8; ++bit) {
    flip(bit);
    missed += names(damaged(), 1) ? 0 : 1;
    put_bytes(file, sound);
  }
  BOOST_TEST(missed == 0);
}

BOOST_AUTO_TEST_CASE(a_page_of_another_place_or_of_zeros_is_found) {
  fill(50);
  const auto sound = bytes_of(file);
  auto swapped = sound;
  swapped.replace(page_bytes, page_bytes, sound, 2 * page_bytes, page_bytes);
  swapped.replace(2 * page_bytes, page_bytes, sound, page_bytes, page_bytes);
  put_bytes(file, swapped);
  BOOST_TEST(!read_all().has_value());
  auto empty = sound;
  empty.replace(page_bytes, page_bytes, std::string(page_bytes, '\0'));
  put_bytes(file, empty);
  BOOST_TEST(names(damaged(), 2));
}

BOOST_AUTO_TEST_CASE(whatever_is_written_is_whole) {
  for (int round = 0; round < 30; ++round) {
    fill(1 + static_cast<int>(below(40)));
    BOOST_TEST(damaged().empty());
    if (below(5) != 0) continue;
    BOOST_TEST(open()
                   ->write([](Connection& c) -> Result<void> {
                     KHOCHUNG_TRY(c.change("DELETE FROM note"));
                     return {};
                   })
                   .has_value());
    BOOST_TEST(damaged().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_an_older_program_gets_sums_and_keeps_its_rows) {
  sqlite3* plain = nullptr;
  BOOST_REQUIRE(sqlite3_open(file.c_str(), &plain) == SQLITE_OK);
  const auto script = "PRAGMA journal_mode=WAL;" + std::string(first_migration) +
                      ";PRAGMA user_version=1; INSERT INTO note (word, body) VALUES ('a', 'b')";
  BOOST_REQUIRE(sqlite3_exec(plain, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(plain);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  BOOST_TEST(!checked_pages::is_whole(bytes_of(file).substr(0, page_bytes), 1));
  BOOST_TEST(read_all().value() == "a=b\na=1\n");
  BOOST_TEST(checked_pages::is_whole(bytes_of(file).substr(0, page_bytes), 1));
  BOOST_TEST(damaged().empty());
  BOOST_TEST((fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
  BOOST_TEST(!fs::exists(file.string() + ".with-sums"));
}

BOOST_AUTO_TEST_CASE(the_copy_for_an_older_program_is_as_that_program_made_it) {
  sqlite3* plain = nullptr;
  BOOST_REQUIRE(sqlite3_open(file.c_str(), &plain) == SQLITE_OK);
  const auto script = std::string(first_migration) +
                      ";PRAGMA user_version=1; INSERT INTO note (word, body) VALUES ('a', 'b')";
  BOOST_REQUIRE(sqlite3_exec(plain, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(plain);
  const std::vector<std::string_view> two = {first_migration, "CREATE TABLE other (id INTEGER)"};
  BOOST_REQUIRE(Database::open(file.string(), two).has_value());
  const auto copy = bytes_of(file.string() + ".version-1");
  constexpr std::size_t place_of_free_bytes = 20;
  BOOST_TEST(copy.at(place_of_free_bytes) == 0);
  BOOST_TEST(copy.find("KCP1") == std::string::npos);
  BOOST_TEST(bytes_of(file).at(place_of_free_bytes) == 8);
}

BOOST_AUTO_TEST_CASE(other_programs_read_the_file_as_any_other) {
  fill(20);
  sqlite3* plain = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(file.c_str(), &plain, SQLITE_OPEN_READONLY, "unix") == SQLITE_OK);
  sqlite3_stmt* count = nullptr;
  BOOST_REQUIRE(sqlite3_prepare_v2(plain, "SELECT count(*) FROM note", -1, &count, nullptr) ==
                SQLITE_OK);
  BOOST_TEST(sqlite3_step(count) == SQLITE_ROW);
  BOOST_TEST(sqlite3_column_int(count, 0) == 16);
  sqlite3_finalize(count);
  sqlite3_close(plain);
}

BOOST_AUTO_TEST_CASE(work_whose_error_ends_the_transaction_takes_no_other_along) {
  const auto database = open();
  std::promise<void> begun;
  std::promise<void> others_wait;
  Result<void> bad;
  Result<void> good;
  {
    const std::jthread first([&] {
      static_cast<void>(database->write([&](Connection&) -> Result<void> {
        begun.set_value();
        others_wait.get_future().wait();
        return {};
      }));
    });
    begun.get_future().wait();
    // SQLite does the same where a page is not as it was written.
    const std::jthread second([&] {
      bad = database->write([](Connection& c) -> Result<void> {
        KHOCHUNG_TRY(c.change("ROLLBACK"));
        return fail(ErrorCode::corrupt, "a damaged page");
      });
    });
    const std::jthread third([&] {
      good = database->write([](Connection& c) -> Result<void> {
        KHOCHUNG_TRY(c.change("INSERT INTO note (word, body) VALUES ('tốt', '')"));
        return {};
      });
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    others_wait.set_value();
  }
  BOOST_TEST_REQUIRE(!bad.has_value());
  BOOST_TEST((bad.error().code == ErrorCode::corrupt));
  BOOST_TEST(good.has_value());
  BOOST_TEST(read_all().value() == "tốt=\ntốt=1\n");
}

BOOST_AUTO_TEST_CASE(another_program_may_be_the_last_to_close_the_file) {
  fill(50);
  {
    sqlite3* plain = nullptr;
    BOOST_REQUIRE(sqlite3_open_v2(file.c_str(), &plain, SQLITE_OPEN_READWRITE, "unix") ==
                  SQLITE_OK);
    BOOST_REQUIRE(sqlite3_exec(plain, "SELECT count(*) FROM note", nullptr, nullptr, nullptr) ==
                  SQLITE_OK);
    fill(50);  // stays in the write-ahead log, since the file is open elsewhere
    BOOST_REQUIRE(fs::file_size(file.string() + "-wal") > 0);
    const auto before = bytes_of(file);
    BOOST_REQUIRE(sqlite3_close(plain) == SQLITE_OK);
    BOOST_REQUIRE(bytes_of(file) != before);
  }
  BOOST_TEST(read_all().has_value());
  BOOST_TEST(damaged().empty());
  fill(50);  // whatever is written by us has its sum again
  BOOST_TEST(bytes_of(file).substr(page_bytes - 8, 4) == "KCP1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

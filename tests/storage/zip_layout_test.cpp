// A ZIP of which any part can be made at any time, and which the world's programs read.
#include "storage/packages/zip_layout.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>

#include "schemas/little_endian.hpp"
#include "storage/blobs/content_hasher.hpp"
#include "tests/storage/package_files.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;
  std::string bytes;
};

std::uint32_t crc32_of(std::string_view bytes) {
  ContentHasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish().crc32;
}

/// A ZIP of files that are at hand.
struct Zip {
  std::vector<File> files;
  ZipLayout layout;

  explicit Zip(std::vector<File> given)
      : files(std::move(given)), layout(done(ZipLayout::of(entries_of(files), day()))) {}

  static std::vector<ZipEntry> entries_of(const std::vector<File>& files) {
    std::vector<ZipEntry> entries;
    for (const auto& [path, bytes] : files)
      entries.push_back({path, bytes.size(), crc32_of(bytes)});
    return entries;
  }
  static Instant day() { return instant_from_rfc3339("2026-07-28T02:03:04Z").value(); }

  [[nodiscard]] std::string piece(std::uint64_t offset) const {
    const auto piece = layout.piece_at(offset);
    if (const auto* own = std::get_if<std::string>(&piece)) return *own;
    const auto& range = std::get<ZipLayout::EntryRange>(piece);
    return files[range.entry].bytes.substr(range.offset, range.length);
  }
  [[nodiscard]] std::string bytes(std::uint64_t offset, std::uint64_t length) const {
    std::string all;
    while (all.size() < length) all += piece(offset + all.size());
    return all.substr(0, length);
  }
  [[nodiscard]] std::string all() const { return bytes(0, layout.size_bytes()); }
};

std::vector<File> press_kit() {
  return {{"Thông cáo báo chí.txt", "Tháng Công nhân năm 2026 mở từ ngày 1 tháng 5.\n"},
          {"Ảnh/Lễ phát động – ảnh 1.jpg", std::string(100'000, 'a')},
          {"Ảnh/Công nhân ca đêm ở xưởng.jpg", "ngắn"},
          {"Ảnh/trống.txt", ""},
          {"Đĩa/Nhạc nền (bản ngắn).mp3", std::string(70'000, 'b')}};
}

/// Whether a program of somebody else's is content with the file.
bool holds(const std::string& command) {
  // With the C library's own locale some of them show no Vietnamese name.
  return std::system(("LC_ALL=C.UTF-8 " + command + " >/dev/null 2>&1 </dev/null").c_str()) == 0;
}

std::string said_by(const std::string& command, const TemporaryFolder& folder) {
  const auto said = folder.path() / "said";
  BOOST_TEST(std::system(("LC_ALL=C.UTF-8 " + command + " >" + said.string()).c_str()) == 0,
             command);
  return text_of(said);
}

/// Commands that read the ZIP whose path comes behind them, and fail where it is not sound.
std::vector<std::string> testers() {
  std::vector<std::string> all{"unzip -tqq", "7zz t -bd", "bsdtar -xOf", "python3 -m zipfile -t"};
  if (holds("command -v jar")) all.emplace_back("jar -tf");  // of a JDK, which no test asks for
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(zip_layout)

BOOST_AUTO_TEST_CASE(other_programs_find_all_files_under_their_names) {
  const Zip zip(press_kit());
  const TemporaryFolder folder;
  const auto path = (folder.path() / "kit.zip").string();
  set_text(path, zip.all());
  for (const auto& tester : testers()) BOOST_TEST(holds(tester + " " + path), tester);

  std::string names;
  for (const auto& file : zip.files) names += file.path + "\n";
  BOOST_TEST(said_by("unzip -Z1 " + path, folder) == names);
  BOOST_TEST(said_by("bsdtar -tf " + path, folder) == names);
  BOOST_TEST(said_by("python3 -c \"import zipfile;print(*zipfile.ZipFile('" + path +
                         "').namelist(), sep='\\n')\"",
                     folder) == names);
  const auto out = folder.path() / "7z";
  BOOST_TEST(holds("7zz x -bd -o" + out.string() + " " + path));
  for (const auto& file : zip.files) BOOST_TEST(text_of(out / file.path) == file.bytes, file.path);
}

BOOST_AUTO_TEST_CASE(files_have_their_time_and_can_be_read_by_everybody) {
  const Zip zip(std::vector<File>{{"tep.txt", "x"}});
  const TemporaryFolder folder;
  const auto path = (folder.path() / "kit.zip").string();
  set_text(path, zip.all());
  BOOST_TEST(said_by("TZ=UTC unzip -ZT " + path, folder).find("20260728.020304") !=
             std::string::npos);
  BOOST_TEST(said_by("unzip -Z " + path, folder).find("\n-rw-r--r--") != std::string::npos);
  BOOST_TEST(said_by("python3 -c \"import zipfile;print(zipfile.ZipFile('" + path +
                         "').getinfo('tep.txt').date_time)\"",
                     folder) == "(2026, 7, 28, 9, 3, 4)\n");
}

BOOST_AUTO_TEST_CASE(any_part_is_that_part_of_the_whole) {
  const Zip zip(press_kit());
  const auto all = zip.all();
  BOOST_TEST(all.size() == zip.layout.size_bytes());
  std::mt19937_64 chance(20261128);
  for (int i = 0; i < 2'000; ++i) {
    const auto offset = chance() % all.size();
    const auto length = chance() % (all.size() - offset) + 1;
    BOOST_REQUIRE(zip.bytes(offset, length) == all.substr(offset, length));
  }
  for (std::uint64_t offset = all.size() - 800; offset < all.size(); ++offset)
    BOOST_REQUIRE(zip.piece(offset) == all.substr(offset, zip.piece(offset).size()));
}

BOOST_AUTO_TEST_CASE(an_empty_zip_is_a_zip) {
  const Zip zip(std::vector<File>{});
  const TemporaryFolder folder;
  set_text(folder.path() / "kit.zip", zip.all());
  BOOST_TEST(zip.layout.size_bytes() == 22);
  BOOST_TEST(holds("python3 -m zipfile -t " + (folder.path() / "kit.zip").string()));
}

BOOST_AUTO_TEST_CASE(as_many_files_as_a_plain_zip_can_count_and_more) {
  for (const int count : {65'534, 65'535, 70'000}) {
    std::vector<File> many;
    for (int i = 0; i < count; ++i) many.push_back({"tệp/" + std::to_string(i), "x"});
    const Zip zip(std::move(many));
    const TemporaryFolder folder;
    const auto path = (folder.path() / "kit.zip").string();
    set_text(path, zip.all());
    for (const auto& tester : testers()) BOOST_TEST(holds(tester + " " + path), tester << count);
    BOOST_TEST(said_by("python3 -c \"import zipfile;print(len(zipfile.ZipFile('" + path +
                           "').namelist()))\"",
                       folder) == std::to_string(count) + "\n");
  }
}

/// The large file is a hole in the ZIP's file: only its sum has to be taken.
BOOST_AUTO_TEST_CASE(files_beyond_four_gibibytes) {
  constexpr std::uint64_t large = (std::uint64_t{1} << 32U) + 5;
  const std::string zeros(std::size_t{1} << 24U, '\0');
  ContentHasher hasher;
  for (std::uint64_t left = large; left > 0;) {
    const auto count = std::min<std::uint64_t>(left, zeros.size());
    hasher.update(std::as_bytes(std::span(zeros)).first(count));
    left -= count;
  }
  const std::string word = "sau phim";
  const auto layout = done(ZipLayout::of(
      {{"Phim/dài.mp4", large, hasher.finish().crc32}, {"sau.txt", word.size(), crc32_of(word)}},
      Zip::day()));
  const TemporaryFolder folder;
  const auto path = (folder.path() / "kit.zip").string();
  std::ofstream file(path, std::ios::binary);
  for (std::uint64_t at = 0; at < layout.size_bytes();) {
    const auto piece = layout.piece_at(at);
    const auto* range = std::get_if<ZipLayout::EntryRange>(&piece);
    const auto& own = range == nullptr ? std::get<std::string>(piece) : word;
    file.seekp(static_cast<std::streamoff>(at));
    if (range == nullptr || range->entry == 1) file << own;
    at += range == nullptr ? own.size() : range->length;
  }
  file.close();
  BOOST_TEST(fs::file_size(path) == layout.size_bytes());
  BOOST_TEST(said_by("unzip -p " + path + " sau.txt", folder) == word);
  BOOST_TEST(said_by("7zz x -so -bd " + path + " sau.txt", folder) == word);
  BOOST_TEST(said_by("python3 -c \"import zipfile;z=zipfile.ZipFile('" + path +
                         "');print(z.read('sau.txt').decode(), z.getinfo('Phim/dài.mp4')."
                         "file_size)\"",
                     folder) == word + " " + std::to_string(large) + "\n");
  BOOST_TEST(holds("bsdtar -xOf " + path + " sau.txt"));
}

BOOST_AUTO_TEST_CASE(a_path_that_could_leave_its_folder_is_refused) {
  for (const auto* path :
       {"", "/etc/passwd", "../x", "a/../x", "a//b", "./a", "a/", "a\\b", "\xff", "a/."}) {
    const auto layout = ZipLayout::of({{path, 1, 0}}, Zip::day());
    BOOST_REQUIRE(!layout.has_value());
    BOOST_TEST((layout.error().code == ErrorCode::bad_input));
  }
  BOOST_TEST(!ZipLayout::of({{std::string("a\0b", 3), 1, 0}}, Zip::day()).has_value());
  BOOST_TEST(!ZipLayout::of({{"a", 1, 0}, {"a", 1, 0}}, Zip::day()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

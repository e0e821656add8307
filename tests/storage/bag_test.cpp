#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>

#include "storage/blobs/memory_store.hpp"
#include "storage/packages/bag_reader.hpp"
#include "storage/packages/bag_writer.hpp"
#include "storage/packages/package_names.hpp"
#include "tests/storage/package_files.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

const BagInfo sample_info{{"Source-Organization", "Liên đoàn Lao động"},
                          {"Bagging-Date", "2026-11-27"}};

/// Adds bytes as a blob does that lies in a store.
Result<void> add_blob(BagWriter& bag, const std::string& path, std::string_view text) {
  MemoryBlobStore store;
  const auto blob = KHOCHUNG_TRY(put(store, std::as_bytes(std::span(text))));
  return bag.add(path, KHOCHUNG_TRY(store.open(blob.sha256)), blob.sha256);
}

void fill(BagWriter& bag) {
  done(add_blob(bag, "Kế hoạch.txt", "Kế hoạch tuyên truyền"));
  done(add_blob(bag, "thư mục/Thông báo.txt", "Thông báo"));
  done(bag.add("trống.txt", std::string_view()));
}

fs::path make_bag(const fs::path& target) {
  auto bag = done(BagWriter::begin(target));
  fill(bag);
  done(bag.finish(sample_info));
  return target;
}

BagReport check(const fs::path& bag) {
  return done(done(BagReader::open(bag)).check());
}

std::string listed(const BagReport& report) {
  std::string text;
  for (const auto& finding : report.findings) {
    text += std::string(to_text(finding.fault)) + " " + finding.where + ": " + finding.what + "\n";
  }
  return text;
}

bool has(const BagReport& report, BagFault fault) {
  return std::ranges::any_of(report.findings,
                             [&](const auto& finding) { return finding.fault == fault; });
}

/// Whether the tool that everybody has agrees with a manifest.
bool sha256sum_agrees(const fs::path& bag, const std::string& manifest) {
  const auto command =
      "cd '" + bag.string() + "' && sha256sum --check --strict --quiet " + manifest;
  return std::system(command.c_str()) == 0;
}

void append(const fs::path& file, std::string_view text) {
  set_text(file, text_of(file) + std::string(text));
}

std::string line_of(std::string_view text, const std::string& path) {
  return Digest::of(text).hex() + "  " + path + "\n";
}

struct Breakage {
  BagFault fault;
  std::function<void(const fs::path&)> what;
};

const std::vector<Breakage>& breakages() {
  static const std::vector<Breakage> all{
      {BagFault::declaration, [](const auto& bag) { fs::remove(bag / "bagit.txt"); }},
      {BagFault::declaration, [](const auto& bag) { append(bag / "bagit.txt", "Thêm: dòng\n"); }},
      {BagFault::declaration,
       [](const auto& bag) {
         set_text(bag / "bagit.txt", "BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n");
       }},
      {BagFault::declaration,
       [](const auto& bag) {
         set_text(bag / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n");
       }},
      {BagFault::declaration,
       [](const auto& bag) {
         set_text(bag / "bagit.txt", "\xEF\xBB\xBF" + text_of(bag / "bagit.txt"));
       }},
      {BagFault::structure, [](const auto& bag) { fs::remove(bag / "manifest-sha256.txt"); }},
      {BagFault::structure, [](const auto& bag) { fs::remove_all(bag / "data"); }},
      {BagFault::fetch,
       [](const auto& bag) {
         set_text(bag / "fetch.txt", "https://example.org/a 3 data/a.txt\n");
       }},
      {BagFault::manifest_line,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", "abc\n"); }},
      {BagFault::manifest_line,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", std::string(200'000, 'a')); }},
      {BagFault::path,
       [](const auto& bag) {
         append(bag / "manifest-sha256.txt", line_of("x", "data/../../../etc/passwd"));
       }},
      {BagFault::path,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", line_of("x", "/etc/passwd")); }},
      {BagFault::path,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", line_of("x", "~root/x")); }},
      {BagFault::path,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", line_of("x", "data\\..\\x")); }},
      {BagFault::path,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", line_of("x", "bagit.txt")); }},
      {BagFault::path,
       [](const auto& bag) { append(bag / "tagmanifest-sha256.txt", line_of("x", "../x")); }},
      {BagFault::listed_twice,
       [](const auto& bag) { append(bag / "manifest-sha256.txt", line_of("", "data/trống.txt")); }},
      {BagFault::collision,
       [](const auto& bag) {
         set_text(bag / "data/TRỐNG.TXT", "");
         append(bag / "manifest-sha256.txt", line_of("", "data/TRỐNG.TXT"));
       }},
      {BagFault::collision,
       [](const auto& bag) {
         const std::string decomposed = "tro\xCC\x82\xCC\x81ng.txt";
         set_text(bag / "data" / decomposed, "");
         append(bag / "manifest-sha256.txt", line_of("", "data/" + decomposed));
       }},
      {BagFault::missing, [](const auto& bag) { fs::remove(bag / "data/Kế hoạch.txt"); }},
      {BagFault::missing, [](const auto& bag) { fs::remove(bag / "bag-info.txt"); }},
      {BagFault::extra, [](const auto& bag) { set_text(bag / "data/thừa.txt", "x"); }},
      {BagFault::digest, [](const auto& bag) { append(bag / "data/Kế hoạch.txt", "."); }},
      {BagFault::digest, [](const auto& bag) { append(bag / "bag-info.txt", "Thêm: dòng\n"); }},
      {BagFault::oxum,
       [](const auto& bag) {
         set_text(bag / "bag-info.txt", "Payload-Oxum: 1.1\n");
         fs::remove(bag / "tagmanifest-sha256.txt");
       }},
      {BagFault::link,
       [](const auto& bag) {
         fs::rename(bag / "data/Kế hoạch.txt", bag.parent_path() / "nơi khác");
         fs::create_symlink(bag.parent_path() / "nơi khác", bag / "data/Kế hoạch.txt");
       }},
      {BagFault::link,
       [](const auto& bag) {
         fs::rename(bag / "data/thư mục", bag.parent_path() / "nơi khác");
         fs::create_symlink(bag.parent_path() / "nơi khác", bag / "data/thư mục");
       }},
      {BagFault::link, [](const auto& bag) { ::mkfifo((bag / "data/ống").c_str(), 0600); }}};
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bagit)

BOOST_AUTO_TEST_CASE(a_bag_is_valid_and_sha256sum_agrees) {
  const TemporaryFolder folder;
  const auto bag = make_bag(folder.path() / "bao");
  const auto report = check(bag);
  BOOST_TEST(report.is_valid(), listed(report));
  BOOST_TEST(report.files == 3U);
  BOOST_TEST(sha256sum_agrees(bag, "manifest-sha256.txt"));
  BOOST_TEST(sha256sum_agrees(bag, "tagmanifest-sha256.txt"));
  BOOST_TEST(text_of(bag / "bagit.txt") ==
             "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  BOOST_TEST(text_of(bag / "bag-info.txt").find("Payload-Oxum: 39.3\n") != std::string::npos,
             text_of(bag / "bag-info.txt"));
}

BOOST_AUTO_TEST_CASE(the_same_content_gives_the_same_bytes) {
  const TemporaryFolder folder;
  BOOST_TEST(
      (all_files(make_bag(folder.path() / "một")) == all_files(make_bag(folder.path() / "hai"))));
}

BOOST_AUTO_TEST_CASE(an_empty_bag_is_a_bag) {
  const TemporaryFolder folder;
  auto bag = done(BagWriter::begin(folder.path() / "bao"));
  done(bag.finish({}));
  const auto report = check(folder.path() / "bao");
  BOOST_TEST(report.is_valid(), listed(report));
}

BOOST_AUTO_TEST_CASE(a_bag_that_was_interrupted_is_none_and_goes_on) {
  const TemporaryFolder folder;
  const auto target = folder.path() / "bao";
  const auto partial = folder.path() / "bao.partial";
  {
    auto bag = done(BagWriter::begin(target));
    fill(bag);
    done(bag.add("không còn/cũ.txt", "cũ"));
    BOOST_TEST(!fs::exists(target));
    BOOST_TEST(!check(partial).is_valid());
    BOOST_TEST((BagWriter::begin(target).error().code == ErrorCode::locked));
  }
  set_text(partial / "data/thư mục/Thông báo.txt", "Thông bác");
  struct stat before{};
  struct stat after{};
  BOOST_TEST(::stat((partial / "data/Kế hoạch.txt").c_str(), &before) == 0);
  make_bag(target);
  BOOST_TEST(::stat((target / "data/Kế hoạch.txt").c_str(), &after) == 0);
  BOOST_TEST(before.st_ino == after.st_ino);
  BOOST_TEST(text_of(target / "data/thư mục/Thông báo.txt") == "Thông báo");
  BOOST_TEST(!fs::exists(target / "data/không còn"));
  BOOST_TEST((all_files(target) == all_files(make_bag(folder.path() / "mới"))));
  BOOST_TEST((BagWriter::begin(target).error().code == ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_those_of_their_digest_stop_a_bag) {
  const TemporaryFolder folder;
  MemoryBlobStore store;
  const std::string text = "một";
  const auto blob = done(put(store, std::as_bytes(std::span(text))));
  auto bag = done(BagWriter::begin(folder.path() / "bao"));
  const auto added = bag.add("a", done(store.open(blob.sha256)), Digest::of("hai"));
  BOOST_TEST((added.error().code == ErrorCode::corrupt));
}

BOOST_AUTO_TEST_CASE(names_keep_line_ends_and_percent_signs) {
  const TemporaryFolder folder;
  const auto target = folder.path() / "bao";
  auto bag = done(BagWriter::begin(target));
  done(bag.add("100%\nđạt\r.txt", "x"));
  done(bag.finish({}));
  BOOST_TEST(text_of(target / "manifest-sha256.txt") == line_of("x", "data/100%25%0Ađạt%0D.txt"));
  const auto report = check(target);
  BOOST_TEST(report.is_valid(), listed(report));
}

BOOST_AUTO_TEST_CASE(paths_that_lead_out_are_not_written) {
  const TemporaryFolder folder;
  auto bag = done(BagWriter::begin(folder.path() / "bao"));
  for (const auto* path : {"../a", "/a", "a//b", "a/./b", "a/..", ""}) {
    BOOST_TEST((bag.add(path, "x").error().code == ErrorCode::bad_input), path);
  }
  BOOST_TEST((bag.add("\xFF", "x").error().code == ErrorCode::bad_input));
  done(bag.add("a", "x"));
  BOOST_TEST((bag.add("a", "x").error().code == ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(each_fault_is_found_and_named) {
  const TemporaryFolder home;
  const auto original = make_bag(home.path() / "bao");
  for (const auto& [fault, what] : breakages()) {
    const TemporaryFolder folder;
    const auto bag = folder.path() / "bao";
    fs::copy(original, bag, fs::copy_options::recursive);
    what(bag);
    const auto report = check(bag);
    BOOST_TEST(has(report, fault), to_text(fault) << " is not among\n" << listed(report));
    BOOST_TEST(!report.is_valid());
  }
}

BOOST_AUTO_TEST_CASE(bags_of_other_makers_are_read) {
  const TemporaryFolder folder;
  const auto& bag = folder.path();
  set_text(bag / "bagit.txt", "BagIt-Version: 0.97\r\nTag-File-Character-Encoding: UTF-8\r\n");
  set_text(bag / "data/a b.txt", "abc");
  set_text(bag / "data/50%25.txt", "");
  set_text(bag / "manifest-md5.txt",
           "900150983CD24FB0D6963F7D28E17F72 *data/a b.txt\r\n"
           "d41d8cd98f00b204e9800998ecf8427e\tdata/50%25.txt\n");
  // In 0.97 one manifest need not list what another does.
  set_text(bag / "manifest-sha512.txt", "");
  set_text(bag / "manifest-tiger.txt", "0 data/a b.txt\n");
  set_text(bag / "bag-info.txt", "Payload-Oxum: 3.2\nExternal-Description: dòng\n  tiếp\n");
  auto reader = done(BagReader::open(bag));
  auto report = done(reader.check());
  BOOST_TEST(report.is_valid(), listed(report));
  BOOST_TEST(done(reader.info()).back().second == "dòng tiếp");
  // In 1.0 it has to.
  set_text(bag / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  report = done(reader.check());
  BOOST_TEST(has(report, BagFault::extra), listed(report));
  BOOST_TEST(has(report, BagFault::missing), listed(report));
}

BOOST_AUTO_TEST_CASE(names_are_made_safe_and_still_read_as_they_did) {
  BOOST_TEST(safe_file_name("Kế hoạch số 5.pdf") == "Kế hoạch số 5.pdf");
  BOOST_TEST(safe_file_name("Ke\xCC\x82\xCC\x81.pdf") == "Kế.pdf");
  BOOST_TEST(safe_file_name("a/b\\c:d?.txt") == "a_b_c_d_.txt");
  BOOST_TEST(safe_file_name("100%\n.txt") == "100％_.txt");
  BOOST_TEST(safe_file_name("con.pdf") == "_con.pdf");
  BOOST_TEST(safe_file_name("console.pdf") == "console.pdf");
  BOOST_TEST(safe_file_name("..") == "_");
  BOOST_TEST(safe_file_name("") == "_");
  BOOST_TEST(safe_file_name("cuối. ") == "cuối");
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "ế";
  const auto safe = safe_file_name(longest + ".pdf");
  BOOST_TEST(safe.size() <= 200U);
  BOOST_TEST(safe.ends_with("ế.pdf"));
  NamesOfFolder names;
  BOOST_TEST(names.place("Ảnh.jpg", "r2") == "Ảnh.jpg");
  BOOST_TEST(names.place("ảnh.JPG", "r1") == "ảnh (r1).JPG");
  BOOST_TEST(names.place("A\xCC\x89nh.jpg", "r1") == "Ảnh (r1-2).jpg");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include "indexer/workers/media_type.hpp"

#include <boost/test/unit_test.hpp>

#include "fixture.hpp"

namespace khochung::workers {

using namespace std::string_view_literals;

BOOST_FIXTURE_TEST_SUITE(media_type, Workshop)

BOOST_AUTO_TEST_CASE(each_real_file_is_known_by_its_bytes) {
  const std::vector<std::pair<const char*, std::string>> kinds{
      {"thong-bao.txt", "text/plain"},
      {"thong-bao.md", "text/markdown"},
      {"thong-bao.html", "text/html"},
      {"danh-sach.csv", "text/csv"},
      {"thong-bao.pdf", "application/pdf"},
      {"thong-bao.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"danh-sach.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {"trinh-bay.pptx",
       "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
      {"thong-bao.odt", "application/vnd.oasis.opendocument.text"},
      {"danh-sach.ods", "application/vnd.oasis.opendocument.spreadsheet"},
      {"trinh-bay.odp", "application/vnd.oasis.opendocument.presentation"},
      {"thong-bao.doc", "application/msword"},
      {"danh-sach.xls", "application/vnd.ms-excel"},
      {"anh.jpg", "image/jpeg"},
      {"anh.png", "image/png"},
      {"anh.webp", "image/webp"},
      {"anh.gif", "image/gif"},
      {"anh.bmp", "image/bmp"},
      {"anh.tif", "image/tiff"},
      {"bo.zip", "application/zip"},
      {"bo.tar", "application/x-tar"},
      {"bo.tar.gz", "application/gzip"},
      {"bo.7z", "application/x-7z-compressed"},
      {"bom.tar.bz2", "application/x-bzip2"},
  };
  for (const auto& [name, kind] : kinds) {
    const auto file = sample(name);
    BOOST_TEST(media_type_of(file.number(), name).value() == kind, name);
    // The name does not help where bytes tell.
    if (kind.starts_with("text/")) continue;
    BOOST_TEST(media_type_of(file.number(), "renamed.txt").value() == kind, name);
  }
}

BOOST_AUTO_TEST_CASE(kinds_of_text_are_told_by_the_name) {
  BOOST_TEST(media_type_of("# Tiêu đề", "GHI CHÚ.MD") == "text/markdown");
  BOOST_TEST(media_type_of("a;b", "bang.csv") == "text/csv");
  BOOST_TEST(media_type_of("xin chào", "khong-duoi") == "text/plain");
  BOOST_TEST(media_type_of("  <!DOCTYPE HTML><p>", "trang") == "text/html");
  BOOST_TEST(media_type_of("", "rong.txt") == "text/plain");
}

BOOST_AUTO_TEST_CASE(text_may_be_in_an_old_encoding_or_cut_inside_a_letter) {
  // "Công đoàn" in TCVN3, and in UTF-16.
  BOOST_TEST(media_type_of("C\xABng \xAE\x6F\xB5n", "cu.txt") == "text/plain");
  BOOST_TEST(media_type_of("\xFF\xFE\x43\0"sv, "utf16.txt") == "text/plain");
  const std::string_view text = "Đoàn viên";
  BOOST_TEST(media_type_of(text.substr(0, 1), "x") == "text/plain");
}

BOOST_AUTO_TEST_CASE(what_is_kept_without_being_read_has_a_type_too) {
  BOOST_TEST(media_type_of("ID3\3\0"sv, "loa.mp3") == "audio/mpeg");
  BOOST_TEST(media_type_of("\xFF\xFB\x90\0"sv, "loa.mp3") == "audio/mpeg");
  BOOST_TEST(media_type_of("\0\0\0\x18"
                           "ftypmp42"sv,
                           "phim") == "video/mp4");
  BOOST_TEST(media_type_of("\1\2\3\4", "la.xyz") == "application/octet-stream");
  BOOST_TEST(media_type_of("\1\2\3\4", "la") == "application/octet-stream");
}

BOOST_AUTO_TEST_CASE(a_zip_that_is_cut_anywhere_does_no_harm) {
  std::ifstream file(folder_of("KHOCHUNG_SOURCE_DIR") / "tests/corpus/thong-bao.docx",
                     std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    BOOST_TEST(!media_type_of(std::string_view(whole).substr(0, length), "x.docx").empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

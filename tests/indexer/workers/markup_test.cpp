#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fixture.hpp"
#include "indexer/workers/media_type.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {
namespace {

using boost::unit_test::data::make;

constexpr auto office_files = {"thong-bao.docx", "danh-sach.xlsx", "trinh-bay.pptx",
                               "thong-bao.odt",  "danh-sach.ods",  "trinh-bay.odp"};

struct MarkupWorkshop : Workshop {
  [[nodiscard]] Result<MarkupDocument> read(const char* name) const {
    const auto file = sample(name);
    return markup(host(), file.number(), media_type_of(file.number(), name).value());
  }
};

std::string contents_of(const char* name) {
  std::ifstream file(folder_of("KHOCHUNG_SOURCE_DIR") / "tests/corpus" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(markup_worker, MarkupWorkshop)

BOOST_DATA_TEST_CASE(a_text_document_is_read_line_by_line,
                     make({"thong-bao.docx", "thong-bao.odt"}), name) {
  const auto document = read(name).value();
  BOOST_TEST(!document.has_pages);
  BOOST_REQUIRE(document.pages.size() == 1U);
  BOOST_TEST(holds(document.pages[0].text, "VĂN BẢN MẪU\nCÔNG ĐOÀN CƠ SỞ MẪU\nSố: 12/TB-CĐCS\n"));
  BOOST_TEST(holds(document.pages[0].text, "Người phát ngôn của công đoàn"));
}

BOOST_DATA_TEST_CASE(rows_of_a_sheet_are_lines_with_tabs, make({"danh-sach.xlsx", "danh-sach.ods"}),
                     name) {
  const auto text = read(name).value().pages.at(0).text;
  BOOST_TEST(holds(text, "Tổ may 2\t52\tChưa gửi, nhắc lại\n"), text);
}

BOOST_DATA_TEST_CASE(slides_are_pages, make({"trinh-bay.pptx", "trinh-bay.odp"}), name) {
  const auto document = read(name).value();
  BOOST_TEST(document.has_pages);
  BOOST_REQUIRE(document.pages.size() == 2U);
  BOOST_TEST(holds(document.pages[0].text, "Người phát ngôn trả lời báo chí"));
  BOOST_TEST(document.pages[1].text == "An toàn vệ sinh lao động");
}

BOOST_AUTO_TEST_CASE(a_web_page_is_its_text_without_scripts) {
  const auto document = read("thong-bao.html").value();
  const auto& text = document.pages.at(0).text;
  BOOST_TEST(document.title == "Thông báo mẫu");
  BOOST_TEST(holds(text, "Người phát ngôn của công đoàn cung cấp"), text);
  BOOST_TEST(holds(text, "khám sức khỏe & nhận hỗ trợ"));
  BOOST_TEST(holds(text, "Họ tên\tĐơn vị"));
  BOOST_TEST(!holds(text, "bi_mat"));
  BOOST_TEST(!holds(text, "color"));
}

BOOST_AUTO_TEST_CASE(a_web_page_in_an_old_encoding_is_read_as_it_says) {
  const auto file = made("cu.html",
                         "<html><head><meta http-equiv='Content-Type' content='text/html; "
                         "charset=windows-1258'></head><body><p>C\xF4ng \xF0o\xE0n</p></body>");
  BOOST_TEST(markup(host(), file.number(), "text/html").value().pages[0].text == "Công đoàn");
}

BOOST_AUTO_TEST_CASE(a_web_page_may_nest_without_end) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<div>";
  const auto file = made("deep.html", deep + "chữ");
  const auto document = markup(host(), file.number(), "text/html");
  if (!document) BOOST_TEST((document.error().code == ErrorCode::unsupported));
}

BOOST_DATA_TEST_CASE(an_office_file_cut_anywhere_ends_with_a_verdict, make(office_files), name) {
  const auto whole = contents_of(name);
  const auto kind = media_type_of(whole, name);
  for (std::size_t part = 1; part < 8; ++part) {
    const auto file = made("cut", whole.substr(0, whole.size() * part / 8));
    const auto document = markup(host(), file.number(), kind);
    if (!document) BOOST_TEST((document.error().code == ErrorCode::unsupported));
  }
}

BOOST_DATA_TEST_CASE(an_office_file_with_changed_bytes_ends_with_a_verdict, make(office_files),
                     name) {
  const auto whole = contents_of(name);
  const auto kind = media_type_of(whole, name);
  for (std::size_t at = 40; at < whole.size(); at += whole.size() / 12) {
    auto changed = whole;
    changed[at] = static_cast<char>(~changed[at]);
    const auto file = made("changed", changed);
    const auto document = markup(host(), file.number(), kind);
    if (!document) BOOST_TEST((document.error().code == ErrorCode::unsupported));
  }
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

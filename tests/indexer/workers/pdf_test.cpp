#include <boost/test/unit_test.hpp>

#include "fixture.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {

BOOST_FIXTURE_TEST_SUITE(pdf_worker, Workshop)

BOOST_AUTO_TEST_CASE(text_of_a_pdf_comes_with_boxes_on_the_page_picture) {
  const auto document = read_pdf(host(), sample("thong-bao.pdf").number()).value();
  BOOST_REQUIRE(document.pages.size() == 1U);
  const auto& page = document.pages[0];
  BOOST_TEST(holds(page.text.text, "Người phát ngôn của công đoàn"), page.text.text);
  BOOST_TEST(!page.needs_ocr);
  BOOST_TEST(page.text.width == 1240);
  BOOST_TEST(page.text.height == 1754);
  const auto word = std::ranges::find(page.text.words, "ngôn", &storage::PageWord::text);
  BOOST_REQUIRE((word != page.text.words.end()));
  BOOST_TEST((word->w > 20 && word->w < 120 && word->h > 10 && word->h < 60));
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(lines_stand_below_one_another) {
  const auto text = read_pdf(host(), sample("thong-bao.pdf").number()).value().pages[0].text.text;
  BOOST_TEST(holds(text, "VĂN BẢN MẪU\nCÔNG ĐOÀN CƠ SỞ MẪU\n"), text);
}

BOOST_AUTO_TEST_CASE(a_scan_asks_for_ocr) {
  const auto document = read_pdf(host(), sample("quet.pdf").number()).value();
  BOOST_REQUIRE(document.pages.size() == 1U);
  BOOST_TEST(document.pages[0].needs_ocr);
  BOOST_TEST(document.pages[0].text.text == "");
}

BOOST_AUTO_TEST_CASE(a_locked_pdf_is_named) {
  const auto document = read_pdf(host(), sample("thong-bao-khoa.pdf").number());
  BOOST_REQUIRE(!document.has_value());
  BOOST_TEST((document.error().code == ErrorCode::unsupported));
  BOOST_TEST(document.error().reason == "encrypted_pdf");
}

BOOST_AUTO_TEST_CASE(a_pdf_cut_short_is_named) {
  const auto document = read_pdf(host(), sample("thong-bao-cut.pdf").number());
  BOOST_REQUIRE(!document.has_value());
  BOOST_TEST(document.error().reason == "damaged_file");
}

BOOST_AUTO_TEST_CASE(what_is_no_pdf_is_named) {
  for (const std::string_view bytes : {"", "%PDF-1.7\n", "not a pdf at all"}) {
    const auto document = read_pdf(host(), made("no.pdf", bytes).number());
    BOOST_REQUIRE(!document.has_value());
    BOOST_TEST(document.error().reason == "damaged_file");
  }
}

BOOST_AUTO_TEST_CASE(a_page_is_drawn_at_the_width_that_was_asked_for) {
  const auto file = sample("thong-bao.pdf");
  const auto jpeg = render_pdf_page(host(), file.number(), {.page = 1, .width = 600}).value();
  BOOST_TEST(std::abs(jpeg.width - 600) <= 1);
  BOOST_TEST(jpeg.bytes.starts_with("\xFF\xD8\xFF"));
  const auto pnm =
      render_pdf_page(host(), file.number(), {.page = 1, .dpi = 300, .format = PictureFormat::pnm})
          .value();
  BOOST_TEST(pnm.bytes.starts_with("P5\n"));
  BOOST_TEST(std::abs(pnm.width - 2480) <= 1);
  BOOST_TEST(!render_pdf_page(host(), file.number(), {.page = 2, .width = 600}).has_value());
}

BOOST_AUTO_TEST_CASE(the_caller_keeps_descriptor_and_offset) {
  const auto file = sample("thong-bao.pdf");
  BOOST_REQUIRE(::lseek(file.number(), 5, SEEK_SET) == 5);
  BOOST_TEST(read_pdf(host(), file.number()).has_value());
  BOOST_TEST(::lseek(file.number(), 0, SEEK_CUR) == 5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

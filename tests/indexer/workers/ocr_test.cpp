#include <boost/test/unit_test.hpp>

#include "fixture.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {

BOOST_FIXTURE_TEST_SUITE(ocr_worker, Workshop)

BOOST_AUTO_TEST_CASE(a_scan_is_read_with_boxes_where_its_words_stand) {
  const auto page = render_pdf_page(host(), sample("quet.pdf").number(),
                                    {.page = 1, .dpi = 200, .format = PictureFormat::pnm})
                        .value();
  const auto read = ocr(host(), {page}).value();
  BOOST_REQUIRE(read.size() == 1U);
  const auto& text = read[0].text;
  BOOST_TEST(holds(text.text, "Người phát ngôn của công đoàn"), text.text);
  BOOST_TEST(holds(text.text, "khám sức khỏe"), text.text);
  BOOST_TEST(text.trust > 80);
  BOOST_TEST(read[0].language == "vi");
  BOOST_TEST(read[0].models == "vie");
  BOOST_TEST(text.width == page.width);
  const auto word = std::ranges::find(text.words, "ngôn", &storage::PageWord::text);
  BOOST_REQUIRE((word != text.words.end()));
  // The same word of the PDF that the scan was made of, 200 against 150 dpi.
  const auto original = read_pdf(host(), sample("thong-bao.pdf").number()).value().pages[0].text;
  const auto same = std::ranges::find(original.words, "ngôn", &storage::PageWord::text);
  BOOST_TEST(std::abs(word->x - same->x * 4 / 3) < 12);
  BOOST_TEST(std::abs(word->y - same->y * 4 / 3) < 24);
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(pages_of_one_run_come_in_their_order) {
  const Picture empty{100, 140, "P5\n100 140\n255\n" + std::string(14'000, '\xFF'), 0};
  const auto scan = render_pdf_page(host(), sample("quet.pdf").number(),
                                    {.page = 1, .dpi = 150, .format = PictureFormat::pnm})
                        .value();
  const auto read = ocr(host(), {empty, scan, empty}).value();
  BOOST_REQUIRE(read.size() == 3U);
  BOOST_TEST(read[0].text.text == "");
  BOOST_TEST(holds(read[1].text.text, "phát ngôn"), read[1].text.text);
  BOOST_TEST(read[2].text.width == 100);
}

BOOST_AUTO_TEST_CASE(a_jpeg_or_png_is_read_as_it_is_and_what_needs_more_is_left_alone) {
  const auto scan = render_pdf_page(host(), sample("quet.pdf").number(),
                                    {.page = 1, .dpi = 200, .format = PictureFormat::jpeg})
                        .value();
  const auto read = ocr_file(host(), made("scan.jpg", scan.bytes).number()).value();
  BOOST_TEST(holds(read.text.text, "Người phát ngôn của công đoàn"), read.text.text);
  BOOST_TEST(read.text.width == scan.width);
  BOOST_TEST(ocr_file(host(), sample("anh.png").number()).has_value());
  for (const auto* name : {"anh.tif", "anh.webp", "thong-bao.pdf"}) {
    const auto other = ocr_file(host(), sample(name).number());
    BOOST_TEST((other.error().code == ErrorCode::unsupported), name);
  }
  const auto cut = ocr_file(host(), made("cut.jpg", scan.bytes.substr(0, 60)).number());
  BOOST_TEST((cut.error().code == ErrorCode::unsupported));
}

BOOST_AUTO_TEST_CASE(an_english_page_is_read_with_both_models) {
  const auto guide = open(folder_of("KHOCHUNG_SOURCE_DIR") /
                          "scripts/demo-archive/truyen-thong/"
                          "trade-unions-in-viet-nam-sample-guide.pdf");
  const auto page =
      render_pdf_page(host(), guide.number(), {.page = 1, .dpi = 200, .format = PictureFormat::pnm})
          .value();
  const auto read = ocr(host(), {page}).value();
  BOOST_TEST(read[0].language == "en");
  BOOST_TEST(read[0].models == "vie+eng");
  const auto& text = read[0].text.text;
  BOOST_TEST(holds(text, "bargains collectively on wages, shift meals, working hours and safety"),
             text);
}

BOOST_AUTO_TEST_CASE(a_photograph_gives_next_to_no_words) {
  const auto photo = picture_page(host(),
                                  open(folder_of("KHOCHUNG_SOURCE_DIR") /
                                       "scripts/demo-archive/anh/chuyen-may.jpg")
                                      .number(),
                                  0)
                         .value();
  const auto read = ocr(host(), {photo}).value();
  BOOST_TEST(read[0].text.words.size() < 10U, read[0].text.text);
}

BOOST_AUTO_TEST_CASE(what_is_no_picture_is_named) {
  const auto read = ocr(host(), {Picture{10, 10, "P5\n10 10\n255\nshort", 0}});
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().reason == "damaged_file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

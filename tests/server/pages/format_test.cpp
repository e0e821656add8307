#include "server/pages/format.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::pages {

BOOST_AUTO_TEST_SUITE(format)

BOOST_AUTO_TEST_CASE(dates_are_written_as_people_write_them) {
  BOOST_TEST(date_text("2020-08-28") == "28/08/2020");
  BOOST_TEST(date_text("2020-08") == "08/2020");
  BOOST_TEST(date_text("2020") == "2020");
  BOOST_TEST(date_text("2023/2028") == "2023–2028");
  BOOST_TEST(date_text("quý 1/2024") == "quý 1/2024");
  BOOST_TEST(date_text("").empty());
}

BOOST_AUTO_TEST_CASE(instants_are_shown_in_vietnamese_time) {
  BOOST_TEST(instant_text("2026-11-23T20:05:00Z") == "24/11/2026 03:05");
  BOOST_TEST(instant_text("2026-12-31T17:00:00.000Z") == "01/01/2027 00:00");
  BOOST_TEST(instant_text("hôm qua").empty());
}

BOOST_AUTO_TEST_CASE(numbers_and_sizes_follow_the_language) {
  BOOST_TEST(number_text(1234567, Language::vietnamese) == "1.234.567");
  BOOST_TEST(number_text(1234567, Language::english) == "1,234,567");
  BOOST_TEST(number_text(-1234, Language::vietnamese) == "-1.234");
  BOOST_TEST(number_text(-123, Language::vietnamese) == "-123");
  BOOST_TEST(number_text(0, Language::vietnamese) == "0");
  BOOST_TEST(size_text(12, Language::vietnamese) == "12 byte");
  BOOST_TEST(size_text(340'499, Language::vietnamese) == "340 KB");
  BOOST_TEST(size_text(2'412'345, Language::vietnamese) == "2,4 MB");
  BOOST_TEST(size_text(2'412'345, Language::english) == "2.4 MB");
  BOOST_TEST(size_text(3'000'000, Language::vietnamese) == "3 MB");
  BOOST_TEST(size_text(999'950, Language::vietnamese) == "1 MB");
  BOOST_TEST(size_text(2'500'000'000, Language::vietnamese) == "2,5 GB");
}

BOOST_AUTO_TEST_CASE(formats_and_kinds_are_named_in_words) {
  BOOST_TEST(format_text("application/pdf", Language::english) == "PDF");
  BOOST_TEST(format_text("text/plain; charset=utf-8", Language::vietnamese) == "Văn bản thuần");
  BOOST_TEST(format_text("image/heic", Language::vietnamese) == "Ảnh");
  BOOST_TEST(format_text("application/x-unheard-of", Language::vietnamese) == "Tệp");
  BOOST_TEST(kind_text("quyet_dinh", Language::vietnamese) == "Quyết định");
  BOOST_TEST(kind_text("quyet_dinh", Language::english) == "Decision");
  BOOST_TEST(kind_text("loai_la", Language::vietnamese) == "loai_la");
  BOOST_TEST(visibility_text("branch", "LĐLĐ tỉnh", Language::vietnamese) ==
             "Chỉ LĐLĐ tỉnh và các đơn vị bên dưới xem được.");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pages

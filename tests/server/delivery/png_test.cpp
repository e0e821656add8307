#include "server/delivery/png.hpp"

#include <boost/test/unit_test.hpp>

#include "server/delivery/qr_code.hpp"

namespace khochung::delivery {

BOOST_AUTO_TEST_SUITE(png)

BOOST_AUTO_TEST_CASE(a_small_picture_has_the_bytes_of_the_standard) {
  Bitmap picture(9, 2);
  picture.blacken(0, 0);
  picture.blacken(8, 1);
  BOOST_TEST(picture.row_bytes() == 2U);
  BOOST_TEST(int{picture.row(0)[0]} == 0x7F);
  BOOST_TEST(int{picture.row(1)[1]} == 0x7F);
  const auto bytes = png_of(picture, 300).value();
  BOOST_TEST(bytes.substr(0, 8) == std::string("\x89PNG\r\n\x1A\n", 8));
  // Length, type, 9 x 2 pixels of one bit of grey, CRC-32 as zlib's crc32() gives it.
  BOOST_TEST(bytes.substr(8, 21) ==
             std::string("\0\0\0\x0DIHDR\0\0\0\x09\0\0\0\x02\x01\0\0\0\0", 21));
  // 11,811 pixels a metre are 300 an inch.
  BOOST_TEST(bytes.find(std::string("pHYs\0\0\x2E\x23\0\0\x2E\x23\x01", 13)) != std::string::npos);
  BOOST_TEST(bytes.ends_with(std::string("\0\0\0\0IEND\xAE\x42\x60\x82", 12)));
}

BOOST_AUTO_TEST_CASE(a_code_is_wide_enough_for_print_and_small) {
  const auto code = qr_code_png("https://kho.example.vn/m/0193f5a0-1f00-7000-8000-000000000001");
  BOOST_REQUIRE(code);
  const auto byte_at = [&](std::size_t at) {
    return unsigned{static_cast<unsigned char>((*code)[at])};
  };
  const auto width = (byte_at(18) << 8U) + byte_at(19);
  BOOST_TEST(width >= 1'200U);
  BOOST_TEST(width < 1'300U);
  BOOST_TEST(code->size() < 10'000U);
  BOOST_TEST(!qr_code_png(std::string(1'001, 'x')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::delivery

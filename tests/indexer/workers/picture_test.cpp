#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fixture.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {
namespace {

using boost::unit_test::data::make;

constexpr auto picture_names = {"anh.jpg", "anh.png", "anh.webp", "anh.gif", "anh.bmp", "anh.tif"};

std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string little_endian(std::uint32_t number) {
  const auto big = big_endian(number);
  return {big.rbegin(), big.rend()};
}

/// A square black BMP with one bit a pixel; `side` in 32s.
std::string black_bmp(std::uint32_t side) {
  const std::string pixels(std::size_t{side} * side / 8, '\0');
  return "BM" + little_endian(62 + static_cast<std::uint32_t>(pixels.size())) + little_endian(0) +
         little_endian(62) + little_endian(40) + little_endian(side) + little_endian(side) +
         std::string("\1\0\1\0", 4) + std::string(16, '\0') + little_endian(2) + little_endian(0) +
         little_endian(0) + little_endian(0xFFFFFF) + pixels;
}

/// The head of a PNG of that size; no pixel follows.
std::string png_head(std::uint32_t width, std::uint32_t height) {
  return std::string("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", 16) + big_endian(width) +
         big_endian(height) + std::string("\1\0\0\0\0\0\0\0\0", 9);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(picture_worker, Workshop)

BOOST_DATA_TEST_CASE(every_kind_of_picture_gives_a_light_copy_and_a_thumbnail, make(picture_names),
                     name) {
  const auto made = pictures(
      host(), sample(name).number(),
      {{.width = 120, .height = 120}, {.width = 60, .height = 60, .format = PictureFormat::webp}});
  BOOST_REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  BOOST_TEST(made->facts.width == 160);
  BOOST_TEST(made->facts.height == 100);
  BOOST_TEST(made->copies[0].width == 120);
  BOOST_TEST(made->copies[0].height == 75);
  BOOST_TEST(made->copies[0].bytes.starts_with("\xFF\xD8\xFF"));
  BOOST_TEST(made->copies[1].width == 60);
  BOOST_TEST(made->copies[1].bytes.substr(8, 4) == "WEBP");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(a_copy_is_never_larger_than_its_picture) {
  const auto made = pictures(host(), sample("anh.png").number(), {{.width = 1600}}).value();
  BOOST_TEST(made.copies[0].width == 160);
}

BOOST_AUTO_TEST_CASE(a_picture_taken_sideways_stands_upright_and_says_nothing_of_the_camera) {
  const auto file = sample("anh-xoay.jpg");
  const auto made = pictures(host(), file.number(), {{.width = 400}}).value();
  BOOST_TEST(made.facts.width == 100);
  BOOST_TEST(made.facts.height == 160);
  BOOST_TEST(made.copies[0].height == 160);
  BOOST_TEST(!holds(made.copies[0].bytes, "Exif"));
}

BOOST_AUTO_TEST_CASE(what_is_transparent_is_white) {
  // One pixel in black, which is declared transparent.
  const std::string gif(
      "GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF!\xF9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;",
      43);
  const auto page = picture_page(host(), made("trong.gif", gif).number(), 0).value();
  BOOST_TEST((page.bytes == "P5\n1 1\n255\n\xFF"));
}

BOOST_AUTO_TEST_CASE(pages_of_a_tiff_are_counted_and_read_one_by_one) {
  const auto file = sample("anh.tif");
  BOOST_TEST(picture_facts(host(), file.number()).value().frames == 2);
  const auto first = picture_page(host(), file.number(), 0).value();
  const auto second = picture_page(host(), file.number(), 1).value();
  BOOST_TEST(first.width == 160);
  BOOST_TEST(second.width == 160);
  BOOST_TEST((first.bytes != second.bytes));
}

BOOST_AUTO_TEST_CASE(a_sheet_of_a3_at_600_dpi_is_read) {
  const auto file = made("to.bmp", black_bmp(8'320));
  const auto copies = pictures(host(), file.number(), {{.width = 320, .height = 320}});
  BOOST_REQUIRE_MESSAGE(copies.has_value(), (copies ? "" : copies.error().message));
  BOOST_TEST(copies->copies[0].width == 320);
}

BOOST_AUTO_TEST_CASE(a_flood_of_pixels_is_refused_before_it_is_decoded) {
  for (const auto& [width, height] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {20'000, 20'000}, {16'385, 1}, {1, 60'000}, {16'000, 8'001}, {0xFFFFFFFF, 2}}) {
    const auto copies =
        pictures(host(), made("picture", png_head(width, height)).number(), {{.width = 320}});
    BOOST_REQUIRE(!copies.has_value());
    BOOST_TEST((copies.error().code == ErrorCode::too_large));
    BOOST_TEST(copies.error().reason == "picture_too_large");
  }
}

BOOST_AUTO_TEST_CASE(no_other_coder_can_be_reached) {
  for (const std::string_view bytes :
       {"push graphic-context\nimage over 0,0 0,0 '/etc/passwd'\n", "<svg/>", "%!PS\n",
        "text: hello", "<?xml version=\"1.0\"?><image><read filename=\"/etc/passwd\"/></image>",
        ""}) {
    const auto facts = picture_facts(host(), made("picture", std::string(bytes)).number());
    BOOST_REQUIRE(!facts.has_value());
    BOOST_TEST(facts.error().reason == "damaged_file");
  }
}

BOOST_DATA_TEST_CASE(a_picture_cut_short_ends_with_a_verdict, make(picture_names), name) {
  std::ifstream file(folder_of("KHOCHUNG_SOURCE_DIR") / "tests/corpus" / name, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  for (const std::size_t length : {std::size_t{40}, whole.size() / 2}) {
    const auto copies =
        pictures(host(), made("picture", whole.substr(0, length)).number(), {{.width = 50}});
    if (!copies) BOOST_TEST((copies.error().code == ErrorCode::unsupported));
  }
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

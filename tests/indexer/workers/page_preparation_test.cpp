#include "indexer/workers/page_preparation.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

namespace khochung::workers {
namespace {

constexpr int width = 1240;
constexpr int height = 1754;

/// A sheet of lines of dark blocks in the size of letters, falling by `angle` (radians) in its
/// middle and by `keystone` more with each row.
Raster sheet(double angle = 0, double keystone = 0, int paper = 255, int letter = 22) {
  Raster raster{width, height, 1,
                std::string(std::size_t{width} * height, static_cast<char>(paper))};
  std::mt19937 chance(7);
  const auto put = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    raster.pixels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] = 20;
  };
  for (int line = 150; line < height - 150; line += 2 * letter) {
    for (int x = 120; x < width - 120; x += letter * 3 / 4) {
      if (chance() % 6 == 0) continue;  // a blank
      const double fall = std::tan(angle + keystone * (line - height / 2.0));
      const int y = line + static_cast<int>(std::lround((x - width / 2.0) * fall));
      for (int row = 0; row < letter; ++row) {
        for (int column = 0; column < letter / 2; ++column) put(x + column, y + row);
      }
    }
  }
  return raster;
}

/// Grain as a bad scanner adds it, the same at every run.
void add_grain(Raster& raster, double strength) {
  std::mt19937 chance(11);
  std::normal_distribution<double> grain(0, strength);
  for (auto& pixel : raster.pixels) {
    const double value = static_cast<unsigned char>(pixel) * 0.7 + 40 + grain(chance);
    pixel = static_cast<char>(static_cast<unsigned char>(std::clamp(value, 0.0, 255.0)));
  }
}

void shade(Raster& raster) {
  for (std::size_t i = 0; i < raster.pixels.size(); ++i) {
    const double light = 1 - 0.55 * static_cast<double>(i % width) / width;
    raster.pixels[i] = static_cast<char>(static_cast<unsigned char>(raster.pixels[i]) * light);
  }
}

struct Seen {
  explicit Seen(const Raster& raster)
      : source(take_page(raster).value()), look(look_at(source.grey.get())) {}
  [[nodiscard]] Preparation choice() const { return best_preparation(source, look); }

  PageSource source;
  PageLook look;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(page_preparation)

BOOST_AUTO_TEST_CASE(a_good_scan_is_made_no_larger_than_its_letters_need) {
  const Seen seen(sheet());
  BOOST_TEST(seen.look.has_lines);
  BOOST_TEST(std::abs(seen.look.text_height - 22) <= 2);
  BOOST_REQUIRE((seen.choice() == Preparation::reduced));
  const auto page = prepare(seen.source, seen.look, Preparation::reduced);
  BOOST_TEST(pixGetWidth(page.pix.get()) < width * 9 / 10);
  storage::PageWord word{"giữa", 90, 80, 60, 30, 90};
  page.placement.move_back(word);
  BOOST_TEST(std::abs(word.x - 90 / page.placement.scale()) <= 1);
  BOOST_TEST(std::abs(word.h - 30 / page.placement.scale()) <= 1);
}

BOOST_AUTO_TEST_CASE(a_sheet_laid_in_askew_is_turned_straight) {
  const Seen seen(sheet(0.03));
  BOOST_TEST(std::abs(seen.look.angle - 0.03) < 0.002);
  BOOST_TEST((seen.choice() == Preparation::straight));
  const auto prepared = prepare(seen.source, seen.look, Preparation::straight);
  BOOST_TEST(std::abs(look_at(prepared.pix.get()).angle) < 0.002);
}

BOOST_AUTO_TEST_CASE(lines_of_a_slanting_view_become_parallel) {
  const Seen seen(sheet(0.01, 2e-5));
  BOOST_TEST(std::abs(seen.look.keystone - 2e-5) < 5e-6);
  BOOST_TEST((seen.choice() == Preparation::straight));
  const auto again = look_at(prepare(seen.source, seen.look, Preparation::straight).pix.get());
  BOOST_TEST(std::abs(again.angle) < 0.002);
  BOOST_TEST(std::abs(again.keystone) < seen.look.keystone / 5);
}

BOOST_AUTO_TEST_CASE(small_letters_are_enlarged) {
  const Seen seen(sheet(0, 0, 255, 10));
  BOOST_TEST((seen.choice() == Preparation::straight));
  const auto prepared = prepare(seen.source, seen.look, Preparation::straight);
  BOOST_TEST(prepared.placement.scale() > 2);
  BOOST_TEST(pixGetWidth(prepared.pix.get()) > 2 * width);
}

BOOST_AUTO_TEST_CASE(grain_and_shade_are_cleaned) {
  auto grainy = sheet();
  add_grain(grainy, 28);
  BOOST_TEST((Seen(grainy).choice() == Preparation::cleaned));
  auto shaded = sheet();
  shade(shaded);
  BOOST_TEST((Seen(shaded).choice() == Preparation::cleaned));
}

BOOST_AUTO_TEST_CASE(a_red_stamp_vanishes) {
  const auto grey = sheet(0, 0, 250);
  Raster coloured{width, height, 3, {}};
  for (const char pixel : grey.pixels) coloured.pixels.append(3, pixel);
  const auto at = std::size_t{3} * (800 * width + 60);
  for (std::size_t i = 0; i < 40; ++i) coloured.pixels.replace(at + 3 * i, 3, "\xE6\x28\x30", 3);
  const Seen seen(coloured);
  BOOST_TEST((seen.choice() == Preparation::straight));
  const auto prepared = prepare(seen.source, seen.look, Preparation::straight);
  l_uint32 paper = 0;
  pixGetPixel(prepared.pix.get(), 80, 800, &paper);
  BOOST_TEST(paper > 200U);
  pixGetPixel(seen.source.grey.get(), 80, 800, &paper);
  BOOST_TEST(paper < 120U);
}

BOOST_AUTO_TEST_CASE(a_picture_without_lines_is_left_alone) {
  Raster raster{width, height, 1, {}};
  for (int i = 0; i < width * height; ++i) {
    const double from_middle = std::hypot(i % width - width / 2, i / width - height / 2);
    raster.pixels.push_back(static_cast<char>(from_middle / 4));
  }
  const Seen seen(raster);
  BOOST_TEST((seen.choice() == Preparation::plain));
}

BOOST_AUTO_TEST_CASE(words_are_moved_back_to_where_they_stand) {
  PageLook look;
  look.angle = 0.03;
  look.keystone = 1e-5;
  const Placement placement(width, height, look, 1.5);
  // The middle of the page stays its middle.
  storage::PageWord word{"giữa", width * 3 / 4 - 30, height * 3 / 4 - 15, 60, 30, 90};
  placement.move_back(word);
  BOOST_TEST(std::abs(word.x + word.w / 2 - width / 2) <= 1);
  BOOST_TEST(std::abs(word.y + word.h / 2 - height / 2) <= 1);
  BOOST_TEST(word.w == 40);
  // To the right of it lines fall.
  const auto right = placement.on_page({width * 1.5, height * 0.75});
  BOOST_TEST(std::abs(right.y - height / 2.0 - width / 2.0 * std::sin(0.03)) < 1);
}

BOOST_AUTO_TEST_CASE(a_picture_of_one_pixel_is_no_trouble) {
  for (const auto& raster : {Raster{1, 1, 1, "\x80"}, Raster{3, 1, 3, std::string(9, '\0')}}) {
    const Seen seen(raster);
    for (const auto way :
         {Preparation::plain, Preparation::reduced, Preparation::straight, Preparation::cleaned})
      BOOST_CHECK_NO_THROW(prepare(seen.source, seen.look, way));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

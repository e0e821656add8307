#include "indexer/workers/page_preparation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace khochung::workers {
namespace {

// All figures here were chosen on 28 pages in seven conditions and held against others, in other
// type and from another hand (ARCHITECTURE.md, decisions of 2026-11-27).
constexpr double good_text_height = 24;
constexpr double good_height_of_noisy_text = 18;
/// Tesseract's network sees lines 36 pixels high; larger ones are only more work.
constexpr double height_of_lines_text = 18;

double scale_to(double height, const PageLook& look) {
  if (look.text_height <= 0) return 1;
  const double scale = std::clamp(height / look.text_height, 0.4, 3.0);
  return std::abs(scale - 1) < 0.1 ? 1 : scale;
}

/// The page as `placement` says, each pixel from the four that stand around it.
PixPointer placed(Pix* page, const Placement& placement) {
  const int from_width = pixGetWidth(page);
  const int from_height = pixGetHeight(page);
  const int width = static_cast<int>(from_width * placement.scale());
  const int height = static_cast<int>(from_height * placement.scale());
  PixPointer made(pixCreate(width, height, 8));
  if (!made || from_width < 2 || from_height < 2) return nullptr;
  constexpr double one = 65'536;
  const auto fixed = [](double value) { return static_cast<std::int64_t>(value * one); };
  for (int y = 0; y < height; ++y) {
    // Along a row of the prepared page the page picture is walked in equal steps.
    const auto first = placement.on_page({0, static_cast<double>(y)});
    const auto second = placement.on_page({1, static_cast<double>(y)});
    auto at_x = fixed(first.x);
    auto at_y = fixed(first.y);
    const auto step_x = fixed(second.x - first.x);
    const auto step_y = fixed(second.y - first.y);
    l_uint32* line =
        pixGetData(made.get()) + static_cast<std::ptrdiff_t>(y) * pixGetWpl(made.get());
    for (int x = 0; x < width; ++x, at_x += step_x, at_y += step_y) {
      const auto column = std::clamp<std::int64_t>(at_x >> 16, 0, from_width - 2);
      const auto row = std::clamp<std::int64_t>(at_y >> 16, 0, from_height - 2);
      const auto right = static_cast<l_uint32>((at_x >> 8) & 0xFF);
      const auto low = static_cast<l_uint32>((at_y >> 8) & 0xFF);
      const l_uint32* above = pixGetData(page) + row * pixGetWpl(page);
      const l_uint32* below = above + pixGetWpl(page);
      const l_uint32 top =
          GET_DATA_BYTE(above, column) * (256 - right) + GET_DATA_BYTE(above, column + 1) * right;
      const l_uint32 foot =
          GET_DATA_BYTE(below, column) * (256 - right) + GET_DATA_BYTE(below, column + 1) * right;
      SET_DATA_BYTE(line, x, static_cast<l_uint8>((top * (256 - low) + foot * low + 32'768) >> 16));
    }
  }
  return made;
}

PreparedPage put_right(PixPointer pix, const PageLook& look, double text_height) {
  PreparedPage page;
  page.placement =
      Placement(pixGetWidth(pix.get()), pixGetHeight(pix.get()), look, scale_to(text_height, look));
  const bool is_in_place = page.placement.is_upright() && page.placement.scale() == 1;
  page.pix = is_in_place ? std::move(pix) : placed(pix.get(), page.placement);
  return page;
}

PreparedPage straight(Pix* from, const PageLook& look) {
  // A blur takes hooks off letters (ổ becomes ố); only much larger ones have them to spare.
  const bool is_large = scale_to(good_text_height, look) < 0.6;
  PixPointer pix(is_large ? pixBlockconvGray(from, nullptr, 1, 1) : pixClone(from));
  if (!pix) return {};
  return put_right(std::move(pix), look, good_text_height);
}

PreparedPage plain(Pix* from, double scale) {
  PreparedPage page;
  page.pix.reset(scale < 1
                     ? pixScaleAreaMap(from, static_cast<float>(scale), static_cast<float>(scale))
                     : pixClone(from));
  page.placement = Placement(pixGetWidth(from), pixGetHeight(from), scale);
  page.ink = Ink::by_whole_page;
  return page;
}

PreparedPage cleaned(Pix* from, const PageLook& look) {
  PixPointer pix(pixMedianFilter(from, 3, 3));
  if (!pix) return {};
  if (Pix* even = pixBackgroundNormSimple(pix.get(), nullptr, nullptr); even != nullptr) {
    pix.reset(even);
  }
  auto page = put_right(std::move(pix), look, good_height_of_noisy_text);
  page.ink = Ink::by_whole_page;
  return page;
}

}  // namespace

Placement::Placement(int width, int height, const PageLook& look, double scale)
    : width_(width), height_(height), scale_(scale) {
  constexpr double noticeable = 0.001;
  if (std::abs(look.angle) < noticeable && look.keystone == 0) return;
  angle_ = look.angle;
  keystone_ = look.keystone;
}

Placement::Point Placement::on_page(Point prepared) const {
  const double x = (prepared.x - width_ * scale_ / 2) / scale_;
  const double y = (prepared.y - height_ * scale_ / 2) / scale_;
  return {x * std::cos(angle_) - y * std::sin(angle_) + width_ / 2.0,
          x * std::sin(angle_) + y * std::cos(angle_) + x * y * keystone_ + height_ / 2.0};
}

void Placement::move_back(storage::PageWord& word) const {
  const auto middle = on_page({word.x + word.w / 2.0, word.y + word.h / 2.0});
  word.w = static_cast<int>(std::lround(word.w / scale_));
  word.h = static_cast<int>(std::lround(word.h / scale_));
  word.x = static_cast<int>(std::lround(middle.x - word.w / 2.0));
  word.y = static_cast<int>(std::lround(middle.y - word.h / 2.0));
}

std::string_view name_of(Preparation preparation) {
  switch (preparation) {
    case Preparation::plain: return "plain";
    case Preparation::reduced: return "reduced";
    case Preparation::straight: return "straight";
    case Preparation::cleaned: return "cleaned";
  }
  return "plain";
}

Preparation best_preparation(const PageSource& source, const PageLook& look) {
  constexpr double coarse_grain = 10;
  constexpr double fine_grain = 3;
  constexpr double many_specks = 0.14;
  constexpr double dark_corners = 0.7;
  constexpr double even_light = 0.9;
  constexpr double slight_angle = 0.0045;
  if (!look.has_lines || look.text_height <= 0) return Preparation::plain;
  const bool is_bilevel = look.grain < 0.1;
  // What is dark round a sheet seen at a slant is the table, not the paper.
  const bool is_shaded = look.shade < dark_corners && look.keystone == 0;
  if (look.grain > coarse_grain || (is_bilevel && look.specks > many_specks) || is_shaded) {
    return Preparation::cleaned;
  }
  const bool is_upright = std::abs(look.angle) < slight_angle && look.keystone == 0;
  const bool is_quiet = look.grain < fine_grain && look.shade > even_light && !source.red;
  const bool is_of_good_size = look.text_height >= 18 && look.text_height <= 40;
  if (!is_upright || !is_quiet || !is_of_good_size) return Preparation::straight;
  return scale_to(height_of_lines_text, look) < 1 ? Preparation::reduced : Preparation::plain;
}

PreparedPage prepare(const PageSource& source, const PageLook& look, Preparation preparation) {
  Pix* best = source.red ? source.red.get() : source.grey.get();
  switch (preparation) {
    case Preparation::straight: return straight(best, look);
    case Preparation::cleaned: return cleaned(best, look);
    case Preparation::reduced:
      return plain(source.grey.get(), std::min(1.0, scale_to(height_of_lines_text, look)));
    case Preparation::plain: break;
  }
  return plain(source.grey.get(), 1);
}

}  // namespace khochung::workers

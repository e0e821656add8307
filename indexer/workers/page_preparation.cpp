#include "indexer/workers/page_preparation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

namespace khochung::workers {
namespace {

/// The height of small letters at which the model reads best.
constexpr double best_text_height = 18;
constexpr double largest_angle_degrees = 7;

PixPointer channel_of(const Raster& raster, bool wants_red) {
  PixPointer pix(pixCreate(raster.width, raster.height, 8));
  if (!pix) return pix;
  const auto* from = reinterpret_cast<const unsigned char*>(raster.pixels.data());
  const int words = pixGetWpl(pix.get());
  for (int y = 0; y < raster.height; ++y) {
    l_uint32* line = pixGetData(pix.get()) + static_cast<std::ptrdiff_t>(y) * words;
    for (int x = 0; x < raster.width; ++x, from += raster.channels) {
      const auto grey =
          static_cast<l_uint8>(raster.channels == 1 || wants_red
                                   ? from[0]
                                   : (from[0] * 299U + from[1] * 587U + from[2] * 114U) / 1000U);
      SET_DATA_BYTE(line, x, grey);
    }
  }
  return pix;
}

/// Black on white at a threshold that follows the light of the page.
PixPointer binarised(Pix* grey) {
  Pix* made = nullptr;
  pixOtsuAdaptiveThreshold(grey, 400, 400, 0, 0, 0.1F, nullptr, &made);
  return PixPointer(made);
}

double median_height(Pix* black_on_white) {
  Boxa* boxes = pixConnCompBB(black_on_white, 8);
  std::vector<int> heights;
  for (int i = 0; i < boxaGetCount(boxes); ++i) {
    int width = 0;
    int height = 0;
    boxaGetBoxGeometry(boxes, i, nullptr, nullptr, &width, &height);
    // Letters; neither specks nor rules nor pictures.
    if (height >= 5 && height <= 120 && width >= 3 && width <= 4 * height) {
      heights.push_back(height);
    }
  }
  boxaDestroy(&boxes);
  if (heights.size() < 20) return 0;
  auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::ranges::nth_element(heights, middle);
  return *middle;
}

PixPointer scaled(Pix* pix, double factor) {
  const auto by = static_cast<float>(factor);
  return PixPointer(pixScale(pix, by, by));
}

/// Turns the page straight where it is clear by how much.
void straighten(PreparedPage& page) {
  const auto black_on_white = binarised(page.pix.get());
  float degrees = 0;
  float confidence = 0;
  if (!black_on_white || pixFindSkewSweepAndSearch(black_on_white.get(), &degrees, &confidence, 4,
                                                   2, largest_angle_degrees, 1.0F, 0.01F) != 0) {
    return;
  }
  if (confidence < 3 || std::abs(degrees) < 0.1F) return;
  const auto radians = static_cast<float>(degrees * std::numbers::pi / 180);
  PixPointer turned(pixRotate(page.pix.get(), radians, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
  if (!turned) return;
  page.pix = std::move(turned);
  page.angle = radians;
}

PreparedPage cleaned(const PageSource& source) {
  PreparedPage page;
  Pix* from = source.red ? source.red.get() : source.grey.get();
  page.pix.reset(pixMedianFilter(from, 3, 3));
  if (!page.pix) return page;
  page.pix.reset(pixBlockconvGray(page.pix.get(), nullptr, 1, 1));
  if (!page.pix) return page;
  if (Pix* even = pixBackgroundNormSimple(page.pix.get(), nullptr, nullptr); even != nullptr) {
    page.pix.reset(even);
  }
  straighten(page);
  // Specks are gone by now, so letters are what is measured.
  const auto black_on_white = binarised(page.pix.get());
  page.text_height = black_on_white ? median_height(black_on_white.get()) : 0;
  if (page.text_height > 0) {
    page.scale = std::clamp(best_text_height / page.text_height, 0.4, 3.0);
    page.pix = scaled(page.pix.get(), page.scale);
  }
  return page;
}

}  // namespace

void PreparedPage::move_back(storage::PageWord& word) const {
  const double middle_x = pixGetWidth(pix.get()) / 2.0;
  const double middle_y = pixGetHeight(pix.get()) / 2.0;
  const double x = word.x + word.w / 2.0 - middle_x;
  const double y = word.y + word.h / 2.0 - middle_y;
  const double turned_x = x * std::cos(angle) + y * std::sin(angle) + middle_x;
  const double turned_y = y * std::cos(angle) - x * std::sin(angle) + middle_y;
  word.x = static_cast<int>(std::lround((turned_x - word.w / 2.0) / scale));
  word.y = static_cast<int>(std::lround((turned_y - word.h / 2.0) / scale));
  word.w = static_cast<int>(std::lround(word.w / scale));
  word.h = static_cast<int>(std::lround(word.h / scale));
}

std::string_view name_of(Preparation preparation) {
  switch (preparation) {
    case Preparation::plain: return "plain";
    case Preparation::cleaned: return "cleaned";
    case Preparation::straight: return "straight";
    case Preparation::enlarged: return "enlarged";
  }
  return "plain";
}

std::optional<PageSource> take_page(const Raster& raster) {
  PageSource source;
  source.grey = channel_of(raster, false);
  if (!source.grey) return std::nullopt;
  if (raster.channels == 3) source.red = channel_of(raster, true);
  return source;
}

PreparedPage prepare(const PageSource& source, Preparation preparation) {
  if (preparation == Preparation::cleaned) return cleaned(source);
  PreparedPage page;
  if (preparation == Preparation::enlarged) {
    page.scale = 2;
    page.pix = scaled(source.grey.get(), page.scale);
    return page;
  }
  page.pix.reset(pixCopy(nullptr, source.grey.get()));
  if (page.pix && preparation == Preparation::straight) straighten(page);
  return page;
}

}  // namespace khochung::workers

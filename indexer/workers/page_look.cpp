#include "indexer/workers/page_look.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <optional>

namespace khochung::workers {
namespace {

constexpr std::size_t fewest_letters = 20;
constexpr float largest_angle_degrees = 7;
/// Of Leptonica's skew search: straight text has 5 to 40, pictures have 1 to 2.
constexpr float sure_of_lines = 2;

struct BoxaDeleter {
  void operator()(Boxa* boxes) const { boxaDestroy(&boxes); }
};

template <typename Numbers>
auto median_of(Numbers& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::ranges::nth_element(numbers, middle);
  return *middle;
}

/// Black on white, at half the size, its light evened.
PixPointer half_size_binary(Pix* half) {
  const PixPointer even(pixBackgroundNorm(half, nullptr, nullptr, 10, 15, 60, 40, 200, 2, 1));
  Pix* made = nullptr;
  pixOtsuAdaptiveThreshold(even ? even.get() : half, 400, 400, 0, 0, 0.1F, nullptr, &made);
  return PixPointer(made);
}

void find_letters(Pix* binary, PageLook& look) {
  const std::unique_ptr<Boxa, BoxaDeleter> boxes(pixConnCompBB(binary, 8));
  std::vector<int> heights;
  double specks = 0;
  for (int i = 0; i < boxaGetCount(boxes.get()); ++i) {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    boxaGetBoxGeometry(boxes.get(), i, &x, &y, &width, &height);
    if (std::max(width, height) <= 2) ++specks;
    // Neither specks nor rules nor pictures.
    if (height < 4 || height > 60 || width < 2 || width > 4 * height) continue;
    look.letters.push_back({2 * x + width, 2 * y + height});
    heights.push_back(2 * height);
  }
  if (heights.size() >= fewest_letters) look.text_height = median_of(heights);
  look.specks = specks / static_cast<double>(heights.size() + 1);
}

/// The fall of the lines in radians, where it is clear that there are lines.
std::optional<double> fall_of_lines(Pix* binary) {
  float degrees = 0;
  float confidence = 0;
  if (pixFindSkewSweepAndSearch(binary, &degrees, &confidence, 2, 1, largest_angle_degrees, 1.0F,
                                0.01F) != 0 ||
      confidence < sure_of_lines) {
    return std::nullopt;
  }
  return -degrees * std::numbers::pi / 180;
}

/// Lines of a sheet seen at a slant fall differently at its top and its foot: evenly from band to
/// band, or it is something else.
void find_lines(Pix* binary, PageLook& look) {
  const auto whole = fall_of_lines(binary);
  look.has_lines = whole.has_value();
  look.angle = whole.value_or(0);
  constexpr int bands = 4;
  const int height = pixGetHeight(binary);
  double fall = 0;
  double moment = 0;
  std::array<double, bands> falls{};
  for (int band = 0; band < bands; ++band) {
    Box* box = boxCreate(0, height * band / bands, pixGetWidth(binary), height / bands);
    const PixPointer part(pixClipRectangle(binary, box, nullptr));
    boxDestroy(&box);
    const auto found = part ? fall_of_lines(part.get()) : std::nullopt;
    if (!found) return;
    falls.at(static_cast<std::size_t>(band)) = *found;
    fall += *found / bands;
    moment += *found * (band - 1.5) / 5;  // least squares over -1.5, -0.5, 0.5, 1.5
  }
  for (int band = 0; band < bands; ++band) {
    const double expected = fall + moment * (band - 1.5);
    if (std::abs(falls.at(static_cast<std::size_t>(band)) - expected) > 0.006) return;
  }
  constexpr double noticeable = 0.004;
  look.has_lines = true;
  look.angle = fall;
  if (std::abs(moment) * bands > noticeable) look.keystone = moment * bands / (2.0 * height);
}

/// Source: J. Immerkær, Fast noise variance estimation (1996), with the median in place of the mean
/// so that letters do not count.
double grain_of(Pix* grey) {
  const int words = pixGetWpl(grey);
  const l_uint32* data = pixGetData(grey);
  std::vector<int> edges;
  for (int y = 1; y + 1 < pixGetHeight(grey); y += 7) {
    const l_uint32* above = data + static_cast<std::ptrdiff_t>(y - 1) * words;
    const l_uint32* at = above + words;
    const l_uint32* below = at + words;
    for (int x = 1; x + 1 < pixGetWidth(grey); x += 5) {
      const auto side = [&](const l_uint32* line) {
        return static_cast<int>(GET_DATA_BYTE(line, x - 1)) + GET_DATA_BYTE(line, x + 1);
      };
      const auto middle = [&](const l_uint32* line) {
        return static_cast<int>(GET_DATA_BYTE(line, x));
      };
      edges.push_back(std::abs(4 * middle(at) - 2 * (side(at) + middle(above) + middle(below)) +
                               side(above) + side(below)));
    }
  }
  return edges.empty() ? 0 : median_of(edges) / (6 * 0.6745);
}

double shade_of(Pix* half) {
  constexpr int block = 32;
  const PixPointer paper(pixScaleGrayMinMax(half, block, block, L_CHOOSE_MAX));
  if (!paper) return 1;
  std::vector<l_uint32> lights;
  for (int y = 0; y < pixGetHeight(paper.get()); ++y) {
    for (int x = 0; x < pixGetWidth(paper.get()); ++x) {
      l_uint32 light = 0;
      pixGetPixel(paper.get(), x, y, &light);
      lights.push_back(light);
    }
  }
  if (lights.size() < 20) return 1;
  std::ranges::sort(lights);
  return lights[lights.size() / 20] / std::max(1.0, 1.0 * lights[lights.size() * 19 / 20]);
}

}  // namespace

PageLook look_at(Pix* grey) {
  PageLook look;
  const PixPointer half(pixScaleAreaMap2(grey));
  if (!half) return look;
  look.grain = grain_of(grey);
  look.shade = shade_of(half.get());
  if (const auto binary = half_size_binary(half.get())) {
    find_letters(binary.get(), look);
    find_lines(binary.get(), look);
  }
  return look;
}

}  // namespace khochung::workers

#include "server/pages/hit_boxes.hpp"

#include <algorithm>

namespace khochung::pages {
namespace {

using storage::PageWord;

/// Whether `word` follows `last` on the same line, in reading order, no further than words stand
/// apart. A line of a scan may be askew, so heights only have to overlap by half.
bool follows(const PageWord& word, const PageWord& last) {
  const int overlap = std::min(word.y + word.h, last.y + last.h) - std::max(word.y, last.y);
  const int gap = word.x - (last.x + last.w);
  return 2 * overlap >= std::min(word.h, last.h) && gap > -last.h && gap < last.h;
}

HitBox box_of(const PageWord& word) {
  return {static_cast<double>(word.x), static_cast<double>(word.y), static_cast<double>(word.w),
          static_cast<double>(word.h)};
}

HitBox around(const HitBox& one, const HitBox& other) {
  const double x = std::min(one.x, other.x);
  const double y = std::min(one.y, other.y);
  return {x, y, std::max(one.x + one.w, other.x + other.w) - x,
          std::max(one.y + one.h, other.y + other.h) - y};
}

}  // namespace

std::vector<HitBox> boxes_around(const std::vector<PageWord>& words,
                                 const std::vector<std::size_t>& found) {
  std::vector<HitBox> boxes;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& word = words[found[i]];
    const bool goes_on =
        i > 0 && found[i] == found[i - 1] + 1 && follows(word, words[found[i - 1]]);
    if (goes_on) {
      boxes.back() = around(boxes.back(), box_of(word));
    } else {
      boxes.push_back(box_of(word));
    }
  }
  return boxes;
}

}  // namespace khochung::pages

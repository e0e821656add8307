#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::delivery {

/// A picture in black and white; each row begins with a byte of its own, white is 1.
class Bitmap {
 public:
  /// All white.
  Bitmap(std::size_t width, std::size_t height)
      : width_(width), height_(height), bytes_(height * row_bytes(), 0xFF) {}

  void blacken(std::size_t x, std::size_t y) {
    bytes_[y * row_bytes() + x / 8] &= static_cast<unsigned char>(~(0x80U >> (x % 8)));
  }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t height() const { return height_; }
  [[nodiscard]] std::size_t row_bytes() const { return (width_ + 7) / 8; }
  [[nodiscard]] const unsigned char* row(std::size_t y) const { return &bytes_[y * row_bytes()]; }

 private:
  std::size_t width_;
  std::size_t height_;
  std::vector<unsigned char> bytes_;
};

/// The picture as a PNG of one bit a pixel, to be printed at `dots_per_inch`.
/// Errors: unavailable, when there is no memory.
/// Source: Portable Network Graphics (W3C, third edition).
Result<std::string> png_of(const Bitmap& picture, int dots_per_inch);

}  // namespace khochung::delivery

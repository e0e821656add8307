#include "indexer/workers/resized.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>

#include "indexer/workers/pix_pointer.hpp"

namespace khochung::workers {
namespace {

l_uint32* row_of(const PixPointer& pix, int y) {
  return pixGetData(pix.get()) + static_cast<std::ptrdiff_t>(y) * pixGetWpl(pix.get());
}

PixPointer pix_of(const Raster& raster) {
  PixPointer pix(pixCreateNoInit(raster.width, raster.height, raster.channels == 1 ? 8 : 32));
  if (!pix) throw std::bad_alloc();
  const auto* from = reinterpret_cast<const unsigned char*>(raster.pixels.data());
  for (int y = 0; y < raster.height; ++y) {
    l_uint32* row = row_of(pix, y);
    for (int x = 0; x < raster.width; ++x, from += raster.channels) {
      if (raster.channels == 1) {
        SET_DATA_BYTE(row, x, *from);
      } else {
        composeRGBPixel(from[0], from[1], from[2], row + x);
      }
    }
  }
  return pix;
}

Raster raster_of(const PixPointer& pix) {
  Raster raster{
      pixGetWidth(pix.get()), pixGetHeight(pix.get()), pixGetDepth(pix.get()) == 8 ? 1 : 3, {}};
  raster.pixels.resize(static_cast<std::size_t>(raster.width) *
                       static_cast<std::size_t>(raster.height) *
                       static_cast<std::size_t>(raster.channels));
  char* to = raster.pixels.data();
  for (int y = 0; y < raster.height; ++y) {
    const l_uint32* row = row_of(pix, y);
    for (int x = 0; x < raster.width; ++x) {
      if (raster.channels == 1) {
        *to++ = static_cast<char>(GET_DATA_BYTE(row, x));
      } else {
        *to++ = static_cast<char>(GET_DATA_BYTE(row + x, COLOR_RED));
        *to++ = static_cast<char>(GET_DATA_BYTE(row + x, COLOR_GREEN));
        *to++ = static_cast<char>(GET_DATA_BYTE(row + x, COLOR_BLUE));
      }
    }
  }
  return raster;
}

}  // namespace

PictureBox fitted(int width, int height, PictureBox box) {
  double scale = 1;
  if (box.width > 0) scale = std::min(scale, static_cast<double>(box.width) / width);
  if (box.height > 0) scale = std::min(scale, static_cast<double>(box.height) / height);
  const auto side = [&](int length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  return {side(width), side(height)};
}

Raster resized(Raster raster, PictureBox size) {
  if (size.width == raster.width && size.height == raster.height) return raster;
  const auto whole = pix_of(raster);
  raster.pixels = std::string();
  const PixPointer copy(pixScaleAreaMapToSize(whole.get(), size.width, size.height));
  if (!copy) throw std::bad_alloc();
  return raster_of(copy);
}

}  // namespace khochung::workers

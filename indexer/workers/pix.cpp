#include "indexer/workers/pix.hpp"

#include <cstddef>
#include <new>

namespace khochung::workers {
namespace {

l_uint32* row_of(Pix* pix, int y) {
  return pixGetData(pix) + static_cast<std::ptrdiff_t>(y) * pixGetWpl(pix);
}

}  // namespace

PixPointer pix_of(const Raster& raster) {
  PixPointer pix(pixCreateNoInit(raster.width, raster.height, raster.channels == 1 ? 8 : 32));
  if (!pix) throw std::bad_alloc();
  const auto* from = reinterpret_cast<const unsigned char*>(raster.pixels.data());
  for (int y = 0; y < raster.height; ++y) {
    l_uint32* row = row_of(pix.get(), y);
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

Raster raster_of(Pix* pix) {
  Raster raster{pixGetWidth(pix), pixGetHeight(pix), pixGetDepth(pix) == 8 ? 1 : 3, {}};
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

}  // namespace khochung::workers

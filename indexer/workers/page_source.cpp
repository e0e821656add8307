#include "indexer/workers/page_source.hpp"

#include <cstddef>

namespace khochung::workers {
namespace {

/// One channel out of three.
PixPointer channel_of(const Raster& raster, bool wants_red) {
  PixPointer pix(pixCreate(raster.width, raster.height, 8));
  if (!pix) return pix;
  const auto* from = reinterpret_cast<const unsigned char*>(raster.pixels.data());
  const int words = pixGetWpl(pix.get());
  for (int y = 0; y < raster.height; ++y) {
    l_uint32* line = pixGetData(pix.get()) + static_cast<std::ptrdiff_t>(y) * words;
    for (int x = 0; x < raster.width; ++x, from += raster.channels) {
      const auto grey = static_cast<l_uint8>(
          wants_red ? from[0] : (from[0] * 299U + from[1] * 587U + from[2] * 114U) / 1000U);
      SET_DATA_BYTE(line, x, grey);
    }
  }
  return pix;
}

}  // namespace

std::optional<PageSource> take_page(const Raster& raster) {
  PageSource source;
  source.grey = raster.channels == 1 ? pix_of(raster) : channel_of(raster, false);
  if (!source.grey) return std::nullopt;
  if (raster.channels == 3) source.red = channel_of(raster, true);
  return source;
}

}  // namespace khochung::workers

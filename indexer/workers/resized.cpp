#include "indexer/workers/resized.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

#include "indexer/workers/pix.hpp"

namespace khochung::workers {

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
  return raster_of(copy.get());
}

}  // namespace khochung::workers

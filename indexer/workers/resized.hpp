#pragma once

#include "indexer/workers/raster.hpp"

namespace khochung::workers {

/// A box that a picture is to fit into; 0 leaves that side free.
struct PictureBox {
  int width = 0;
  int height = 0;
};

/// The size that fits `box` without being enlarged.
PictureBox fitted(int width, int height, PictureBox box);

/// The picture in this size or a pixel beside it, each pixel the mean of what it covers, by
/// Leptonica. Throws std::bad_alloc.
Raster resized(Raster raster, PictureBox size);

}  // namespace khochung::workers

#pragma once

#include <string_view>

#include "indexer/workers/raster.hpp"

namespace khochung::workers {

/// How a camera held the picture. Source: EXIF 2.32, tag 0x0112; 1 is upright.
struct JpegHead {
  int width = 0;  ///< as stored, before it is turned
  int height = 0;
  int orientation = 1;
  int dpi = 0;
  bool is_plain = true;  ///< grey or YCbCr; CMYK is left to ImageMagick
};

/// Throws std::runtime_error where libjpeg gives up.
JpegHead read_jpeg_head(std::string_view bytes);

/// Decodes at the smallest of libjpeg's scales (eighths) that is at least `width` x `height`; as
/// stored, not turned. Throws std::runtime_error.
Raster read_jpeg(std::string_view bytes, int width, int height);

/// Turns what was stored with `orientation` upright.
Raster upright(Raster raster, int orientation);

}  // namespace khochung::workers

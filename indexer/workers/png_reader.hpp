#pragma once

#include <string_view>

#include "indexer/workers/raster.hpp"

namespace khochung::workers {

/// Decodes a PNG: on white, 8 bits, one channel where the file has no colour. A grey A4 page at
/// 300 dpi takes a quarter of what ImageMagick takes. Throws std::runtime_error where libpng gives
/// up.
Raster read_png(std::string_view bytes);

}  // namespace khochung::workers

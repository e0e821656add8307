#pragma once

#include <optional>

#include "indexer/workers/pix.hpp"
#include "indexer/workers/raster.hpp"

namespace khochung::workers {

/// A page picture in 8 bits.
struct PageSource {
  PixPointer grey;
  PixPointer red;  ///< the red channel, in which stamps vanish; null where the page has no colour
};

/// Takes a page over from the raster. Null when it cannot be held.
std::optional<PageSource> take_page(const Raster& raster);

}  // namespace khochung::workers

#pragma once

#include <allheaders.h>

#include <memory>

#include "indexer/workers/raster.hpp"

namespace khochung::workers {

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
/// A picture of Leptonica's.
using PixPointer = std::unique_ptr<Pix, PixDeleter>;

/// In 8 bits for one channel, in 32 for three. Throws std::bad_alloc.
PixPointer pix_of(const Raster& raster);

/// The other way round.
Raster raster_of(Pix* pix);

}  // namespace khochung::workers

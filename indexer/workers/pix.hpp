#pragma once

#include <allheaders.h>

#include <memory>

namespace khochung::workers {

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
/// A picture of Leptonica's.
using PixPointer = std::unique_ptr<Pix, PixDeleter>;

}  // namespace khochung::workers

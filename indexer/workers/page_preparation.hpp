#pragma once

#include <allheaders.h>

#include <memory>
#include <optional>
#include <string_view>

#include "indexer/workers/raster.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::workers {

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using PixPointer = std::unique_ptr<Pix, PixDeleter>;

/// A page made ready to be read, and the way back to where its words stand on the page picture.
struct PreparedPage {
  PixPointer pix;  ///< 8 bits grey
  double scale = 1;
  double angle = 0;        ///< turned clockwise by this, in radians, round its middle
  double text_height = 0;  ///< median height of letters before scaling; `cleaned` alone finds it

  /// Moves a box of this picture to where it stands on the page picture.
  void move_back(storage::PageWord& word) const;
};

/// How a page is made ready. Each one after `plain` costs a second reading.
enum class Preparation {
  plain,     ///< grey as it is
  cleaned,   ///< red channel (stamps vanish), median, even background, straight, text of good size
  straight,  ///< turned straight, else as it is
  enlarged,  ///< twice the size, for pictures with tiny text
};

std::string_view name_of(Preparation preparation);

/// The page in 8 bits: grey for `plain` and others, the red channel for `cleaned`.
struct PageSource {
  PixPointer grey;
  PixPointer red;  ///< null where the page has no colour
};

/// Takes a page over from the raster. Null when it cannot be held.
std::optional<PageSource> take_page(const Raster& raster);

/// Null pix when Leptonica cannot do it.
PreparedPage prepare(const PageSource& source, Preparation preparation);

}  // namespace khochung::workers

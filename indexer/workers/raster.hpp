#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace khochung::workers {

/// A picture in memory: rows from the top without gaps, 1 (grey) or 3 (red, green, blue) bytes a
/// pixel.
struct Raster {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::string pixels;
};

/// Binary PGM or PPM. Source: netpbm, pgm(5) and ppm(5).
std::string to_pnm(const Raster& raster);

/// Takes one binary PGM or PPM of 8 bits off the front of `bytes`; nothing when there is none.
std::optional<Raster> take_pnm(std::string_view& bytes);

/// The picture with one channel if all three are alike everywhere, within what JPEG blurs.
Raster without_needless_colour(Raster raster);

}  // namespace khochung::workers

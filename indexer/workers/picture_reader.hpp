#pragma once

#include <string>
#include <string_view>

#include "indexer/workers/raster.hpp"
#include "indexer/workers/resized.hpp"
#include "schemas/result.hpp"

namespace khochung::workers {

/// What a picture file says before it is decoded.
struct PictureHead {
  std::string format;  ///< ImageMagick's name of it: "JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"
  int width = 0;       ///< as a person sees it: turned upright where the file says so
  int height = 0;
  int frames = 1;  ///< pages of a TIFF; 1 for all others
  int dpi = 0;     ///< 0: the file does not say
};

/// Settles once what ImageMagick may take. Call it after the sandbox is closed.
void prepare_picture_library();

/// Reads the head of one frame (from 0).
/// Errors: unsupported for what is none of the six formats or cannot be read; too_large
///         "picture_too_large" above 128 million pixels or 16,384 on a side. Throws what
///         ImageMagick and libjpeg throw.
Result<PictureHead> read_picture_head(std::string_view bytes, int frame);

/// Decodes one frame: upright, on white, 8 bits, no smaller than fits `box` (a box of 0 x 0:
/// whole). Errors: too_large "picture_too_large". Throws as above.
Result<Raster> read_picture(std::string_view bytes, const PictureHead& head, int frame,
                            PictureBox box);

std::string to_webp(const Raster& raster, int quality);

}  // namespace khochung::workers

#include "indexer/workers/png_reader.hpp"

#include <png.h>

#include <stdexcept>
#include <string>

namespace khochung::workers {

namespace {

/// A PNG whose head has been read.
struct OpenPng {
  png_image image{};

  explicit OpenPng(std::string_view bytes) {
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) give_up();
  }
  OpenPng(const OpenPng&) = delete;
  OpenPng& operator=(const OpenPng&) = delete;
  ~OpenPng() { png_image_free(&image); }

  [[noreturn]] void give_up() const {
    throw std::runtime_error(std::string("libpng: ") + &image.message[0]);
  }
};

}  // namespace

std::int64_t png_pixels(std::string_view bytes) {
  const OpenPng png(bytes);
  return std::int64_t{png.image.width} * png.image.height;
}

Raster read_png(std::string_view bytes) {
  OpenPng png(bytes);
  auto& image = png.image;
  const bool is_coloured = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  image.format = is_coloured ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Raster raster{
      static_cast<int>(image.width), static_cast<int>(image.height), is_coloured ? 3 : 1, {}};
  raster.pixels.resize(PNG_IMAGE_SIZE(image));
  constexpr png_color paper{255, 255, 255};
  if (png_image_finish_read(&image, &paper, raster.pixels.data(), 0, nullptr) == 0) png.give_up();
  return raster;
}

}  // namespace khochung::workers

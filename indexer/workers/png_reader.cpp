#include "indexer/workers/png_reader.hpp"

#include <png.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace khochung::workers {

std::int64_t png_pixels(std::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> freed(&image, png_image_free);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return 0;
  return std::int64_t{image.width} * image.height;
}

Raster read_png(std::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> freed(&image, png_image_free);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0)
    throw std::runtime_error(std::string("libpng: ") + &image.message[0]);
  const bool is_coloured = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  image.format = is_coloured ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Raster raster{
      static_cast<int>(image.width), static_cast<int>(image.height), is_coloured ? 3 : 1, {}};
  raster.pixels.resize(PNG_IMAGE_SIZE(image));
  constexpr png_color paper{255, 255, 255};
  if (png_image_finish_read(&image, &paper, raster.pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error(std::string("libpng: ") + &image.message[0]);
  return raster;
}

}  // namespace khochung::workers

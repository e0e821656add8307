#include "indexer/workers/raster.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <jpeglib.h>

namespace khochung::workers {
namespace {

constexpr int alike = 6;

bool is_grey(const Raster& raster) {
  const auto* at = reinterpret_cast<const unsigned char*>(raster.pixels.data());
  const auto* end = at + raster.pixels.size();
  for (; at != end; at += 3) {
    if (std::abs(at[0] - at[1]) > alike || std::abs(at[1] - at[2]) > alike) return false;
  }
  return true;
}

[[noreturn]] void throw_jpeg_error(j_common_ptr common) {
  char text[JMSG_LENGTH_MAX];
  (*common->err->format_message)(common, text);
  throw std::runtime_error(text);
}

/// Frees libjpeg's state also when an error is thrown through.
struct Compressor {
  jpeg_compress_struct state{};
  jpeg_error_mgr errors{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  Compressor() {
    state.err = jpeg_std_error(&errors);
    errors.error_exit = &throw_jpeg_error;
    jpeg_create_compress(&state);
    jpeg_mem_dest(&state, &bytes, &size);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() {
    jpeg_destroy_compress(&state);
    std::free(bytes);
  }
};

}  // namespace

std::string to_pnm(const Raster& raster) {
  std::string bytes = (raster.channels == 1 ? "P5\n" : "P6\n") + std::to_string(raster.width) +
                      " " + std::to_string(raster.height) + "\n255\n";
  bytes.append(raster.pixels);
  return bytes;
}

Raster without_needless_colour(Raster raster) {
  if (raster.channels == 1 || !is_grey(raster)) return raster;
  const auto count = raster.pixels.size() / 3;
  for (std::size_t i = 0; i < count; ++i) raster.pixels[i] = raster.pixels[3 * i + 1];
  raster.pixels.resize(count);
  raster.channels = 1;
  return raster;
}

std::string to_jpeg(const Raster& raster, int quality) {
  Compressor compressor;
  auto& state = compressor.state;
  state.image_width = static_cast<JDIMENSION>(raster.width);
  state.image_height = static_cast<JDIMENSION>(raster.height);
  state.input_components = raster.channels;
  state.in_color_space = raster.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&state);
  jpeg_set_quality(&state, quality, TRUE);
  state.optimize_coding = TRUE;
  jpeg_start_compress(&state, TRUE);
  const auto row_bytes =
      static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(raster.channels);
  while (state.next_scanline < state.image_height) {
    const auto* from = raster.pixels.data() + state.next_scanline * row_bytes;
    // libjpeg only reads the row, though its type does not say so.
    auto* row = reinterpret_cast<JSAMPROW>(const_cast<char*>(from));
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  return {reinterpret_cast<const char*>(compressor.bytes), compressor.size};
}

}  // namespace khochung::workers

#include "indexer/workers/jpeg_writer.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <jpeglib.h>

namespace khochung::workers {
namespace {

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

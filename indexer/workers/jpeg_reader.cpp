#include "indexer/workers/jpeg_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <jpeglib.h>

namespace khochung::workers {
namespace {

[[noreturn]] void throw_error(j_common_ptr common) {
  char text[JMSG_LENGTH_MAX];
  (*common->err->format_message)(common, text);
  throw std::runtime_error(text);
}

void be_quiet(j_common_ptr /*common*/, int /*level*/) {}

/// Frees libjpeg's state also when an error is thrown through.
struct Decompressor {
  jpeg_decompress_struct state{};
  jpeg_error_mgr errors{};

  explicit Decompressor(std::string_view bytes) {
    state.err = jpeg_std_error(&errors);
    errors.error_exit = &throw_error;
    errors.emit_message = &be_quiet;
    jpeg_create_decompress(&state);
    jpeg_mem_src(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&state, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&state, TRUE);
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { jpeg_destroy_decompress(&state); }
};

/// Reads numbers of a TIFF header in its own byte order; 0 beyond the end.
class TiffNumbers {
 public:
  explicit TiffNumbers(std::string_view bytes) : bytes_(bytes), is_big_(bytes.starts_with("MM")) {}

  [[nodiscard]] std::uint32_t at(std::size_t offset, std::size_t size) const {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size && offset + size <= bytes_.size(); ++i) {
      const auto place = is_big_ ? offset + i : offset + size - 1 - i;
      number = number << 8 | static_cast<unsigned char>(bytes_[place]);
    }
    return number;
  }

 private:
  std::string_view bytes_;
  bool is_big_;
};

int orientation_in(std::string_view exif) {
  constexpr std::string_view mark("Exif\0\0", 6);
  if (!exif.starts_with(mark)) return 1;
  const TiffNumbers tiff(exif.substr(mark.size()));
  const std::size_t directory = tiff.at(4, 4);
  const auto entries = tiff.at(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto entry = directory + 2 + 12 * i;
    if (tiff.at(entry, 2) != 0x0112) continue;
    const auto value = tiff.at(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

int dpi_of(const jpeg_decompress_struct& state) {
  if (state.density_unit == 1) return state.X_density;
  return state.density_unit == 2 ? state.X_density * 254 / 100 : 0;
}

}  // namespace

JpegHead read_jpeg_head(std::string_view bytes) {
  const Decompressor decompressor(bytes);
  const auto& state = decompressor.state;
  JpegHead head{static_cast<int>(state.image_width), static_cast<int>(state.image_height), 1,
                dpi_of(state), state.num_components == 1 || state.num_components == 3};
  for (const auto* marker = state.marker_list; marker != nullptr; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (const int found = orientation_in(data); found != 1) head.orientation = found;
  }
  return head;
}

Raster read_jpeg(std::string_view bytes, int width, int height) {
  Decompressor decompressor(bytes);
  auto& state = decompressor.state;
  state.out_color_space = state.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  state.scale_denom = 8;
  for (state.scale_num = 1; state.scale_num < 8; ++state.scale_num) {
    jpeg_calc_output_dimensions(&state);
    if (static_cast<int>(state.output_width) >= width &&
        static_cast<int>(state.output_height) >= height) {
      break;
    }
  }
  jpeg_start_decompress(&state);
  Raster raster{static_cast<int>(state.output_width),
                static_cast<int>(state.output_height),
                state.output_components,
                {}};
  const std::size_t row_bytes =
      std::size_t{state.output_width} * static_cast<std::size_t>(state.output_components);
  raster.pixels.resize(row_bytes * state.output_height);
  while (state.output_scanline < state.output_height) {
    auto* row = reinterpret_cast<JSAMPROW>(raster.pixels.data() +
                                           std::size_t{state.output_scanline} * row_bytes);
    jpeg_read_scanlines(&state, &row, 1);
  }
  jpeg_finish_decompress(&state);
  return raster;
}

Raster upright(Raster raster, int orientation) {
  if (orientation <= 1 || orientation > 8) return raster;
  const bool is_turned = orientation >= 5;
  Raster turned{is_turned ? raster.height : raster.width, is_turned ? raster.width : raster.height,
                raster.channels, std::string(raster.pixels.size(), '\0')};
  const int right = raster.width - 1;
  const int bottom = raster.height - 1;
  // Where the pixel of the upright picture at (x, y) stands in the stored one.
  const auto stored = [&](int x, int y) -> std::pair<int, int> {
    switch (orientation) {
      case 2: return {right - x, y};
      case 3: return {right - x, bottom - y};
      case 4: return {x, bottom - y};
      case 5: return {y, x};
      case 6: return {y, bottom - x};
      case 7: return {right - y, bottom - x};
      default: return {right - y, x};
    }
  };
  const auto channels = static_cast<std::size_t>(raster.channels);
  const auto place = [&](int x, int y, int width) {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
            static_cast<std::size_t>(x)) *
           channels;
  };
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      const auto [from_x, from_y] = stored(x, y);
      const auto from = place(from_x, from_y, raster.width);
      const auto to = place(x, y, turned.width);
      for (std::size_t c = 0; c < channels; ++c) turned.pixels[to + c] = raster.pixels[from + c];
    }
  }
  return turned;
}

}  // namespace khochung::workers

#include "server/delivery/png.hpp"

#include <libdeflate.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string_view>

namespace khochung::delivery {
namespace {

constexpr std::string_view signature("\x89PNG\r\n\x1A\n", 8);
constexpr int compression_level = 9;
constexpr double inches_of_a_metre = 39.37;

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
  return bytes;
}

/// Its length, its type, its bytes, and the CRC-32 of the last two.
std::string chunk(std::string_view type, std::string_view bytes) {
  const auto named = std::string(type) + std::string(bytes);
  return big_endian(static_cast<std::uint32_t>(bytes.size())) + named +
         big_endian(libdeflate_crc32(0, named.data(), named.size()));
}

std::string header_of(const Bitmap& picture) {
  constexpr std::string_view one_bit_of_grey("\x01\x00\x00\x00\x00", 5);
  return big_endian(static_cast<std::uint32_t>(picture.width())) +
         big_endian(static_cast<std::uint32_t>(picture.height())) + std::string(one_bit_of_grey);
}

std::string size_of_pixels(int dots_per_inch) {
  constexpr char metres = 1;
  const auto per_metre =
      big_endian(static_cast<std::uint32_t>(std::lround(dots_per_inch * inches_of_a_metre)));
  return per_metre + per_metre + metres;
}

/// Each row with the filter "none" before it: rows of one bit gain nothing by another.
std::string rows_of(const Bitmap& picture) {
  std::string rows;
  for (std::size_t y = 0; y < picture.height(); ++y) {
    rows += '\0';
    rows.append(reinterpret_cast<const char*>(picture.row(y)), picture.row_bytes());
  }
  return rows;
}

Result<std::string> compressed(const std::string& bytes) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(compression_level), libdeflate_free_compressor);
  if (!compressor) return fail(ErrorCode::unavailable, "no memory to compress a picture");
  std::string packed(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
  packed.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(),
                                         packed.data(), packed.size()));
  return packed;
}

}  // namespace

Result<std::string> png_of(const Bitmap& picture, int dots_per_inch) {
  const auto pixels = KHOCHUNG_TRY(compressed(rows_of(picture)));
  return std::string(signature) + chunk("IHDR", header_of(picture)) +
         chunk("pHYs", size_of_pixels(dots_per_inch)) + chunk("IDAT", pixels) + chunk("IEND", "");
}

}  // namespace khochung::delivery

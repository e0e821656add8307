#include "indexer/workers/raster.hpp"

#include <cstddef>
#include <cstdlib>
#include <utility>

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

/// A number of a PNM head, with the white space before it; 0 when there is none.
int take_number(std::string_view& bytes) {
  while (!bytes.empty() && (bytes.front() == ' ' || bytes.front() == '\n')) bytes.remove_prefix(1);
  int number = 0;
  while (!bytes.empty() && bytes.front() >= '0' && bytes.front() <= '9' && number < 100'000) {
    number = number * 10 + (bytes.front() - '0');
    bytes.remove_prefix(1);
  }
  return number;
}

}  // namespace

std::optional<Raster> take_pnm(std::string_view& bytes) {
  Raster raster;
  if (bytes.starts_with("P5")) raster.channels = 1;
  if (raster.channels == 3 && !bytes.starts_with("P6")) return std::nullopt;
  bytes.remove_prefix(2);
  raster.width = take_number(bytes);
  raster.height = take_number(bytes);
  if (take_number(bytes) != 255 || raster.width < 1 || raster.height < 1) return std::nullopt;
  const auto size = static_cast<std::size_t>(raster.width) *
                    static_cast<std::size_t>(raster.height) *
                    static_cast<std::size_t>(raster.channels);
  if (bytes.size() < size + 1) return std::nullopt;
  raster.pixels = bytes.substr(1, size);
  bytes.remove_prefix(size + 1);
  return raster;
}

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

}  // namespace khochung::workers

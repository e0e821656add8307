#include "indexer/workers/picture_reader.hpp"

#include <Magick++.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "indexer/workers/jpeg_reader.hpp"
#include "indexer/workers/media_type.hpp"
#include "indexer/workers/png_reader.hpp"

namespace khochung::workers {
namespace {

constexpr int longest_side = 16'384;
constexpr std::int64_t most_pixels = 128'000'000;
constexpr std::size_t most_frames = 2'000;

constexpr auto coders = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"image/jpeg", "JPEG"},
    {"image/png", "PNG"},
    {"image/tiff", "TIFF"},
    {"image/webp", "WEBP"},
    {"image/gif", "GIF"},
    {"image/bmp", "BMP"},
});

std::string_view coder_of(std::string_view bytes) {
  const auto type = media_type_of(bytes.substr(0, media_type_bytes), "");
  const auto row =
      std::ranges::find(coders, type, &std::pair<std::string_view, std::string_view>::first);
  return row == coders.end() ? std::string_view() : row->second;
}

/// Reads numbers of a header in its own byte order; 0 beyond the end.
class Numbers {
 public:
  Numbers(std::string_view bytes, bool is_big_endian) : bytes_(bytes), is_big_(is_big_endian) {}

  [[nodiscard]] std::int64_t at(std::size_t offset, std::size_t size) const {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < size && offset + size <= bytes_.size(); ++i) {
      const auto place = is_big_ ? offset + i : offset + size - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes_[place]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool is_big_;
};

/// Where the directories of a TIFF stand, one a frame; found without any library.
std::vector<std::size_t> tiff_directories(std::string_view bytes) {
  const Numbers numbers(bytes, bytes.starts_with("MM"));
  std::vector<std::size_t> directories;
  if (numbers.at(2, 2) != 42) return directories;
  auto at = static_cast<std::size_t>(numbers.at(4, 4));
  while (at > 0 && at < bytes.size() && directories.size() < most_frames) {
    directories.push_back(at);
    at = static_cast<std::size_t>(
        numbers.at(at + 2 + 12 * static_cast<std::size_t>(numbers.at(at, 2)), 4));
  }
  return directories;
}

/// The size that a directory of a TIFF states (tags 256 and 257).
std::pair<std::int64_t, std::int64_t> size_in_tiff(std::string_view bytes, std::size_t directory) {
  const Numbers numbers(bytes, bytes.starts_with("MM"));
  std::pair<std::int64_t, std::int64_t> size{1, 1};
  const auto entries = static_cast<std::size_t>(numbers.at(directory, 2));
  for (std::size_t i = 0; i < entries; ++i) {
    const auto entry = directory + 2 + 12 * i;
    const auto value = numbers.at(entry + 8, numbers.at(entry + 2, 2) == 3 ? 2 : 4);
    if (numbers.at(entry, 2) == 256) size.first = value;
    if (numbers.at(entry, 2) == 257) size.second = value;
  }
  return size;
}

/// What the head says about width and height, before any library looks at it. (ImageMagick gives
/// no size at all for a picture above its own limits.)
std::pair<std::int64_t, std::int64_t> stated_size(std::string_view bytes, std::string_view coder) {
  const Numbers big(bytes, true);
  const Numbers little(bytes, false);
  if (coder == "PNG") return {big.at(16, 4), big.at(20, 4)};
  if (coder == "GIF") return {little.at(6, 2), little.at(8, 2)};
  if (coder == "BMP" && little.at(14, 4) >= 40) {
    const auto height = static_cast<std::int32_t>(little.at(22, 4));
    return {little.at(18, 4), std::abs(std::int64_t{height})};
  }
  return {1, 1};
}

/// An image of ours knows its coder; ImageMagick never guesses, and reads the first frame alone.
void choose(Magick::Image& image, std::string_view coder) {
  image.quiet(true);
  image.magick(std::string(coder));
  image.subImage(0);
  image.subRange(1);
}

/// The bytes for ImageMagick, so that `frame` is the first: it fails an assertion of its own when
/// asked for a later page of a TIFF in memory.
Magick::Blob blob_of(std::string_view bytes, std::string_view coder, int frame) {
  if (coder != "TIFF" || frame == 0) return {bytes.data(), bytes.size()};
  std::string changed(bytes);
  const auto directory = tiff_directories(bytes).at(static_cast<std::size_t>(frame));
  for (std::size_t i = 0; i < 4; ++i) {
    const auto place = bytes.starts_with("MM") ? 7 - i : 4 + i;
    changed[place] = static_cast<char>(directory >> (8 * i) & 0xFF);
  }
  return {changed.data(), changed.size()};
}

int dpi_of(const Magick::Image& image) {
  const double density = image.xResolution();
  const double dpi =
      image.resolutionUnits() == Magick::PixelsPerCentimeterResolution ? density * 2.54 : density;
  return std::isfinite(dpi) ? static_cast<int>(std::clamp(dpi, 0.0, 10'000.0)) : 0;
}

Result<void> check_size(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) return fail(ErrorCode::unsupported, "damaged_file", "no pixels");
  if (width > longest_side || height > longest_side || width * height > most_pixels) {
    return fail(ErrorCode::too_large, "picture_too_large",
                std::to_string(width) + " x " + std::to_string(height));
  }
  return {};
}

Result<PictureHead> jpeg_head(std::string_view bytes) {
  const auto found = read_jpeg_head(bytes);
  KHOCHUNG_CHECK(check_size(found.width, found.height));
  PictureHead head{"JPEG", found.width, found.height, 1, found.dpi};
  if (found.orientation >= 5) std::swap(head.width, head.height);
  return head;
}

Result<PictureHead> other_head(std::string_view bytes, std::string_view coder) {
  const auto [stated_width, stated_height] = stated_size(bytes, coder);
  KHOCHUNG_CHECK(check_size(stated_width, stated_height));
  Magick::Image image;
  choose(image, coder);
  image.ping(Magick::Blob(bytes.data(), bytes.size()));
  KHOCHUNG_CHECK(check_size(static_cast<std::int64_t>(image.columns()),
                            static_cast<std::int64_t>(image.rows())));
  PictureHead head{std::string(coder), static_cast<int>(image.columns()),
                   static_cast<int>(image.rows()), 1, dpi_of(image)};
  if (image.orientation() >= Magick::LeftTopOrientation) std::swap(head.width, head.height);
  return head;
}

/// Every page of a TIFF has a size of its own; ImageMagick's ping knows that of the first.
Result<PictureHead> tiff_head(std::string_view bytes, int frame) {
  const auto directories = tiff_directories(bytes);
  for (const auto directory : directories) {
    const auto [width, height] = size_in_tiff(bytes, directory);
    KHOCHUNG_CHECK(check_size(width, height));
  }
  auto head = KHOCHUNG_TRY(other_head(bytes, "TIFF"));
  head.frames = std::max(1, static_cast<int>(directories.size()));
  if (frame >= head.frames) return fail(ErrorCode::unsupported, "damaged_file", "no such page");
  if (frame > 0) {
    const auto [width, height] = size_in_tiff(bytes, directories[static_cast<std::size_t>(frame)]);
    head.width = static_cast<int>(width);
    head.height = static_cast<int>(height);
  }
  return head;
}

/// Taken through three channels, a grey page costs as much time as half of its reading.
bool is_grey(const Magick::Image& image) {
  return image.colorSpace() == Magick::GRAYColorspace && !image.matte();
}

Raster raster_of(Magick::Image& image) {
  if (is_grey(image)) {
    Raster raster{static_cast<int>(image.columns()), static_cast<int>(image.rows()), 1, {}};
    raster.pixels.resize(image.columns() * image.rows());
    image.write(0, 0, image.columns(), image.rows(), "I", Magick::CharPixel, raster.pixels.data());
    return raster;
  }
  Raster raster{static_cast<int>(image.columns()), static_cast<int>(image.rows()), 3, {}};
  raster.pixels.resize(image.columns() * image.rows() * 3);
  image.write(0, 0, image.columns(), image.rows(), "RGB", Magick::CharPixel, raster.pixels.data());
  return without_needless_colour(std::move(raster));
}

Magick::Image image_of(const Raster& raster) {
  return {static_cast<std::size_t>(raster.width), static_cast<std::size_t>(raster.height),
          raster.channels == 1 ? "I" : "RGB", Magick::CharPixel, raster.pixels.data()};
}

/// Whether a PNG carries EXIF data, which can say that it is to be turned.
bool may_be_turned(std::string_view png) {
  return png.find("eXIf") != std::string_view::npos;
}

Result<Raster> read_by_magick(std::string_view bytes, std::string_view coder, int frame) try {
  Magick::Image image;
  choose(image, coder);
  image.read(blob_of(bytes, coder, frame));
  image.autoOrient();
  if (!is_grey(image)) image.colorSpace(Magick::sRGBColorspace);
  image.backgroundColor(Magick::Color("white"));
  image.alphaChannel(Magick::RemoveAlphaChannel);
  return raster_of(image);
} catch (const Magick::ErrorCache& thrown) {
  // Within the sizes that are read, but with colours or layers that take more memory than most.
  return fail(ErrorCode::too_large, "picture_too_large", thrown.what());
}

}  // namespace

void prepare_picture_library() {
  Magick::InitializeMagick(nullptr);
  constexpr Magick::MagickSizeType bytes = std::uint64_t{1300} << 20;
  Magick::ResourceLimits::memory(bytes);
  Magick::ResourceLimits::map(bytes);
  Magick::ResourceLimits::area(bytes);
  Magick::ResourceLimits::disk(0);
  Magick::ResourceLimits::thread(1);
  Magick::ResourceLimits::width(longest_side);
  Magick::ResourceLimits::height(longest_side);
  Magick::ResourceLimits::listLength(static_cast<Magick::MagickSizeType>(most_frames));
}

Result<PictureHead> read_picture_head(std::string_view bytes, int frame) {
  const auto coder = coder_of(bytes);
  if (coder.empty()) return fail(ErrorCode::unsupported, "damaged_file", "no picture");
  if (coder == "JPEG") return jpeg_head(bytes);
  return coder == "TIFF" ? tiff_head(bytes, frame) : other_head(bytes, coder);
}

Result<Raster> read_picture(std::string_view bytes, const PictureHead& head, int frame,
                            PictureBox box) {
  if (head.format == "PNG" && !may_be_turned(bytes))
    return without_needless_colour(read_png(bytes));
  if (head.format != "JPEG") return read_by_magick(bytes, head.format, frame);
  const auto stored = read_jpeg_head(bytes);
  if (!stored.is_plain) return read_by_magick(bytes, head.format, 0);
  auto wanted = fitted(head.width, head.height, box);
  if (stored.orientation >= 5) std::swap(wanted.width, wanted.height);
  return without_needless_colour(
      upright(read_jpeg(bytes, wanted.width, wanted.height), stored.orientation));
}

std::string to_webp(const Raster& raster, int quality) {
  auto image = image_of(raster);
  image.magick("WEBP");
  image.quality(static_cast<std::size_t>(quality));
  Magick::Blob blob;
  image.write(&blob);
  return {static_cast<const char*>(blob.data()), blob.length()};
}

}  // namespace khochung::workers

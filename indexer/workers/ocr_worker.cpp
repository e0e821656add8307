// khochung-worker-ocr: the text of page pictures, by Tesseract.
#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "indexer/workers/jpeg_reader.hpp"
#include "indexer/workers/page_body.hpp"
#include "indexer/workers/page_reader.hpp"
#include "indexer/workers/png_reader.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr int most_pages = 16;
/// Of a file that is decoded here, beside Tesseract's own memory.
constexpr std::int64_t most_pixels = 20'000'000;

SandboxProfile profile() {
  SandboxProfile profile;
  profile.cpu = std::chrono::seconds(90 * most_pages);
  profile.readable = {"/usr/share/tesseract-ocr"};
  return profile;
}

/// The next page: a PNM picture, or what the file holds if it is a PNG or a JPEG that needs nothing
/// but decoding; nothing for all else.
std::optional<Raster> take_page_picture(std::string_view& bytes) {
  if (bytes.starts_with("\x89PNG")) {
    const auto file = std::exchange(bytes, {});
    // EXIF data can say that the picture is to be turned.
    if (file.find("eXIf") != std::string_view::npos || png_pixels(file) > most_pixels)
      return std::nullopt;
    return without_needless_colour(read_png(file));
  }
  if (bytes.starts_with("\xFF\xD8")) {
    const auto file = std::exchange(bytes, {});
    const auto head = read_jpeg_head(file);
    if (!head.is_plain || std::int64_t{head.width} * head.height > most_pixels) return std::nullopt;
    return without_needless_colour(
        upright(read_jpeg(file, head.width, head.height), head.orientation));
  }
  return take_pnm(bytes);
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  auto bytes = KHOCHUNG_TRY(map_input());
  auto reader = KHOCHUNG_TRY(PageReader::make());
  const auto pages = request.integer("pages");
  if (pages < 1 || pages > most_pages) return bad_file("too_many_parts", "pages");
  for (int number = 1; number <= pages; ++number) {
    auto picture = take_page_picture(bytes);
    if (!picture) return bad_file("damaged_file", "no picture that can be read here");
    const auto reading = reader.read(std::move(*picture));
    output.write({{"kind", "page"},
                  {"number", number},
                  {"width", reading.page.width},
                  {"height", reading.page.height},
                  {"trust", reading.page.trust},
                  {"language", reading.language},
                  {"models", reading.models},
                  {"preparation", name_of(reading.preparation)}},
                 encode_page(reading.page.text, reading.page.words));
  }
  return {};
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  // Tesseract's own threads make it six times slower (measured 2026-11-22). WorkerHost starts each
  // worker with OMP_THREAD_LIMIT=1; set here, it would come too late to be read.
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}

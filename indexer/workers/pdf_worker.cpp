// khochung-worker-pdf: text with word boxes, and page pictures, by poppler.
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include <iconv.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "indexer/workers/jpeg_writer.hpp"
#include "indexer/workers/page_body.hpp"
#include "indexer/workers/pdf_text.hpp"
#include "indexer/workers/raster.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr int max_pages = 20'000;
constexpr double max_picture_pixels = 40e6;
/// Pages with fewer letters than this may be scans with a stamp of text on them.
constexpr std::size_t few_bytes_of_text = 200;

SandboxProfile profile() {
  SandboxProfile profile;
  profile.cpu = std::chrono::seconds(300);
  profile.readable = {"/usr/share/poppler",    "/usr/share/fonts",       "/etc/fonts",
                      "/usr/share/fontconfig", "/usr/local/share/fonts", "/var/cache/fontconfig"};
  return profile;
}

void complain_briefly(const std::string& message, void* /*closure*/) {
  std::fprintf(stderr, "%.200s\n", message.c_str());
}

Result<std::unique_ptr<poppler::document>> open_document() {
  const auto bytes = KHOCHUNG_TRY(map_input());
  std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (!document) return bad_file("damaged_file", "poppler cannot open it");
  if (document->is_locked()) return bad_file("encrypted_pdf", "locked");
  if (document->pages() < 1) return bad_file("damaged_file", "no pages");
  if (document->pages() > max_pages) return bad_file("too_many_parts", "too many pages");
  return document;
}

Raster render(const poppler::page& page, double dpi, poppler::image::format_enum format) {
  poppler::page_renderer renderer;
  renderer.set_render_hints(poppler::page_renderer::antialiasing |
                            poppler::page_renderer::text_antialiasing);
  renderer.set_image_format(format);
  const auto image = renderer.render_page(&page, dpi, dpi);
  const int channels = format == poppler::image::format_gray8 ? 1 : 3;
  Raster raster{image.width(), image.height(), channels, {}};
  const auto row = static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(channels);
  raster.pixels.reserve(row * static_cast<std::size_t>(raster.height));
  for (int y = 0; y < raster.height; ++y) {
    raster.pixels.append(
        image.const_data() + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row(), row);
  }
  return raster;
}

/// Paints the words white, so that what is still dark stands in pictures.
void wipe_words(Raster& raster, const std::vector<storage::PageWord>& words, double scale) {
  const auto at = [&](int pixels, int limit) {
    return std::clamp(static_cast<int>(pixels * scale), 0, limit);
  };
  for (const auto& word : words) {
    const int left = at(word.x, raster.width);
    const int right = at(word.x + word.w, raster.width - 1) + 1;
    const int bottom = at(word.y + word.h, raster.height - 1) + 1;
    for (int y = at(word.y, raster.height); y < bottom && left < right; ++y) {
      const auto from = static_cast<std::ptrdiff_t>(y) * raster.width;
      std::fill(raster.pixels.begin() + from + left, raster.pixels.begin() + from + right, '\xFF');
    }
  }
}

/// Whether a page with little text shows more than its text says.
bool needs_ocr(const poppler::page& page, const storage::PageText& text,
               const PageGeometry& geometry) {
  if (text.text.size() >= few_bytes_of_text) return false;
  constexpr double dpi = 36;
  constexpr unsigned char dark = 170;
  auto raster = render(page, std::min(dpi, geometry.scale * 72 / 4), poppler::image::format_gray8);
  wipe_words(raster, text.words, static_cast<double>(raster.width) / geometry.width);
  const auto inked = std::ranges::count_if(
      raster.pixels, [](char pixel) { return static_cast<unsigned char>(pixel) < dark; });
  return static_cast<double>(inked) > 0.002 * static_cast<double>(raster.pixels.size());
}

void write_page(const poppler::document& document, int index, FrameWriter& output) {
  const std::unique_ptr<poppler::page> page(document.create_page(index));
  if (!page) {
    output.write({{"kind", "page"}, {"number", index + 1}, {"width", 0}, {"height", 0}},
                 encode_page({}, {}));
    return;
  }
  const auto geometry = geometry_of(*page);
  const auto text = text_of(*page, geometry);
  output.write({{"kind", "page"},
                {"number", index + 1},
                {"width", geometry.width},
                {"height", geometry.height},
                {"needs_ocr", needs_ocr(*page, text, geometry)}},
               encode_page(text.text, text.words));
}

Result<void> write_text(const poppler::document& document, FrameWriter& output) {
  output.write({{"kind", "document"},
                {"pages", document.pages()},
                {"title", utf8_of(document.get_title()).substr(0, 4000)},
                {"author", utf8_of(document.get_author()).substr(0, 4000)}});
  for (int index = 0; index < document.pages(); ++index) write_page(document, index, output);
  return {};
}

Result<void> write_picture(const poppler::document& document, const JsonReader& request,
                           FrameWriter& output) {
  const auto number = request.integer("page");
  if (number < 1 || number > document.pages()) return bad_file("damaged_file", "no such page");
  const std::unique_ptr<poppler::page> page(document.create_page(static_cast<int>(number - 1)));
  if (!page) return bad_file("damaged_file", "the page cannot be read");
  const auto geometry = geometry_of(*page);
  const double points = std::max(1.0, geometry.width / geometry.scale);
  double dpi = static_cast<double>(request.integer("dpi"));
  if (request.integer("width") > 0)
    dpi = static_cast<double>(request.integer("width")) / points * 72;
  const double pixels = points / 72 * (geometry.height / geometry.scale) / 72;
  dpi = std::clamp(dpi, 1.0, std::sqrt(max_picture_pixels / pixels));
  const auto raster = without_needless_colour(render(*page, dpi, poppler::image::format_rgb24));
  if (raster.width == 0) return bad_file("damaged_file", "the page cannot be drawn");
  const auto quality = std::clamp<std::int64_t>(request.integer("quality"), 1, 95);
  output.write({{"kind", "picture"}, {"width", raster.width}, {"height", raster.height}},
               request.string("format") == "pnm" ? to_pnm(raster)
                                                 : to_jpeg(raster, static_cast<int>(quality)));
  return {};
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  poppler::set_debug_error_function(&complain_briefly, nullptr);
  const auto document = KHOCHUNG_TRY(open_document());
  if (request.string("task") == "render") return write_picture(*document, request, output);
  return write_text(*document, output);
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  // poppler converts each word by iconv. Held open, the converters stay loaded: the sandbox leaves
  // no way to load them later.
  [[maybe_unused]] const auto to_utf16 = ::iconv_open("UTF-16", "UTF-8");
  [[maybe_unused]] const auto to_utf8 = ::iconv_open("UTF-8", "UTF-16");
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}

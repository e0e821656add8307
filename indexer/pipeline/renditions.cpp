#include "indexer/pipeline/renditions.hpp"

#include <algorithm>
#include <array>

#include "indexer/pipeline/handling.hpp"
#include "indexer/workers/media_type.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::pipeline {
namespace {

constexpr int thumbnail_side = 320;
constexpr int light_side = 1'600;
/// 200 is a strip of pages, 840 a page on a phone of two pixels to one or beside its facts on a
/// desk.
constexpr std::array page_widths{200, 400, 600, 840, 1'200, 2'000};

/// Small pictures are seen at half their size: 12 thumbnails weighed 18 KB each at 80, 13 at 60.
constexpr int quality_of(int width) {
  return width <= thumbnail_side ? 60 : 80;
}

int kept_width(int wanted) {
  const auto* wide_enough =
      std::ranges::find_if(page_widths, [&](int width) { return width >= wanted; });
  return wide_enough == page_widths.end() ? page_widths.back() : *wide_enough;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Result<void> Renditions::make_small_copies(const MaterialFile& file) {
  if (handling_of(file.media_type) != Handling::picture) {
    const auto page = KHOCHUNG_TRY(draw_page(file, 1, thumbnail_side));
    return derivatives_.put_rendition(file.sha256, "thumbnail.jpg", bytes_of(page));
  }
  const auto source = KHOCHUNG_TRY(storage::open_as_file(blobs_, file.sha256));
  std::vector<workers::PictureCopy> wanted{{light_side, light_side},
                                           {thumbnail_side, thumbnail_side}};
  wanted.back().quality = quality_of(thumbnail_side);
  const auto made = KHOCHUNG_TRY(workers::pictures(workers_, *source.descriptor(), wanted)).copies;
  if (made.size() != wanted.size())
    return fail(ErrorCode::internal, "the picture worker made too few copies");
  KHOCHUNG_CHECK(derivatives_.put_rendition(file.sha256, "light.jpg", bytes_of(made[0].bytes)));
  return derivatives_.put_rendition(file.sha256, "thumbnail.jpg", bytes_of(made[1].bytes));
}

Result<storage::BlobReader> Renditions::page_picture(const MaterialFile& file, int page,
                                                     int width) {
  const int kept = kept_width(width);
  const auto name = "page-" + std::to_string(page) + "-" + std::to_string(kept) + ".jpg";
  if (auto known = derivatives_.rendition(file.sha256, name)) return known;
  const auto picture = KHOCHUNG_TRY(draw_page(file, page, kept));
  KHOCHUNG_CHECK(derivatives_.put_rendition(file.sha256, name, bytes_of(picture)));
  return derivatives_.rendition(file.sha256, name);
}

Result<storage::BlobReader> Renditions::pages_of(const MaterialFile& file) const {
  // Office files have their pages in what LibreOffice laid out.
  if (file.media_type == "application/pdf") return storage::open_as_file(blobs_, file.sha256);
  return derivatives_.rendition(file.sha256, "layout.pdf");
}

Result<std::string> Renditions::draw_page(const MaterialFile& file, int page, int width) {
  if (handling_of(file.media_type) == Handling::picture) {
    const auto source = KHOCHUNG_TRY(storage::open_as_file(blobs_, file.sha256));
    workers::PictureCopy wanted;
    wanted.width = width;
    wanted.quality = quality_of(width);
    auto made =
        KHOCHUNG_TRY(workers::pictures(workers_, *source.descriptor(), {wanted}, {}, page - 1))
            .copies;
    if (made.empty()) return fail(ErrorCode::internal, "the picture worker made no copy");
    return std::move(made.front().bytes);
  }
  const auto source = KHOCHUNG_TRY(pages_of(file));
  workers::PageDrawing drawing;
  drawing.page = page;
  drawing.width = width;
  drawing.quality = quality_of(width);
  return KHOCHUNG_TRY(workers::render_pdf_page(workers_, *source.descriptor(), drawing)).bytes;
}

}  // namespace khochung::pipeline

#include "server/pages/open_page.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "indexer/pipeline/handling.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "indexer/search/searcher.hpp"
#include "server/pages/highlight.hpp"
#include "server/pages/hit_boxes.hpp"

namespace khochung::pages {
namespace {

/// Whether LibreOffice will lay the material out: within an hour of taking in, or it never will.
bool is_layout_coming(const Material& material, const storage::DerivativeStore& derivatives) {
  constexpr std::chrono::hours longest_wait{1};
  if (material.files.empty() || now() - material.created_at > longest_wait) return false;
  const auto& file = material.files.front();
  const auto handling = pipeline::handling_of(file.media_type);
  const bool is_office =
      handling == pipeline::Handling::office || handling == pipeline::Handling::old_office;
  return is_office && !derivatives.rendition(file.sha256, "layout.pdf");
}

/// The pages that have the words. Books of more pages than this are left to page through.
std::vector<int> hit_pages(const Material& material, const std::string& query,
                           const storage::DerivativeStore& derivatives) {
  constexpr int most_pages = 120;
  if (pipeline::count_pages(material, derivatives).pages > most_pages) return {};
  return pages_with(pipeline::page_texts(material, derivatives), query);
}

}  // namespace

void open_page(const storage::DerivativeStore& derivatives, const Material& material,
               MaterialView& view) {
  const auto place = pipeline::locate_page(material, view.page, derivatives);
  if (!place) return;
  const auto kept = derivatives.page(place->file->sha256, place->page);
  const auto outline = derivatives.outline(place->file->sha256);
  if (!kept || !outline) return;
  view.page_text = kept->text;
  view.is_machine_read = outline->is_ocr;
  view.page_width = kept->width;
  view.page_height = kept->height;
  view.is_layout_waiting = view.page_width == 0 && is_layout_coming(material, derivatives);
  if (view.query.empty()) return;
  view.hit_pages = hit_pages(material, view.query, derivatives);
  view.boxes = boxes_around(kept->words, search::highlight_words(view.query, kept->words));
}

int page_number(const std::string& text) {
  int number = 1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::max(1, number);
}

}  // namespace khochung::pages

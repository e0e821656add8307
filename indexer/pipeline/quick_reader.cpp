#include "indexer/pipeline/quick_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "indexer/pipeline/handling.hpp"
#include "indexer/text/legacy.hpp"
#include "indexer/text/vietnamese.hpp"
#include "indexer/workers/media_type.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::pipeline {
namespace {

/// Text files beyond this are kept and served, and read in their first part only.
constexpr std::uint64_t longest_text_bytes = 64U << 20U;

constexpr std::array<std::pair<Task, std::string_view>, 5> task_names{{{Task::pictures, "pictures"},
                                                                       {Task::ocr, "ocr"},
                                                                       {Task::layout, "layout"},
                                                                       {Task::unpack, "unpack"},
                                                                       {Task::read, "read"}}};

storage::PageText page_of(std::string text) {
  storage::PageText page;
  page.text = std::move(text);
  return page;
}

/// What every reading of text has in common: proposals, language, secret mark. A title that the
/// file gives by itself (HTML, PDF) stands where the pages propose none.
void look_at_text(QuickReading& reading) {
  const auto& pages = reading.reading.pages;
  if (pages.empty()) return;
  auto own_title = std::move(reading.proposals.title);
  reading.carries_secret_mark = text::carries_secret_mark(pages.front().text);
  reading.proposals = proposals_from(reading.media_type, pages.front().text, pages.back().text);
  if (reading.proposals.title.empty()) reading.proposals.title = std::move(own_title);
  reading.reading.language = reading.proposals.language;
}

Result<void> read_text(const storage::BlobReader& file, QuickReading& reading) {
  std::string bytes(std::min(file.size_bytes(), longest_text_bytes), '\0');
  bytes.resize(KHOCHUNG_TRY(file.read(0, std::as_writable_bytes(std::span(bytes)))));
  auto decoded = text::decode(bytes);
  reading.reading.recipe = "text-1 " + decoded.encoding;
  reading.reading.has_pages = false;
  reading.reading.pages.push_back(page_of(text::normalise(decoded.utf8)));
  return {};
}

Result<void> read_markup(const workers::WorkerHost& host, const storage::BlobReader& file,
                         QuickReading& reading) {
  auto markup = KHOCHUNG_TRY(workers::markup(host, *file.descriptor(), reading.media_type));
  reading.reading.recipe = "markup-1";
  reading.reading.has_pages = markup.has_pages;
  reading.proposals.title = std::move(markup.title);
  for (auto& page : markup.pages) {
    page.text = text::normalise(page.text);
    reading.reading.pages.push_back(std::move(page));
  }
  return {};
}

Result<void> read_pdf(const workers::WorkerHost& host, const storage::BlobReader& file,
                      QuickReading& reading) {
  auto pdf = KHOCHUNG_TRY(workers::read_pdf(host, *file.descriptor()));
  reading.reading.recipe = "pdf-1";
  reading.proposals.title = std::move(pdf.title);
  bool has_pictures_to_read = false;
  for (auto& page : pdf.pages) {
    has_pictures_to_read = has_pictures_to_read || needs_ocr(page);
    page.text.text = text::normalise(page.text.text);
    reading.reading.pages.push_back(std::move(page.text));
  }
  if (has_pictures_to_read) reading.todo.push_back({Task::ocr, true});
  reading.todo.push_back({Task::pictures, false});
  return {};
}

Result<void> look_at_picture(const workers::WorkerHost& host, const storage::BlobReader& file,
                             QuickReading& reading) {
  KHOCHUNG_CHECK(workers::picture_facts(host, *file.descriptor()));
  reading.todo.push_back({Task::pictures, false});
  reading.todo.push_back({Task::ocr, true});
  return {};
}

}  // namespace

std::string_view to_text(Task task) {
  return task_names.at(static_cast<std::size_t>(task)).second;
}

Result<Task> task_from(std::string_view text) {
  const auto* row = std::ranges::find(task_names, text, &std::pair<Task, std::string_view>::second);
  if (row == task_names.end())
    return fail(ErrorCode::unsupported, "no such task: " + std::string(text));
  return row->first;
}

storage::Lane lane_of(Task task) {
  return task == Task::ocr || task == Task::layout ? storage::Lane::slow : storage::Lane::quick;
}

bool needs_ocr(const workers::PdfPage& page) {
  if (page.needs_ocr) return true;
  // Scanners leave false text layers; honest Vietnamese has 98 to 100 % known syllables (research
  // on real files: two false layers had 63 and 70 %).
  constexpr std::size_t too_few_to_judge = 30;
  const auto share = text::vietnamese_share(page.text.text);
  if (share.syllables < too_few_to_judge || text::guess_language(page.text.text) == "en")
    return false;
  return share.known < 0.9 || share.marked < 0.3;
}

Result<QuickReading> QuickReader::read(const storage::BlobReader& file,
                                       const std::string& name) const {
  if (!file.descriptor()) return fail(ErrorCode::internal, "a file to be read has no descriptor");
  QuickReading reading;
  reading.media_type = KHOCHUNG_TRY(workers::media_type_of(*file.descriptor(), name));
  switch (handling_of(reading.media_type)) {
    case Handling::text: KHOCHUNG_CHECK(read_text(file, reading)); break;
    case Handling::markup: KHOCHUNG_CHECK(read_markup(workers_, file, reading)); break;
    case Handling::office:
      KHOCHUNG_CHECK(read_markup(workers_, file, reading));
      reading.todo.push_back({Task::layout, false});
      break;
    case Handling::old_office: reading.todo.push_back({Task::layout, true}); break;
    case Handling::pdf: KHOCHUNG_CHECK(read_pdf(workers_, file, reading)); break;
    case Handling::picture: KHOCHUNG_CHECK(look_at_picture(workers_, file, reading)); break;
    case Handling::archive: reading.todo.push_back({Task::unpack, true}); break;
    case Handling::opaque: break;
  }
  look_at_text(reading);
  return reading;
}

}  // namespace khochung::pipeline

#include "indexer/pipeline/slow_reader.hpp"

#include <algorithm>
#include <utility>

#include "indexer/pipeline/handling.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "indexer/pipeline/parts_intake.hpp"
#include "indexer/pipeline/proposals.hpp"
#include "indexer/text/vietnamese.hpp"
#include "indexer/workers/media_type.hpp"
#include "indexer/workers/readers.hpp"
#include "schemas/access/review.hpp"

namespace khochung::pipeline {
namespace {

/// Pages of a PDF are drawn for OCR at the resolution that scanners use and Tesseract reads best.
constexpr int ocr_dpi = 300;
constexpr std::string_view ocr_recipe = "ocr-3";
/// Who stands in the records of what the program read itself.
constexpr std::string_view reader_name = "reader";
/// Below this a page's OCR of something that is no text (a photograph) is noise, not words.
constexpr int least_trust = 40;

Handling handling_of(const MaterialFile& file) {
  return pipeline::handling_of(file.media_type);
}

/// A picture of one page that the OCR worker can mostly decode by itself.
bool may_be_read_as_it_is(const MaterialFile& file) {
  return file.media_type == "image/png" || file.media_type == "image/jpeg";
}

/// A photograph gives OCR nothing but noise: better no text than that.
void drop_noise(storage::PageText& page) {
  const auto share = text::vietnamese_share(page.text);
  const bool is_language = share.known >= 0.6 || text::guess_language(page.text) == "en";
  if (page.trust >= least_trust && (is_language || share.syllables == 0)) return;
  if (page.trust >= 2 * least_trust) return;
  page.text.clear();
  page.raw_text.clear();
  page.words.clear();
}

void finish(storage::Reading& reading) {
  std::string all;
  for (auto& page : reading.pages) {
    page.text = text::normalise(page.text);
    if (reading.is_ocr) drop_noise(page);
    if (all.size() < 20'000) all += page.text + "\n";
  }
  reading.language = text::guess_language(all);
}

}  // namespace

Result<void> SlowReader::perform(const storage::Job& job, const std::stop_token& stop) {
  const auto task = KHOCHUNG_TRY(task_from(job.task));
  const auto material = KHOCHUNG_TRY(rooms_.catalogue.material(job.material)).material;
  if (material.sensitivity == Sensitivity::quarantined) return {};
  auto done = perform(task, material, stop);
  KHOCHUNG_CHECK(forget_what_was_erased(material));
  return done;
}

/// An erasure does not wait for who reads: what was made meanwhile goes after it.
Result<void> SlowReader::forget_what_was_erased(const Material& material) {
  const auto erasure = KHOCHUNG_TRY(rooms_.catalogue.material(material.id)).material.erasure;
  if (!erasure || !erasure->is_approved()) return {};
  for (const auto& file : material.files) {
    if (!rooms_.blobs.contains(file.sha256))
      KHOCHUNG_CHECK(rooms_.derivatives.remove_all(file.sha256));
  }
  return {};
}

Result<void> SlowReader::perform(Task task, const Material& material, const std::stop_token& stop) {
  switch (task) {
    case Task::pictures: return make_pictures(material);
    case Task::ocr: return recognise(material, stop);
    case Task::layout: return lay_out(material, stop);
    case Task::unpack: return unpack(material, stop);
    case Task::read: return read_again(material);
  }
  return {};
}

Result<void> SlowReader::make_pictures(const Material& material) {
  for (const auto& file : material.files) {
    const auto handling = handling_of(file);
    if (handling != Handling::picture && handling != Handling::pdf) continue;
    KHOCHUNG_CHECK(rooms_.renditions.make_small_copies(file));
  }
  return {};
}

Result<void> SlowReader::recognise(const Material& material, const std::stop_token& stop) {
  for (const auto& file : material.files) {
    // The same scan sent in by thirty provinces is read once.
    const auto known = rooms_.derivatives.outline(file.sha256);
    if (known && known->is_ocr) continue;
    KHOCHUNG_CHECK(recognise_file(file, stop));
  }
  return note_what_was_read(material);
}

Result<void> SlowReader::recognise_file(const MaterialFile& file, const std::stop_token& stop) {
  const auto handling = handling_of(file);
  if (handling != Handling::picture && handling != Handling::pdf) return {};
  auto reading = KHOCHUNG_TRY(handling == Handling::pdf ? recognise_pdf(file, stop)
                                                        : recognise_picture(file, stop));
  reading.recipe = ocr_recipe;
  reading.is_ocr = true;
  finish(reading);
  return rooms_.derivatives.put_reading(file.sha256, reading);
}

Result<storage::Reading> SlowReader::recognise_pdf(const MaterialFile& file,
                                                   const std::stop_token& stop) {
  const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
  const auto pdf = KHOCHUNG_TRY(workers::read_pdf(rooms_.workers, *source.descriptor(), stop));
  storage::Reading reading;
  reading.pages.resize(pdf.pages.size());
  const auto read_page = [&](std::size_t i) -> Result<void> {
    if (!needs_ocr(pdf.pages[i])) {
      reading.pages[i] = pdf.pages[i].text;
      return {};
    }
    workers::PageDrawing drawing;
    drawing.page = static_cast<int>(i) + 1;
    drawing.dpi = ocr_dpi;
    drawing.format = workers::PictureFormat::pnm;
    const auto draw = [&] {
      return workers::render_pdf_page(rooms_.workers, *source.descriptor(), drawing, stop);
    };
    reading.pages[i] = KHOCHUNG_TRY(recognise_page(draw, stop));
    return {};
  };
  KHOCHUNG_CHECK(rooms_.places.each(reading.pages.size(), read_page));
  return reading;
}

Result<storage::Reading> SlowReader::recognise_picture(const MaterialFile& file,
                                                       const std::stop_token& stop) {
  const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
  const bool is_plain = may_be_read_as_it_is(file);
  storage::Reading reading;
  reading.pages.resize(1);
  if (!is_plain) {
    const auto facts =
        KHOCHUNG_TRY(workers::picture_facts(rooms_.workers, *source.descriptor(), stop));
    reading.pages.resize(static_cast<std::size_t>(facts.frames));
  }
  const auto read_page = [&](std::size_t i) -> Result<void> {
    if (is_plain) {
      auto page = workers::ocr_file(rooms_.workers, *source.descriptor(), stop);
      if (page) reading.pages[i] = std::move(page->text);
      if (page || page.error().code != ErrorCode::unsupported)
        return page.map([](const workers::OcrPage&) {});
    }
    const auto draw = [&] {
      return workers::picture_page(rooms_.workers, *source.descriptor(), static_cast<int>(i), stop);
    };
    reading.pages[i] = KHOCHUNG_TRY(recognise_page(draw, stop));
    return {};
  };
  KHOCHUNG_CHECK(rooms_.places.each(reading.pages.size(), read_page));
  return reading;
}

Result<storage::PageText> SlowReader::recognise_page(const Draw& draw,
                                                     const std::stop_token& stop) {
  const auto picture = KHOCHUNG_TRY(draw());
  auto pages = KHOCHUNG_TRY(workers::ocr(rooms_.workers, {picture}, stop));
  return std::move(pages.front().text);
}

Result<void> SlowReader::lay_out(const Material& material, const std::stop_token& stop) {
  for (const auto& file : material.files) {
    const auto handling = handling_of(file);
    if (handling != Handling::office && handling != Handling::old_office) continue;
    if (rooms_.derivatives.rendition(file.sha256, "layout.pdf")) continue;
    KHOCHUNG_CHECK(lay_out_file(file, stop));
  }
  return note_what_was_read(material);
}

Result<void> SlowReader::lay_out_file(const MaterialFile& file, const std::stop_token& stop) {
  const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
  const auto extension = office_extension(file.media_type);
  const auto pdf =
      KHOCHUNG_TRY(workers::layout(rooms_.workers, *source.descriptor(), extension, stop));
  KHOCHUNG_CHECK(
      rooms_.derivatives.put_rendition(file.sha256, "layout.pdf", std::as_bytes(std::span(pdf))));
  const auto layout = KHOCHUNG_TRY(rooms_.derivatives.rendition(file.sha256, "layout.pdf"));
  auto text = KHOCHUNG_TRY(workers::read_pdf(rooms_.workers, *layout.descriptor(), stop));
  storage::Reading reading;
  reading.recipe = "layout-1";
  for (auto& page : text.pages) reading.pages.push_back(std::move(page.text));
  finish(reading);
  KHOCHUNG_CHECK(rooms_.derivatives.put_reading(file.sha256, reading));
  return rooms_.renditions.make_small_copies(file);
}

Result<void> SlowReader::unpack(const Material& material, const std::stop_token& stop) {
  auto parts =
      KHOCHUNG_TRY(PartsIntake::make(rooms_.blobs, rooms_.catalogue, rooms_.intake, material));
  workers::UnpackSink sink;
  sink.begin = [&](const workers::ArchiveEntry& entry) { return parts.begin(entry.name); };
  sink.bytes = [&](std::string_view bytes) { return parts.write(std::as_bytes(std::span(bytes))); };
  sink.end = [&] { return parts.end(); };
  sink.skipped = [&](const workers::SkippedEntry& entry) {
    return parts.pass_over(entry.name, entry.why);
  };
  for (const auto& file : material.files) {
    const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
    KHOCHUNG_CHECK(workers::unpack(rooms_.workers, *source.descriptor(), sink, stop));
  }
  return {};
}

Result<void> SlowReader::read_again(const Material& material) {
  // Known to have no pages until it is read: what cannot be read again is not asked for for ever.
  KHOCHUNG_CHECK(rooms_.catalogue.set_page_count(material.id, 0));
  for (const auto& file : material.files) {
    const auto known = rooms_.derivatives.outline(file.sha256);
    if (known && known->is_ocr) continue;
    const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
    const auto again = KHOCHUNG_TRY(rooms_.quick_reader.read(source, file.name));
    if (!again.reading.pages.empty())
      KHOCHUNG_CHECK(rooms_.derivatives.put_reading(file.sha256, again.reading));
    for (const auto& [task, is_awaited] : again.todo) {
      const storage::Job job{0, lane_of(task), std::string(to_text(task)), material.id,
                             0, is_awaited};
      if (task != Task::unpack) KHOCHUNG_CHECK(rooms_.catalogue.add_job(job));
    }
  }
  return note_what_was_read(material);
}

Result<void> SlowReader::note_what_was_read(const Material& material) {
  const auto count = count_pages(material, rooms_.derivatives);
  KHOCHUNG_CHECK(rooms_.catalogue.set_page_count(material.id, count.pages));
  const auto pages = page_texts(material, rooms_.derivatives);
  if (pages.empty()) return {};
  const auto& first = pages.front();
  if (text::carries_secret_mark(first)) return quarantine(material);
  if (KHOCHUNG_TRY(was_filled_in(material.id))) return {};
  auto proposals = proposals_from(material.files.front().media_type, first, pages.back());
  auto& issuer = proposals.facts.issuer;
  issuer = issuer_as_known(std::move(issuer), *rooms_.units.tree(), material.unit);
  Material filled = material;
  fill_in(filled, proposals);
  if (filled == material) return {};
  const Change change{std::string(reader_name), "worker", reason_of("read_from_pages")};
  const auto revised = rooms_.materials.revise(
      material.id, std::nullopt, change, [&](Material& newest) -> Result<void> {
        const auto before = newest;
        fill_in(newest, proposals);
        // Nobody agreed to it as a statement.
        if (newest.state == State::published && access::is_statement(newest))
          newest.kind = before.kind;
        return {};
      });
  if (!revised) return fail(revised.error());
  return {};
}

/// Pages that are read again, because a derivative was lost, say nothing new: what a person has
/// cleared since stays empty.
Result<bool> SlowReader::was_filled_in(MaterialId id) const {
  const auto records = KHOCHUNG_TRY(rooms_.materials.history(id));
  return std::ranges::count(records, reader_name, &Record::by) > 0;
}

Result<void> SlowReader::quarantine(const Material& material) {
  const Change change{"reader", "worker", reason_of("secret_mark_found")};
  const auto revised = rooms_.materials.revise(material.id, std::nullopt, change,
                                               [](Material& newest) -> Result<void> {
                                                 newest.sensitivity = Sensitivity::quarantined;
                                                 return {};
                                               });
  if (!revised) return fail(revised.error());
  return rooms_.catalogue.set_item_state(material.id, storage::ItemState::quarantined,
                                         "quarantined");
}

}  // namespace khochung::pipeline

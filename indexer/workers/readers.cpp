#include "indexer/workers/readers.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <limits>
#include <utility>

#include "indexer/workers/child_process.hpp"
#include "indexer/workers/page_body.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/utf8.hpp"

namespace khochung::workers {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int largest_side = 40'000;
constexpr int highest_row = 1'048'576;
constexpr std::size_t most_sheet_rows = 200'000;

tl::unexpected<Error> unexpected_frame() {
  return fail(ErrorCode::bad_input, "a frame that was not asked for");
}

/// A whole number of a header, held within bounds.
int number_of(const boost::json::object& header, std::string_view name, int highest) {
  const boost::json::value* value = header.if_contains(name);
  if (value == nullptr || !value->is_int64()) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(value->get_int64(), 0, highest));
}

bool flag_of(const boost::json::object& header, std::string_view name) {
  const boost::json::value* value = header.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string text_of(const boost::json::object& header, std::string_view name) {
  const boost::json::value* value = header.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return repaired_utf8(value->get_string());
}

Result<storage::PageText> page_of(const Frame& frame) {
  return decode_page(frame.body, number_of(frame.header, "width", largest_side),
                     number_of(frame.header, "height", largest_side));
}

std::string_view name_of(PictureFormat format) {
  switch (format) {
    case PictureFormat::jpeg: return "jpeg";
    case PictureFormat::pnm: return "pnm";
    case PictureFormat::webp: return "webp";
  }
  return "jpeg";
}

/// Page pictures one after another, in a file that has no name.
Result<Descriptor> in_memory(const std::vector<Picture>& pages) {
  Descriptor file(::memfd_create("pages", MFD_CLOEXEC));
  if (!file.is_open()) return fail(ErrorCode::unavailable, "memfd_create");
  for (const auto& page : pages) {
    std::string_view rest = page.bytes;
    while (!rest.empty()) {
      const auto written = ::write(file.number(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return fail(ErrorCode::unavailable, "page pictures cannot be handed over");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  return file;
}

/// Runs a worker that answers with exactly one picture.
Result<Picture> one_picture(const WorkerHost& host, const Run& run, const std::stop_token& stop) {
  Picture picture;
  const auto take = [&](Frame&& frame) -> Result<void> {
    if (text_of(frame.header, "kind") != "picture" || !picture.bytes.empty()) {
      return unexpected_frame();
    }
    picture = {number_of(frame.header, "width", largest_side),
               number_of(frame.header, "height", largest_side), std::move(frame.body)};
    return {};
  };
  KHOCHUNG_CHECK(host.run(run, take, stop));
  if (picture.bytes.empty()) {
    return fail(ErrorCode::unsupported, "worker_stopped", "no picture came");
  }
  return picture;
}

}  // namespace

Result<PdfText> read_pdf(const WorkerHost& host, int input, const std::stop_token& stop) {
  PdfText document;
  const auto take = [&](Frame&& frame) -> Result<void> {
    const auto kind = text_of(frame.header, "kind");
    if (kind == "document") {
      document.title = text_of(frame.header, "title");
      document.author = text_of(frame.header, "author");
      return {};
    }
    const auto number = static_cast<int>(document.pages.size()) + 1;
    if (kind != "page" || number_of(frame.header, "number", number) != number) {
      return unexpected_frame();
    }
    auto text = KHOCHUNG_TRY(page_of(frame));
    document.pages.push_back({std::move(text), flag_of(frame.header, "needs_ocr")});
    return {};
  };
  const Run run{"pdf", {{"task", "text"}}, input, {}, minutes(6)};
  KHOCHUNG_CHECK(host.run(run, take, stop));
  return document;
}

Result<Picture> render_pdf_page(const WorkerHost& host, int input, const PageDrawing& drawing,
                                const std::stop_token& stop) {
  Run run{"pdf", {{"task", "render"}, {"page", drawing.page}}, input, {}, seconds(60)};
  if (drawing.width > 0) run.request["width"] = drawing.width;
  if (drawing.width <= 0) run.request["dpi"] = drawing.dpi;
  run.request["format"] = name_of(drawing.format);
  run.request["quality"] = drawing.quality;
  run.limits.body_bytes = std::uint64_t{160} << 20;
  return one_picture(host, run, stop);
}

Result<PictureFacts> picture_facts(const WorkerHost& host, int input, const std::stop_token& stop) {
  return pictures(host, input, {}, stop).map([](const PictureCopies& all) { return all.facts; });
}

Result<PictureCopies> pictures(const WorkerHost& host, int input,
                               const std::vector<PictureCopy>& copies, const std::stop_token& stop,
                               int frame_number) {
  boost::json::array wanted;
  for (const auto& copy : copies) {
    wanted.push_back({{"width", copy.width},
                      {"height", copy.height},
                      {"format", name_of(copy.format)},
                      {"quality", copy.quality}});
  }
  PictureCopies made;
  const auto take = [&](Frame&& frame) -> Result<void> {
    const int width = number_of(frame.header, "width", largest_side);
    const int height = number_of(frame.header, "height", largest_side);
    const auto kind = text_of(frame.header, "kind");
    if (kind == "facts") {
      made.facts = {width, height, std::max(1, number_of(frame.header, "frames", 10'000)),
                    text_of(frame.header, "format")};
      return {};
    }
    if (kind != "picture" || made.copies.size() == copies.size()) return unexpected_frame();
    made.copies.push_back({width, height, std::move(frame.body), 0});
    return {};
  };
  const Run run{"picture",
                {{"task", copies.empty() ? "facts" : "copies"},
                 {"frame", frame_number},
                 {"copies", std::move(wanted)}},
                input,
                {},
                seconds(60)};
  KHOCHUNG_CHECK(host.run(run, take, stop));
  if (made.copies.size() != copies.size() || made.facts.width == 0) {
    return fail(ErrorCode::unsupported, "worker_stopped", "pictures are missing");
  }
  return made;
}

Result<Picture> picture_page(const WorkerHost& host, int input, int frame,
                             const std::stop_token& stop) {
  Run run{
      "picture", {{"task", "page"}, {"frame", frame}, {"max_side", 8000}}, input, {}, seconds(60)};
  run.limits.body_bytes = std::uint64_t{200} << 20;
  return one_picture(host, run, stop);
}

namespace {

Result<std::vector<OcrPage>> read_pages(const WorkerHost& host, int input, std::size_t count,
                                        const std::stop_token& stop) {
  std::vector<OcrPage> read;
  const auto take = [&](Frame&& frame) -> Result<void> {
    if (text_of(frame.header, "kind") != "page" || read.size() == count) {
      return unexpected_frame();
    }
    OcrPage page{KHOCHUNG_TRY(page_of(frame)), text_of(frame.header, "language"),
                 text_of(frame.header, "models"), text_of(frame.header, "preparation")};
    page.text.trust = number_of(frame.header, "trust", 100);
    read.push_back(std::move(page));
    return {};
  };
  const Run run{"ocr", {{"pages", count}}, input, {}, count * minutes(2)};
  KHOCHUNG_CHECK(host.run(run, take, stop));
  if (read.size() != count) {
    return fail(ErrorCode::unsupported, "worker_stopped", "pages are missing");
  }
  return read;
}

}  // namespace

Result<std::vector<OcrPage>> ocr(const WorkerHost& host, const std::vector<Picture>& pages,
                                 const std::stop_token& stop) {
  if (pages.empty()) return std::vector<OcrPage>();
  if (pages.size() > most_ocr_pages) return fail(ErrorCode::too_large, "too many pages for a run");
  const auto input = KHOCHUNG_TRY(in_memory(pages));
  return read_pages(host, input.number(), pages.size(), stop);
}

Result<OcrPage> ocr_file(const WorkerHost& host, int input, const std::stop_token& stop) {
  auto pages = KHOCHUNG_TRY(read_pages(host, input, 1, stop));
  return std::move(pages.front());
}

Result<MarkupDocument> markup(const WorkerHost& host, int input, std::string_view media_type,
                              const std::stop_token& stop) {
  MarkupDocument document;
  const auto take = [&](Frame&& frame) -> Result<void> {
    const auto kind = text_of(frame.header, "kind");
    if (kind == "document") {
      document.title = text_of(frame.header, "title");
      document.author = text_of(frame.header, "author");
      document.has_pages = flag_of(frame.header, "has_pages");
      return {};
    }
    if (kind != "page") return unexpected_frame();
    document.pages.push_back(KHOCHUNG_TRY(page_of(frame)));
    return {};
  };
  const Run run{"markup", {{"media_type", media_type}}, input, {}, minutes(2)};
  KHOCHUNG_CHECK(host.run(run, take, stop));
  return document;
}

namespace {

/// A row as a worker gives it: its number, then its cells. Errors: bad_input.
Result<SheetRow> sheet_row_from(const boost::json::value& value) {
  const auto* list = value.if_array();
  if (list == nullptr || list->empty() || !list->front().is_int64()) return unexpected_frame();
  const auto number = list->front().get_int64();
  if (number < 1 || number > highest_row) return unexpected_frame();
  SheetRow row{static_cast<int>(number), {}};
  for (std::size_t i = 1; i < list->size(); ++i) {
    if (!(*list)[i].is_string()) return unexpected_frame();
    row.cells.push_back(repaired_utf8((*list)[i].get_string()));
  }
  return row;
}

}  // namespace

Result<std::vector<SheetRow>> first_sheet(const WorkerHost& host, int input,
                                          const std::stop_token& stop) {
  std::vector<SheetRow> rows;
  const auto take = [&](Frame&& frame) -> Result<void> {
    boost::json::error_code error;
    const auto part = boost::json::parse(frame.body, error);
    if (text_of(frame.header, "kind") != "rows" || error || !part.is_array())
      return unexpected_frame();
    for (const auto& one : part.get_array()) rows.push_back(KHOCHUNG_TRY(sheet_row_from(one)));
    if (rows.size() > most_sheet_rows) return unexpected_frame();
    return {};
  };
  Run run{"markup", {{"task", "rows"}}, input, {}, minutes(2)};
  run.limits.total_bytes = std::uint64_t{256} << 20;
  KHOCHUNG_CHECK(host.run(run, take, stop));
  return rows;
}

namespace {

/// Checks that a worker begins, fills and ends one entry after another.
class Unpacker {
 public:
  explicit Unpacker(const UnpackSink& sink) : sink_(sink) {}

  Result<void> take(const Frame& frame) {
    const auto kind = text_of(frame.header, "kind");
    if (kind == "bytes" && is_open_) return sink_.bytes(frame.body);
    if (kind == "entry_end" && is_open_) {
      is_open_ = false;
      return sink_.end();
    }
    if (is_open_ || ++entries_ > most_entries) return unexpected_frame();
    if (kind == "skipped") {
      return sink_.skipped({text_of(frame.header, "name"), text_of(frame.header, "why")});
    }
    if (kind != "entry") return unexpected_frame();
    is_open_ = true;
    const boost::json::value* size = frame.header.if_contains("size");
    const auto stated = size != nullptr && size->is_int64() ? size->get_int64() : 0;
    return sink_.begin({text_of(frame.header, "name"), frame.body,
                        static_cast<std::uint64_t>(std::max<std::int64_t>(stated, 0))});
  }
  [[nodiscard]] bool is_open() const { return is_open_; }

 private:
  static constexpr int most_entries = 10'000;

  const UnpackSink& sink_;
  int entries_ = 0;
  bool is_open_ = false;
};

}  // namespace

Result<void> unpack(const WorkerHost& host, int input, const UnpackSink& sink,
                    const std::stop_token& stop) {
  Unpacker unpacker(sink);
  Run run{"archive", {{"task", "unpack"}}, input, {}, minutes(60)};
  run.limits = {.body_bytes = std::uint64_t{1} << 20,
                .total_bytes = std::uint64_t{65} << 30,
                .frames = 10'000'000};
  KHOCHUNG_CHECK(host.run(run, [&](Frame&& frame) { return unpacker.take(frame); }, stop));
  if (unpacker.is_open()) {
    return fail(ErrorCode::unsupported, "worker_stopped", "the last entry has no end");
  }
  return {};
}

Result<std::string> layout(const WorkerHost& host, int input, std::string_view extension,
                           const std::stop_token& stop) {
  std::string pdf;
  const auto take = [&](Frame&& frame) -> Result<void> {
    if (text_of(frame.header, "kind") != "bytes") return unexpected_frame();
    pdf.append(frame.body);
    return {};
  };
  Run run{"layout", {{"extension", extension}}, input, {}, minutes(3)};
  run.limits.total_bytes = std::uint64_t{512} << 20;
  KHOCHUNG_CHECK(host.run(run, take, stop));
  return pdf;
}

Result<std::string> captioned_picture(const WorkerHost& host, int input, const PictureWords& words,
                                      const std::stop_token& stop) {
  constexpr std::size_t longest_words_bytes = 4'000;
  const auto bounded = [](const std::string& text) {
    return std::string(first_bytes(text, longest_words_bytes));
  };
  std::string copy;
  const auto take = [&](Frame&& frame) -> Result<void> {
    if (text_of(frame.header, "kind") != "bytes") return unexpected_frame();
    copy.append(frame.body);
    return {};
  };
  Run run{"caption",
          {{"title", bounded(words.title)},
           {"caption", bounded(words.caption)},
           {"credit", bounded(words.credit)},
           {"terms", bounded(words.terms)}},
          input,
          {},
          minutes(1)};
  run.limits.total_bytes = std::uint64_t{512} << 20;
  KHOCHUNG_CHECK(host.run(run, take, stop));
  if (copy.empty()) return unexpected_frame();
  return copy;
}

}  // namespace khochung::workers

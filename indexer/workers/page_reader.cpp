#include "indexer/workers/page_reader.hpp"

#include <tesseract/baseapi.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "indexer/text/vietnamese.hpp"
#include "indexer/workers/page_body.hpp"

namespace khochung::workers {
namespace {

using tesseract::TessBaseAPI;

constexpr int good_trust = 90;
constexpr double tiny_text = 14;

std::unique_ptr<TessBaseAPI> open_model(const char* languages) {
  auto api = std::make_unique<TessBaseAPI>();
  if (api->Init(nullptr, languages, tesseract::OEM_LSTM_ONLY) != 0) return nullptr;
  api->SetPageSegMode(tesseract::PSM_AUTO);
  return api;
}

std::size_t letters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string word_text(const tesseract::ResultIterator& at) {
  const std::unique_ptr<const char[]> text(at.GetUTF8Text(tesseract::RIL_WORD));
  return text ? repaired_utf8(text.get()) : std::string();
}

/// Puts down word after word, with lines and paragraphs as the page has them.
PageReading collect(tesseract::ResultIterator& at, const PreparedPage& prepared) {
  PageReading reading;
  double letters = 0;
  double weighted = 0;
  do {
    storage::PageWord word{word_text(at), 0, 0, 0, 0, 0};
    int right = 0;
    int bottom = 0;
    if (word.text.empty() ||
        !at.BoundingBox(tesseract::RIL_WORD, &word.x, &word.y, &right, &bottom)) {
      continue;
    }
    word.w = right - word.x;
    word.h = bottom - word.y;
    const double confidence = std::clamp(at.Confidence(tesseract::RIL_WORD), 0.0F, 100.0F);
    word.confidence = static_cast<int>(std::lround(confidence));
    const auto count = static_cast<double>(letters_in(word.text));
    letters += count;
    weighted += count * confidence;
    reading.sure_letters += count * (confidence - 60) / 40;
    if (!reading.page.text.empty()) {
      const bool is_paragraph = at.IsAtBeginningOf(tesseract::RIL_PARA);
      const bool is_line = at.IsAtBeginningOf(tesseract::RIL_TEXTLINE);
      reading.page.text.append(is_paragraph ? "\n\n" : (is_line ? "\n" : " "));
    }
    reading.page.text.append(word.text);
    prepared.move_back(word);
    reading.page.words.push_back(std::move(word));
  } while (at.Next(tesseract::RIL_WORD));
  reading.page.trust = letters > 0 ? static_cast<int>(std::lround(weighted / letters)) : 0;
  return reading;
}

PageReading recognise(TessBaseAPI& api, const PreparedPage& prepared) {
  if (!prepared.pix) return {};
  api.SetImage(prepared.pix.get());
  // A4 when nothing else is known; Tesseract only needs the order of size.
  api.SetSourceResolution(std::clamp(pixGetWidth(prepared.pix.get()) * 100 / 827, 70, 600));
  if (api.Recognize(nullptr) != 0) return {};
  const std::unique_ptr<tesseract::ResultIterator> words(api.GetIterator());
  auto reading = words ? collect(*words, prepared) : PageReading();
  api.Clear();
  return reading;
}

PageReading better(PageReading first, PageReading second) {
  return second.sure_letters > first.sure_letters ? std::move(second) : std::move(first);
}

}  // namespace

bool is_good(const PageReading& reading) {
  return reading.page.trust >= good_trust;
}

Result<PageReader> PageReader::make() {
  setMsgSeverity(L_SEVERITY_NONE);
  auto vietnamese = open_model("vie");
  if (!vietnamese) return fail(ErrorCode::unavailable, "worker_unusable", "no model for vie");
  return PageReader(std::move(vietnamese));
}

PageReader::PageReader(std::unique_ptr<TessBaseAPI> vietnamese)
    : vietnamese_(std::move(vietnamese)) {}
PageReader::PageReader(PageReader&&) noexcept = default;
PageReader::~PageReader() = default;

PageReading PageReader::read_once(const PageSource& source, Preparation preparation) {
  const auto prepared = prepare(source, preparation);
  auto reading = recognise(*vietnamese_, prepared);
  reading.preparation = preparation;
  reading.text_height = prepared.text_height;
  return reading;
}

PageReading PageReader::read_again_in_english(const PageSource& source, const PageReading& first) {
  if (!both_) both_ = open_model("vie+eng");
  if (!both_) return {};
  auto reading = recognise(*both_, prepare(source, first.preparation));
  reading.preparation = first.preparation;
  reading.language = first.language;
  return reading;
}

PageReading PageReader::read(const Raster& page) {
  const auto source = take_page(page);
  auto best = source ? read_best(*source) : PageReading();
  best.page.width = page.width;
  best.page.height = page.height;
  return best;
}

PageReading PageReader::read_best(const PageSource& source) {
  auto best = read_once(source, Preparation::plain);
  if (!is_good(best)) {
    auto cleaned = read_once(source, Preparation::cleaned);
    const double height = cleaned.text_height;
    best = better(std::move(best), std::move(cleaned));
    if (!is_good(best) && height > 0) {
      best = better(std::move(best), read_once(source, height < tiny_text ? Preparation::enlarged
                                                                          : Preparation::straight));
    }
  }
  best.language = text::guess_language(best.page.text);
  if (best.language == "en") {
    auto again = read_again_in_english(source, best);
    best = better(std::move(best), std::move(again));
  }
  return best;
}

}  // namespace khochung::workers

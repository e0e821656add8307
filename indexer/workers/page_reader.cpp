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

/// Measured on 214 readings of pages with known text: from 95 on one letter in 300 is wrong, at 94
/// one in 50, at 90 one in 20.
constexpr double good_trust = 94.5;
/// Twelve clean pages in a typewriter's letters had 93.5 to 95, and 1.7 % of their letters wrong;
/// three readings left 1.3 %.
constexpr double good_trust_of_clean = 90;
constexpr double few_missed = 0.12;

std::unique_ptr<TessBaseAPI> open_model(const char* languages) {
  auto api = std::make_unique<TessBaseAPI>();
  if (api->Init(nullptr, languages, tesseract::OEM_LSTM_ONLY) != 0) return nullptr;
  api->SetPageSegMode(tesseract::PSM_AUTO);
  return api;
}

std::string word_text(const tesseract::ResultIterator& at) {
  const std::unique_ptr<const char[]> text(at.GetUTF8Text(tesseract::RIL_WORD));
  return text ? repaired_utf8(text.get()) : std::string();
}

Break break_at(const tesseract::ResultIterator& at) {
  if (at.IsAtBeginningOf(tesseract::RIL_PARA)) return Break::paragraph;
  return at.IsAtBeginningOf(tesseract::RIL_TEXTLINE) ? Break::line : Break::blank;
}

ReadWords collect(tesseract::ResultIterator& at, const Placement& placement) {
  ReadWords words;
  do {
    storage::PageWord word{word_text(at), 0, 0, 0, 0, 0};
    int right = 0;
    int bottom = 0;
    // Pictures and rules come as a word of one blank.
    if (word.text.find_first_not_of(" \n\t") == std::string::npos ||
        !at.BoundingBox(tesseract::RIL_WORD, &word.x, &word.y, &right, &bottom)) {
      continue;
    }
    word.w = right - word.x;
    word.h = bottom - word.y;
    word.confidence =
        static_cast<int>(std::lround(std::clamp(at.Confidence(tesseract::RIL_WORD), 0.0F, 100.0F)));
    placement.move_back(word);
    words.push_back({std::move(word), break_at(at)});
  } while (at.Next(tesseract::RIL_WORD));
  return words;
}

ReadWords recognise(TessBaseAPI& api, const PreparedPage& prepared) {
  if (!prepared.pix) return {};
  // Otsu's threshold for the page, or Sauvola's for the surroundings of each pixel.
  api.SetVariable("thresholding_method", prepared.ink == Ink::by_whole_page ? "0" : "2");
  api.SetImage(prepared.pix.get());
  // A4 when nothing else is known; Tesseract only needs the order of size.
  api.SetSourceResolution(std::clamp(pixGetWidth(prepared.pix.get()) * 100 / 827, 70, 600));
  if (api.Recognize(nullptr) != 0) return {};
  const std::unique_ptr<tesseract::ResultIterator> at(api.GetIterator());
  auto words = at ? collect(*at, prepared.placement) : ReadWords();
  api.Clear();
  return words;
}

/// Share of the letters that the first look saw which stand in none of the words.
double missed_share(const PageLook& look, const ReadWords& words, Pix* page) {
  if (look.letters.empty()) return 0;
  constexpr int cell = 8;
  const int columns = pixGetWidth(page) / cell + 1;
  const int rows = pixGetHeight(page) / cell + 1;
  std::vector<bool> is_read(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
  const auto at = [&](int column, int row) {
    return static_cast<std::size_t>(std::clamp(row, 0, rows - 1)) *
               static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(std::clamp(column, 0, columns - 1));
  };
  for (const auto& [word, before] : words) {
    const int bottom = std::min((word.y + word.h) / cell, rows - 1);
    const int right = std::min((word.x + word.w) / cell, columns - 1);
    for (int row = std::max(0, word.y / cell); row <= bottom; ++row) {
      for (int column = std::max(0, word.x / cell); column <= right; ++column)
        is_read[at(column, row)] = true;
    }
  }
  const auto missed = std::ranges::count_if(look.letters, [&](const PageLook::Spot& letter) {
    return !is_read[at(letter.x / cell, letter.y / cell)];
  });
  return static_cast<double>(missed) / static_cast<double>(look.letters.size());
}

void weigh(Pass& pass) {
  pass.trust = mean_confidence(pass.words);
  pass.sure_letters = sure_letters(pass.words);
}

/// Keeps the better pass in `best`, with what the other one read more surely.
void take_in(Pass& best, Pass other) {
  if (other.sure_letters > best.sure_letters) std::swap(best, other);
  best.words = with_better_words(std::move(best.words), other.words);
  weigh(best);
}

}  // namespace

bool is_good(const Pass& pass, bool has_nothing_to_mend) {
  const double least = has_nothing_to_mend ? good_trust_of_clean : good_trust;
  return pass.trust >= least && pass.missed <= few_missed;
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

TessBaseAPI* PageReader::both() {
  if (!both_) both_ = open_model("vie+eng");
  return both_.get();
}

Pass PageReader::read_with(TessBaseAPI& model, const PageSource& source, const PageLook& look,
                           Preparation preparation) {
  Pass pass;
  auto words = recognise(model, prepare(source, look, preparation));
  pass.words = without_noise(joined(without_specks(std::move(words), look.text_height)));
  pass.preparation = preparation;
  pass.missed = missed_share(look, pass.words, source.grey.get());
  weigh(pass);
  return pass;
}

PageReading PageReader::read(Raster page) {
  const auto source = take_page(page);
  page.pixels = std::string();  // a colour page takes three times as much as what is read of it
  auto best = source ? read_best(*source) : PageReading();
  best.page.width = page.width;
  best.page.height = page.height;
  return best;
}

PageReading PageReader::read_best(const PageSource& source) {
  const auto look = look_at(source.grey.get());
  const auto first = best_preparation(source, look);
  PageReading reading;
  auto* model = vietnamese_.get();
  auto best = read_with(*model, source, look, first);
  reading.readings = 1;
  if (text::guess_language(text_of(best.words)) == "en" && both() != nullptr) {
    auto again = read_with(*both(), source, look, first);
    ++reading.readings;
    if (again.sure_letters > best.sure_letters) {
      best = std::move(again);
      model = both();
      reading.models = "vie+eng";
    }
  }
  const bool mends = first == Preparation::straight || first == Preparation::cleaned;
  const bool has_nothing_to_mend = !mends && look.has_lines;
  for (const auto other : {Preparation::straight, Preparation::cleaned, Preparation::plain}) {
    const bool is_hopeless = !look.has_lines && best.sure_letters <= 0;
    if (is_good(best, has_nothing_to_mend) || is_hopeless) break;
    if (other == first) continue;
    take_in(best, read_with(*model, source, look, other));
    ++reading.readings;
  }
  reading.preparation = best.preparation;
  reading.page.text = text_of(best.words);
  reading.language = text::guess_language(reading.page.text);
  reading.page.trust = static_cast<int>(std::lround(best.trust));
  for (auto& read : best.words) reading.page.words.push_back(std::move(read.word));
  return reading;
}

}  // namespace khochung::workers

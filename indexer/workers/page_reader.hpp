#pragma once

#include <string>

#include "indexer/workers/page_preparation.hpp"
#include "indexer/workers/page_words.hpp"
#include "indexer/workers/raster.hpp"
#include "schemas/result.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace tesseract {
class TessBaseAPI;
}

namespace khochung::workers {

/// What was read on one page, and how well.
struct PageReading {
  storage::PageText page;  ///< words in pixels of the page picture
  Preparation preparation = Preparation::plain;
  std::string language;        ///< "vi", "en" or empty
  std::string models = "vie";  ///< Tesseract's, of the words that are kept
  int readings = 0;            ///< how many times the page was read
};

/// One pass over a page.
struct Pass {
  ReadWords words;
  Preparation preparation = Preparation::plain;
  double trust = 0;         ///< mean confidence, 0 to 100
  double sure_letters = 0;  ///< what two passes are compared by
  double missed = 0;        ///< share of the page's letters that stand in no word
};

/// Whether a pass is good enough that no other is tried. On a page of which the first look found
/// nothing to mend, less trust will do: other ways have nothing to win there.
bool is_good(const Pass& pass, bool has_nothing_to_mend);

/// Reads pages with Tesseract. A first look says how the page is made ready; where that reads badly
/// or passes over letters, other ways are tried, and the best words are kept.
/// Threads: one at a time.
class PageReader {
 public:
  /// Errors: unavailable when the model of Vietnamese is not there.
  static Result<PageReader> make();
  PageReader(PageReader&&) noexcept;
  PageReader& operator=(PageReader&&) = delete;
  ~PageReader();

  PageReading read(Raster page);

 private:
  explicit PageReader(std::unique_ptr<tesseract::TessBaseAPI> vietnamese);
  PageReading read_best(const PageSource& source);
  Pass read_with(tesseract::TessBaseAPI& model, const PageSource& source, const PageLook& look,
                 Preparation preparation);
  tesseract::TessBaseAPI* both();

  std::unique_ptr<tesseract::TessBaseAPI> vietnamese_;
  std::unique_ptr<tesseract::TessBaseAPI> both_;  ///< Vietnamese and English, made when needed
};

}  // namespace khochung::workers

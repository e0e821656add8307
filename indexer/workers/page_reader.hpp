#pragma once

#include <string>

#include "indexer/workers/page_preparation.hpp"
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
  std::string language;     ///< "vi", "en" or empty
  double sure_letters = 0;  ///< what two readings of one page are compared by
  double text_height = 0;   ///< of its letters in pixels, where the preparation found it
};

/// Reads pages with Tesseract: plainly first, and made ready in other ways where that reads badly;
/// the best reading is kept.
/// Threads: one at a time.
class PageReader {
 public:
  /// Errors: unavailable when the model of Vietnamese is not there.
  static Result<PageReader> make();
  PageReader(PageReader&&) noexcept;
  PageReader& operator=(PageReader&&) = delete;
  ~PageReader();

  PageReading read(const Raster& page);

  /// One reading, for measuring.
  PageReading read_once(const PageSource& source, Preparation preparation);

 private:
  explicit PageReader(std::unique_ptr<tesseract::TessBaseAPI> vietnamese);
  PageReading read_best(const PageSource& source);
  PageReading read_again_in_english(const PageSource& source, const PageReading& first);

  std::unique_ptr<tesseract::TessBaseAPI> vietnamese_;
  std::unique_ptr<tesseract::TessBaseAPI> both_;  ///< Vietnamese and English, made when needed
};

/// Whether a reading is good enough that no other is tried.
bool is_good(const PageReading& reading);

}  // namespace khochung::workers

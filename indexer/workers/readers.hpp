#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/workers/worker_host.hpp"
#include "schemas/result.hpp"
#include "storage/derivatives/derivative_store.hpp"

/// What the archive asks of its workers, each as one function. `input` is always a descriptor that
/// can be read and sought, and stays the caller's. Errors everywhere: those of WorkerHost::run.
namespace khochung::workers {

/// One page of a PDF as its own text layer gives it.
struct PdfPage {
  storage::PageText text;  ///< words in pixels of the page picture at 150 dpi
  bool needs_ocr = false;  ///< little text, and more on the page than that
};

struct PdfText {
  std::string title;
  std::string author;
  std::vector<PdfPage> pages;
};

/// Text and words of every page, in order.
/// Errors: unsupported "encrypted_pdf", "damaged_file"; too_large "too_many_parts".
Result<PdfText> read_pdf(const WorkerHost& host, int input, const std::stop_token& stop = {});

enum class PictureFormat { jpeg, pnm, webp };

/// A picture as bytes of a file.
struct Picture {
  int width = 0;
  int height = 0;
  std::string bytes;
  int dpi = 0;  ///< 0: not known
};

/// How a page is to be drawn: by its width in pixels, or by its resolution.
struct PageDrawing {
  int page = 1;
  int width = 0;
  int dpi = 0;
  PictureFormat format = PictureFormat::jpeg;
  int quality = 80;
};

Result<Picture> render_pdf_page(const WorkerHost& host, int input, const PageDrawing& drawing,
                                const std::stop_token& stop = {});

/// What a picture file is, before anything is decoded.
struct PictureFacts {
  int width = 0;  ///< upright
  int height = 0;
  int frames = 1;  ///< pages of a TIFF
};

/// Errors: too_large "picture_too_large" above 128 million pixels or 16,384 on a side; unsupported
///         "damaged_file".
Result<PictureFacts> picture_facts(const WorkerHost& host, int input,
                                   const std::stop_token& stop = {});

/// A smaller copy: fits into width x height (0: that side is free), never enlarged, upright,
/// without metadata.
struct PictureCopy {
  int width = 0;
  int height = 0;
  PictureFormat format = PictureFormat::jpeg;
  int quality = 80;
};

struct PictureCopies {
  PictureFacts facts;
  std::vector<Picture> copies;  ///< in the order that they were asked for
};

/// All copies of one picture, decoded once; ask for the largest first.
/// Errors: as picture_facts.
Result<PictureCopies> pictures(const WorkerHost& host, int input,
                               const std::vector<PictureCopy>& copies,
                               const std::stop_token& stop = {});

/// One page (frame from 0) of a scan as PNM for OCR; no side longer than 8,000 pixels.
/// Errors: as picture_facts.
Result<Picture> picture_page(const WorkerHost& host, int input, int frame,
                             const std::stop_token& stop = {});

/// What was read on a page picture.
struct OcrPage {
  storage::PageText text;   ///< words in pixels of the picture that was given
  std::string language;     ///< "vi", "en" or empty
  std::string preparation;  ///< how the page was made ready ("plain", "cleaned", …)
};

/// How many pages one run may read.
inline constexpr std::size_t most_ocr_pages = 16;

/// Reads page pictures (each one PNM, as render_pdf_page and picture_page give it), Vietnamese
/// first. One processor core; up to 768 MB beside the pictures.
/// Errors: too_large above most_ocr_pages.
Result<std::vector<OcrPage>> ocr(const WorkerHost& host, const std::vector<Picture>& pages,
                                 const std::stop_token& stop = {});

}  // namespace khochung::workers

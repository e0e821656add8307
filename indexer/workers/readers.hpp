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

}  // namespace khochung::workers

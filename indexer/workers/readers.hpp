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
  int frames = 1;      ///< pages of a TIFF
  std::string format;  ///< "PNG", "JPEG" …
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

/// All copies of one picture (frame from 0), decoded once; ask for the largest first.
/// Errors: as picture_facts.
Result<PictureCopies> pictures(const WorkerHost& host, int input,
                               const std::vector<PictureCopy>& copies,
                               const std::stop_token& stop = {}, int frame = 0);

/// What a photograph says of itself, in the fields that editors' programs read.
struct PictureWords {
  std::string title;
  std::string caption;
  std::string credit;
  std::string terms;
};

/// A copy of a JPEG, PNG, TIFF or WebP with these words written into it (IPTC and XMP); the picture
/// itself is not touched. Words beyond 4,000 bytes are cut. The same file and words give the same
/// bytes as long as Exiv2 does.
/// Errors: unsupported, also for a kind of picture that holds no words.
Result<std::string> captioned_picture(const WorkerHost& host, int input, const PictureWords& words,
                                      const std::stop_token& stop = {});

/// One page (frame from 0) of a scan as PNM for OCR; no side longer than 8,000 pixels.
/// Errors: as picture_facts.
Result<Picture> picture_page(const WorkerHost& host, int input, int frame,
                             const std::stop_token& stop = {});

/// What was read on a page picture.
struct OcrPage {
  storage::PageText text;   ///< words in pixels of the picture that was given
  std::string language;     ///< "vi", "en" or empty
  std::string models;       ///< "vie", or "vie+eng" where the page is English
  std::string preparation;  ///< how the page was made ready: the name of a Preparation
};

/// How many pages one run may read.
inline constexpr std::size_t most_ocr_pages = 16;

/// Reads page pictures (each one PNM, as render_pdf_page and picture_page give it), Vietnamese
/// first. One processor core; up to 512 MB beside the pictures.
/// Errors: too_large above most_ocr_pages.
Result<std::vector<OcrPage>> ocr(const WorkerHost& host, const std::vector<Picture>& pages,
                                 const std::stop_token& stop = {});

/// Reads the one page of a PNG or JPEG by itself, which spares the way over a decoded picture.
/// Errors: unsupported for what needs more than decoding (CMYK, EXIF in a PNG) and above 20 million
///         pixels: picture_page and ocr read that.
Result<OcrPage> ocr_file(const WorkerHost& host, int input, const std::stop_token& stop = {});

/// The text of an office file or a web page as its markup gives it; no page pictures yet.
struct MarkupDocument {
  std::string title;
  std::string author;
  bool has_pages = false;  ///< slides are pages; any other file is one text
  std::vector<storage::PageText> pages;
};

/// Reads docx, xlsx, pptx, odt, ods, odp and HTML.
/// Errors: unsupported "damaged_file", "encrypted_document"; too_large "too_many_parts".
Result<MarkupDocument> markup(const WorkerHost& host, int input, std::string_view media_type,
                              const std::stop_token& stop = {});

/// A row of a sheet; its number is the one that people see beside it.
struct SheetRow {
  int number = 0;
  std::vector<std::string> cells;
};

/// The rows of the first sheet of an xlsx that hold something, as indexer/workers/sheet_rows.hpp
/// says.
/// Errors: unsupported "damaged_file", "encrypted_document"; too_large "too_many_parts",
///         "sheet_too_large".
Result<std::vector<SheetRow>> first_sheet(const WorkerHost& host, int input,
                                          const std::stop_token& stop = {});

/// A file in an archive.
struct ArchiveEntry {
  std::string name;              ///< as UTF-8; what was no UTF-8 stands as U+FFFD
  std::string raw_name;          ///< the bytes that the archive holds
  std::uint64_t size_bytes = 0;  ///< as the archive claims; 0 where it says nothing
};

/// What was passed over: "link", "device" or "encrypted".
struct SkippedEntry {
  std::string name;
  std::string why;
};

/// Where the files of an archive go, one after another. An Error of any of these ends the run and
/// comes back.
struct UnpackSink {
  std::function<Result<void>(const ArchiveEntry&)> begin;
  std::function<Result<void>(std::string_view bytes)> bytes;
  std::function<Result<void>()> end;
  std::function<Result<void>(const SkippedEntry&)> skipped;
};

/// Hands over every file of a zip, tar (plain or .gz .bz2 .xz .zst) or 7z. Names are what the
/// archive says ("../../x" too): data, never paths.
/// Errors: unsupported "encrypted_archive" when every file is, "damaged_file"; too_large
///         "too_many_parts" above 10,000 entries, or 64 GiB, or 200 times the archive and 100 MB.
///         Files that came before the error were whole.
Result<void> unpack(const WorkerHost& host, int input, const UnpackSink& sink,
                    const std::stop_token& stop = {});

/// The pages of an office file as a PDF, laid out by LibreOffice; `extension` is doc, docx, odp,
/// ods, odt, ppt, pptx, rtf, xls or xlsx. Takes seconds and up to 4 GB of addresses.
/// Errors: unsupported "damaged_file"; unavailable "worker_unusable" without LibreOffice.
Result<std::string> layout(const WorkerHost& host, int input, std::string_view extension,
                           const std::stop_token& stop = {});

}  // namespace khochung::workers

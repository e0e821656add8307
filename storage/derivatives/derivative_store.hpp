#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// A word on a page picture, in pixels of it.
struct PageWord {
  std::string text;
  int x = 0, y = 0, w = 0, h = 0;
  int confidence = 100;  ///< 0..100; 100 where the text came with the file
};

/// What was read on one page.
struct PageText {
  std::string text;      ///< repaired and normalised to NFC: what is searched and shown
  std::string raw_text;  ///< as the reader gave it; empty when equal to text
  int width = 0;         ///< of the page picture that the words refer to, in pixels; 0: no picture
  int height = 0;
  int trust = 100;  ///< mean confidence of the page, 0..100
  std::vector<PageWord> words;
};

/// Everything that was read in one file. A file without pages (docx before its layout) has one
/// page, and `has_pages` is false.
struct Reading {
  std::string recipe;    ///< which reader, which version
  std::string language;  ///< BCP 47, guessed; empty when unknown
  bool has_pages = true;
  bool is_ocr = false;
  std::vector<PageText> pages;
};

/// What can be made again: page texts and pictures, keyed by (source digest, recipe). Written
/// atomically but not synced: every part has a checksum, and what does not match is made again.
/// Layout: derived/<ab>/<cd>/<source sha256>.reading (its recipe stands in it) and
/// <source sha256>.<name> for renditions; derived/tmp/ holds what is being written.
/// Threads: safe from many threads.
/// Source: schemas/formats.md, "Readings".
class DerivativeStore {
 public:
  /// Removes what a killed process left half written; folders are made as they are needed.
  explicit DerivativeStore(std::filesystem::path folder);

  /// Takes the place of the reading that was there. Errors: disk_full; unavailable.
  Result<void> put_reading(const Digest& source, const Reading& reading);
  /// Errors: not_found (absent or damaged: make it again).
  Result<Reading> reading(const Digest& source) const;
  /// What is known without reading any text: cheap.
  struct Outline {
    int page_count = 0;
    bool has_pages = true;
    bool is_ocr = false;
    std::string language;
    std::string recipe;
  };
  /// Errors: not_found.
  Result<Outline> outline(const Digest& source) const;
  /// One page (1-based) without reading the others' words. Errors: not_found.
  Result<PageText> page(const Digest& source, int number) const;
  /// The texts of all pages, without words. Errors: not_found.
  Result<std::vector<std::string>> page_texts(const Digest& source) const;
  /// Also when there was none.
  Result<void> remove_reading(const Digest& source);

  /// A rendition: `name` such as "thumbnail.jpg", "light.jpg", "page-0003-1200.jpg", "layout.pdf"
  /// (a-z, 0-9, dot and dash). Errors: bad_input; disk_full; unavailable.
  Result<void> put_rendition(const Digest& source, std::string_view name,
                             std::span<const std::byte> bytes);
  /// Errors: not_found (absent or damaged: make it again).
  Result<BlobReader> rendition(const Digest& source, std::string_view name) const;

  /// One file found on disk.
  struct Found {
    std::filesystem::path path;
    Digest source;
    std::string name;  ///< "reading", or the rendition's
    std::uint64_t size_bytes = 0;
  };
  /// Calls `visit` with every file whose source's digest begins with the byte `slice`, in no stated
  /// order, until it returns false. Errors: unavailable.
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const Found&)>& visit) const;
  /// Reads the whole file: whether every byte of it is as it was written. Errors: unavailable.
  static Result<bool> is_whole(const Found& found);
  /// Also when it is gone already. Errors: unavailable.
  static Result<void> remove(const Found& found);
  /// Everything that was made of one source. Errors: unavailable.
  Result<void> remove_all(const Digest& source) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const Digest& source, std::string_view name) const;
  Result<void> write(const std::filesystem::path& path,
                     std::initializer_list<std::span<const std::byte>> pieces) const;

  std::filesystem::path folder_;
};

}  // namespace khochung::storage

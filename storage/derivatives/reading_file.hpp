#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/derivatives/derivative_store.hpp"

/// The bytes of a reading file: a head, a table of pages, all texts, then the details (raw text and
/// words) page by page, so that texts are read without words and one page without the others.
/// Source: schemas/formats.md, "Readings".
namespace khochung::storage::reading_file {

/// Where one page lies; offsets from the beginning of the file.
struct PagePlace {
  std::uint64_t text_at = 0;
  std::uint64_t details_at = 0;
  std::uint32_t text_bytes = 0;
  std::uint32_t details_bytes = 0;
  std::uint32_t text_crc = 0;
  std::uint32_t details_crc = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::int32_t trust = 0;
};

/// What stands before the texts.
struct Head {
  DerivativeStore::Outline outline;
  std::vector<PagePlace> pages;
};

/// The first bytes of a file, which tell how long the head is.
inline constexpr std::size_t preamble_bytes = 16;

std::string encode(const Reading& reading);
/// The length of preamble and head. Errors: not_found (damaged, or of another version).
Result<std::size_t> head_length(std::string_view preamble);
/// `bytes` holds preamble and head. Errors: not_found (damaged).
Result<Head> decode_head(std::string_view bytes);
/// Errors: not_found (damaged).
Result<std::string> decode_text(const PagePlace& place, std::string_view bytes);
/// The page from its text and its details. Errors: not_found (damaged).
Result<PageText> decode_page(const PagePlace& place, std::string text, std::string_view details);

std::uint32_t crc_of(std::string_view bytes);

}  // namespace khochung::storage::reading_file

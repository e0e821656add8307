#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::workers {

/// The body of a `page` frame: text and words (schemas/formats.md).
std::string encode_page(std::string_view text, const std::vector<storage::PageWord>& words);

/// Reads text and words of a page body. Everything is checked: lengths, UTF-8, confidence; boxes
/// are cut to the page (`width` x `height`).
/// Errors: bad_input.
Result<storage::PageText> decode_page(std::string_view body, int width, int height);

/// Whether `bytes` are well-formed UTF-8 without NUL. Source: Unicode 15, table 3-7.
bool is_utf8(std::string_view bytes);

/// `bytes` with U+FFFD in place of what is not well-formed, and without NUL.
std::string repaired_utf8(std::string_view bytes);

}  // namespace khochung::workers

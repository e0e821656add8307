#pragma once

#include <cstddef>
#include <string_view>

namespace khochung {

/// Whether `text` is well-formed UTF-8. Source: RFC 3629 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// The first `limit` bytes of UTF-8 text, without half a letter at the end.
std::string_view first_bytes(std::string_view text, std::size_t limit);

}  // namespace khochung

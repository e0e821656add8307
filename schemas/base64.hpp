#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung {

/// Bytes as base64 with its padding. Source: RFC 4648, 4.
std::string to_base64(std::span<const std::uint8_t> bytes);
/// The bytes of such a text; nothing but the alphabet and its padding may stand in it.
/// Errors: bad_input.
Result<std::string> from_base64(std::string_view text);

}  // namespace khochung

#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace khochung {

/// Bytes as base64 with its padding. Source: RFC 4648, 4.
std::string to_base64(std::span<const std::uint8_t> bytes);

}  // namespace khochung

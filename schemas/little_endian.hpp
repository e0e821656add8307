#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace khochung {

/// Appends the bytes of `number`, lowest first.
template <std::unsigned_integral Number>
void append_little_endian(std::string& to, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    to.push_back(static_cast<char>((number >> (8 * i)) & 0xFFU));
  }
}

/// The number in the first bytes of `from`, which must hold them.
template <std::unsigned_integral Number>
Number little_endian_at(std::string_view from, std::size_t at = 0) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    const auto byte = static_cast<Number>(static_cast<unsigned char>(from[at + i]));
    number = static_cast<Number>(number | static_cast<Number>(byte << (8 * i)));
  }
  return number;
}

}  // namespace khochung

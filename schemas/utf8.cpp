#include "schemas/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace khochung {
namespace {

/// What may follow a lead byte: how many bytes, and the range of the first of them.
struct Utf8Lead {
  std::size_t followers;
  std::uint8_t low;
  std::uint8_t high;
};

std::optional<Utf8Lead> utf8_lead(std::uint8_t byte) {
  if (byte < 0x80) return Utf8Lead{0, 0x80, 0xBF};
  if (byte >= 0xC2 && byte <= 0xDF) return Utf8Lead{1, 0x80, 0xBF};
  if (byte == 0xE0) return Utf8Lead{2, 0xA0, 0xBF};
  if (byte == 0xED) return Utf8Lead{2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return Utf8Lead{2, 0x80, 0xBF};
  if (byte == 0xF0) return Utf8Lead{3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return Utf8Lead{3, 0x80, 0xBF};
  if (byte == 0xF4) return Utf8Lead{3, 0x80, 0x8F};
  return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<std::uint8_t>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const auto lead = utf8_lead(static_cast<std::uint8_t>(text[at]));
    if (!lead || text.size() - at <= lead->followers) return false;
    for (std::size_t i = 1; i <= lead->followers; ++i) {
      const auto byte = static_cast<std::uint8_t>(text[at + i]);
      const std::uint8_t low = i == 1 ? lead->low : 0x80;
      const std::uint8_t high = i == 1 ? lead->high : 0xBF;
      if (byte < low || byte > high) return false;
    }
    at += 1 + lead->followers;
  }
  return true;
}

std::string_view first_bytes(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

}  // namespace khochung

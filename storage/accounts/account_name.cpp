#include "storage/accounts/account_name.hpp"

#include <optional>

namespace khochung::storage {
namespace {

/// The next code point of UTF-8, taken off `rest`; nothing when it is malformed.
std::optional<char32_t> take_code_point(std::string_view& rest) {
  const auto first = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || rest.size() < static_cast<std::size_t>(more)) return {};
  char32_t point = first & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more; ++i) {
    const auto byte = static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
    if ((byte & 0xC0U) != 0x80) return {};
    point = point << 6U | (byte & 0x3FU);
  }
  rest.remove_prefix(static_cast<std::size_t>(more));
  constexpr char32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < smallest[more] || point > 0x10FFFF || is_surrogate) return {};
  return point;
}

/// Source: Unicode 15, CaseFolding.txt, for the blocks Basic Latin to Latin Extended-A, for Ơ and
/// Ư, and for Latin Extended Additional.
char32_t small_letter(char32_t point) {
  if (point >= 'A' && point <= 'Z') return point + 32;
  if (point >= 0xC0 && point <= 0xDE && point != 0xD7) return point + 32;
  const bool is_even_capital = (point >= 0x100 && point <= 0x137 && point != 0x130) ||
                               (point >= 0x14A && point <= 0x177) || point == 0x1A0 ||
                               (point >= 0x1E00 && point <= 0x1E95) ||
                               (point >= 0x1EA0 && point <= 0x1EFF);
  if (is_even_capital && point % 2 == 0) return point + 1;
  const bool is_odd_capital =
      (point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E) || point == 0x1AF;
  return is_odd_capital && point % 2 == 1 ? point + 1 : point;
}

void append(std::string& text, char32_t point) {
  const auto tail = [&text](char32_t bits) { text += static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0U | point >> 6U);
    tail(point);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0U | point >> 12U);
    tail(point >> 6U);
    tail(point);
  } else {
    text += static_cast<char>(0xF0U | point >> 18U);
    tail(point >> 12U);
    tail(point >> 6U);
    tail(point);
  }
}

}  // namespace

Result<std::string> folded_account_name(std::string_view name) {
  if (name.empty() || name.size() > longest_account_name_bytes) {
    return fail(ErrorCode::bad_input, "the name of an account has 1 to 64 bytes");
  }
  std::string folded;
  while (!name.empty()) {
    const auto point = take_code_point(name);
    const bool is_control = point && (*point < 0x20 || (*point >= 0x7F && *point < 0xA0));
    if (!point || is_control) {
      return fail(ErrorCode::bad_input, "the name of an account is plain text");
    }
    append(folded, small_letter(*point));
  }
  return folded;
}

}  // namespace khochung::storage

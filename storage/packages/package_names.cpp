#include "storage/packages/package_names.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "schemas/utf8.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t max_name_bytes = 200;
constexpr std::size_t max_extension_bytes = 16;

const icu::Normalizer2& nfc() {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) std::abort();  // part of ICU itself
  return *normalizer;
}

std::string utf8_of(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString normal(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  auto normalized = nfc().normalize(text, error);
  return U_FAILURE(error) ? text : normalized;
}

/// "ke-hoach" and ".pdf"; no extension where what follows the last dot is long or nothing.
std::pair<std::string, std::string> split(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name.size() - dot > max_extension_bytes) {
    return {name, ""};
  }
  return {name.substr(0, dot), name.substr(dot)};
}

/// Names that are devices on Windows, with any extension.
bool is_device(std::string stem) {
  std::ranges::transform(stem, stem.begin(), [](unsigned char c) { return std::toupper(c); });
  const bool is_port = stem.size() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")) &&
                       stem[3] >= '1' && stem[3] <= '9';
  return is_port || stem == "CON" || stem == "PRN" || stem == "AUX" || stem == "NUL";
}

std::string without_end(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

std::string fitted(const std::string& name, std::string_view before_extension) {
  const auto [stem, extension] = split(name);
  const auto room = max_name_bytes - extension.size() - before_extension.size();
  return std::string(first_bytes(stem, room)) + std::string(before_extension) + extension;
}

}  // namespace

std::string folded_name(std::string_view name) {
  if (!is_utf8(name)) return std::string(name);
  auto text = icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())});
  text = normal(text);
  return utf8_of(normal(text.foldCase()));
}

std::string safe_file_name(std::string_view name) {
  constexpr std::string_view not_everywhere = "/\\<>:\"|?*";
  // Bytes that are no UTF-8 become U+FFFD here.
  const auto text =
      normal(icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())}));
  icu::UnicodeString out;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const auto letter = text.char32At(at);
    const bool is_control =
        letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || letter == 0x2028 || letter == 0x2029;
    const bool is_refused =
        letter < 0x80 && not_everywhere.find(static_cast<char>(letter)) != std::string_view::npos;
    if (letter == '%') {
      out.append(UChar32(0xFF05));
    } else {
      out.append(is_control || is_refused ? UChar32('_') : letter);
    }
  }
  auto safe = without_end(fitted(without_end(utf8_of(out)), ""));
  if (safe.empty() || is_device(safe.substr(0, safe.find('.')))) safe.insert(0, "_");
  return safe;
}

std::string NamesOfFolder::place(std::string_view name, std::string_view label) {
  auto safe = safe_file_name(name);
  if (take(safe)) return safe;
  auto other = fitted(safe, " (" + std::string(label) + ")");
  for (int number = 2; !take(other); ++number) {
    other = fitted(safe, " (" + std::string(label) + "-" + std::to_string(number) + ")");
  }
  return other;
}

}  // namespace khochung::storage

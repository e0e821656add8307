#include "server/http/encoding.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace khochung::http {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char letter = lower(digit);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

bool is_token_character(char c) {
  return is_unreserved(c) || std::string_view("!#$%&'*+^`|").find(c) != std::string_view::npos;
}

/// Reads the quoted string that begins at `field[at]` (a quote); `at` ends behind it.
std::string quoted(std::string_view field, std::size_t& at) {
  std::string value;
  for (++at; at < field.size() && field[at] != '"'; ++at) {
    const bool escapes = field[at] == '\\' && at + 1 < field.size() &&
                         (field[at + 1] == '"' || field[at + 1] == '\\');
    if (escapes) ++at;
    value += field[at];
  }
  if (at < field.size()) ++at;
  return value;
}

}  // namespace

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool equal_without_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (text.size() - at < 3) return std::nullopt;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() * 3);
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte / 16];
    encoded += digits[byte % 16];
  }
  return encoded;
}

std::optional<std::string> field_parameter(std::string_view field, std::string_view name) {
  std::size_t at = field.find(';');
  while (at < field.size()) {
    const auto begin = field.find_first_not_of("; \t", at);
    if (begin == std::string_view::npos) return std::nullopt;
    const auto equals = field.find_first_of("=;", begin);
    if (equals == std::string_view::npos) return std::nullopt;
    at = equals;
    if (field[equals] == ';') continue;
    const auto key = trim(field.substr(begin, equals - begin));
    std::string value;
    at = equals + 1;
    if (at < field.size() && field[at] == '"') {
      value = quoted(field, at);
    } else {
      const auto end = std::min(field.find(';', at), field.size());
      value = trim(field.substr(at, end - at));
      at = end;
    }
    if (equal_without_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace khochung::http

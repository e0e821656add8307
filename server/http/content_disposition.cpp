#include "server/http/content_disposition.hpp"

#include <cstddef>
#include <cstdint>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// The letters U+00C0 to U+01B0 and U+1EA0 to U+1EF9 without their marks, as Unicode decomposes
/// them, and đ as d; '_' where there is no letter of ASCII.
constexpr std::string_view latin_letters =
    "AAAAAA_CEEEEIIIIDNOOOOO__UUUUY__aaaaaa_ceeeeiiiidnooooo__uuuuy_y"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHh__IiIiIiIiI___JjKk_LlLlLl_"
    "___NnNnNn___OoOoOo__RrRrRrSsSsSsSsTtTt__UuUuUuUuUuUuWwYyYZzZzZz_"
    "_________D______________________OoOo___________Uu";
constexpr std::string_view vietnamese_letters =
    "AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOo"
    "OoOoUuUuUuUuUuUuUuYyYyYyYy";
constexpr char32_t latin_first = 0xC0;
constexpr char32_t vietnamese_first = 0x1EA0;
static_assert(latin_letters.size() == 0x1B0 - 0xC0 + 1);
static_assert(vietnamese_letters.size() == 0x1EF9 - 0x1EA0 + 1);

/// The code point that begins at `at`, which moves behind it. `text` is well-formed.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<std::uint8_t>(text[at++]);
  if (lead < 0x80) return lead;
  const int followers = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t point = lead & (0x3F >> followers);
  for (int i = 0; i < followers; ++i) {
    point = (point << 6) | (static_cast<std::uint8_t>(text[at++]) & 0x3F);
  }
  return point;
}

bool is_combining(char32_t point) {
  return point >= 0x300 && point <= 0x36F;
}

char ascii_letter(char32_t point) {
  if (point >= latin_first && point - latin_first < latin_letters.size()) {
    return latin_letters[point - latin_first];
  }
  if (point >= vietnamese_first && point - vietnamese_first < vietnamese_letters.size()) {
    return vietnamese_letters[point - vietnamese_first];
  }
  return '_';
}

/// What may stand in a quoted file name that people also see on disk, Windows' rules included.
bool is_plain(char32_t point) {
  return point >= 0x20 && point < 0x7F &&
         std::string_view("\"\\/:*?<>|%").find(static_cast<char>(point)) == std::string_view::npos;
}

/// The name with separators and controls made harmless; empty when it is not text.
std::string safe_name(std::string_view name) {
  if (!is_utf8(name)) return {};
  std::string safe;
  for (const char c : name) {
    const bool harmful = static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/' || c == '\\';
    safe += harmful ? '_' : c;
  }
  return safe;
}

}  // namespace

std::string ascii_file_name(std::string_view name) {
  const auto safe = safe_name(name);
  std::string ascii;
  for (std::size_t at = 0; at < safe.size();) {
    const auto point = next_code_point(safe, at);
    if (is_combining(point)) continue;
    ascii += is_plain(point) ? static_cast<char>(point) : ascii_letter(point);
  }
  return ascii.empty() ? "file" : ascii;
}

std::string content_disposition(Disposition disposition, std::string_view name) {
  std::string field = disposition == Disposition::attachment ? "attachment" : "inline";
  if (name.empty()) return field;
  const auto ascii = ascii_file_name(name);
  const auto safe = safe_name(name);
  field += "; filename=\"" + ascii + "\"";
  if (!safe.empty() && safe != ascii) field += "; filename*=UTF-8''" + percent_encode(safe);
  return field;
}

}  // namespace khochung::http

#include "indexer/workers/pdf_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace khochung::workers {
namespace {

constexpr double pixels_a_point = 150.0 / 72.0;
constexpr double longest_side = 3600;
constexpr std::size_t max_text_bytes = std::size_t{4} << 20;

void append_utf8(std::string& to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_same_line(const storage::PageWord& last, const storage::PageWord& next) {
  const int overlap = std::min(last.y + last.h, next.y + next.h) - std::max(last.y, next.y);
  return overlap * 2 > std::min(last.h, next.h) && next.x >= last.x;
}

/// Whether `next` goes on with the word `last`: poppler breaks a word where its font changes, and
/// Vietnamese letters that a font lacks come from another one ("Ng" "ười"). Such pieces stand at
/// most 0.08 of the line's height apart, words at least 0.16 (measured on what LibreOffice writes,
/// 2026-11-23).
bool goes_on_with(const storage::PageWord& last, const storage::PageWord& next) {
  return is_same_line(last, next) && (next.x - last.x - last.w) * 10 <= last.h;
}

/// What stands between two words: a space, the next line or an empty line.
std::string_view between(const storage::PageWord& last, const storage::PageWord& next) {
  if (is_same_line(last, next)) return " ";
  const int gap = next.y - (last.y + last.h);
  return gap > std::max(last.h, next.h) || gap < -2 * last.h ? "\n\n" : "\n";
}

/// Makes `next` a part of `last`.
void join(storage::PageWord& last, const storage::PageWord& next) {
  const int right = std::max(last.x + last.w, next.x + next.w);
  const int bottom = std::max(last.y + last.h, next.y + next.h);
  last.text += next.text;
  last.y = std::min(last.y, next.y);
  last.w = right - last.x;
  last.h = bottom - last.y;
}

}  // namespace

std::string utf8_of(const poppler::ustring& text) {
  std::string converted;
  converted.reserve(text.size() * 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t code = text[i];
    const bool is_high = code >= 0xD800 && code < 0xDC00;
    const bool has_low = i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000;
    if (is_high && has_low) {
      code = 0x10000 + ((code - 0xD800) << 10) + (text[++i] - 0xDC00U);
    } else if (code >= 0xD800 && code < 0xE000) {
      code = 0xFFFD;
    }
    if (code != 0) append_utf8(converted, code);
  }
  return converted;
}

PageGeometry geometry_of(const poppler::page& page) {
  const auto box = page.page_rect(poppler::crop_box);
  double width = std::max(1.0, box.width());
  double height = std::max(1.0, box.height());
  const auto turn = page.orientation();
  if (turn == poppler::page::landscape || turn == poppler::page::seascape) std::swap(width, height);
  const double scale = std::min(pixels_a_point, longest_side / std::max(width, height));
  return {std::max(1, static_cast<int>(std::lround(width * scale))),
          std::max(1, static_cast<int>(std::lround(height * scale))), scale};
}

storage::PageText text_of(const poppler::page& page, const PageGeometry& geometry) {
  storage::PageText read;
  read.width = geometry.width;
  read.height = geometry.height;
  const auto pixel = [&](double points) {
    return static_cast<int>(std::lround(std::clamp(points, -1e6, 1e6) * geometry.scale));
  };
  for (const auto& box : page.text_list()) {
    const auto place = box.bbox();
    storage::PageWord word{utf8_of(box.text()),  pixel(place.left()),   pixel(place.top()),
                           pixel(place.width()), pixel(place.height()), 100};
    if (word.text.empty()) continue;
    const bool is_part = !read.words.empty() && goes_on_with(read.words.back(), word);
    if (!read.words.empty() && !is_part) read.text.append(between(read.words.back(), word));
    read.text.append(word.text);
    if (is_part) {
      join(read.words.back(), word);
    } else {
      read.words.push_back(std::move(word));
    }
    if (read.text.size() > max_text_bytes) break;
  }
  return read;
}

}  // namespace khochung::workers

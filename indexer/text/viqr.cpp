#include "indexer/text/viqr.hpp"

#include "indexer/text/pieces.hpp"
#include "indexer/text/syllables.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

char32_t combining_quality(char sign) {
  switch (sign) {
    case '^': return 0x302;
    case '(': return 0x306;
    case '+':
    case '*': return 0x31B;
    default: return 0;
  }
}

char32_t combining_tone(char sign) {
  switch (sign) {
    case '\'': return 0x301;
    case '`': return 0x300;
    case '?': return 0x309;
    case '~': return 0x303;
    case '.': return 0x323;
    default: return 0;
  }
}

/// '.', '?' and '\'' end sentences and quotations too: at the end of a word they are a tone only if
/// the vowel already has a quality sign or a further sign stands behind.
bool is_punctuation(std::string_view text, std::size_t sign, bool quality) {
  const bool letter_follows =
      sign + 1 < text.size() && ((text[sign + 1] | 0x20) >= 'a' && (text[sign + 1] | 0x20) <= 'z');
  return !letter_follows && !quality && text[sign] != '`' && text[sign] != '~';
}

struct Reading {
  std::string utf8;
  int qualities = 0;
};

Reading read(std::string_view text) {
  Reading reading;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t letter = static_cast<unsigned char>(text[i]);
    const bool stroke =
        (text[i] == 'd' || text[i] == 'D') && i + 1 < text.size() && (text[i + 1] | 0x20) == 'd';
    if (stroke) {
      append_utf8(reading.utf8, text[i] == 'd' ? U'đ' : U'Đ');
      ++i;
      continue;
    }
    bool quality = false;
    if (i + 1 < text.size()) {
      if (const auto composed = compose_vietnamese(letter, combining_quality(text[i + 1]))) {
        letter = composed;
        quality = true;
        ++reading.qualities;
        ++i;
      }
    }
    if (i + 1 < text.size() && !is_punctuation(text, i + 1, quality)) {
      if (const auto composed = compose_vietnamese(letter, combining_tone(text[i + 1]))) {
        letter = composed;
        ++i;
      }
    }
    append_utf8(reading.utf8, letter);
  }
  return reading;
}

}  // namespace

std::optional<std::string> decode_viqr(std::string_view ascii) {
  constexpr std::size_t sample = std::size_t{64} * 1024;
  const auto part = read(ascii.substr(0, sample));
  const auto share = vietnamese_share(part.utf8);
  const bool enough = part.qualities >= 3 && share.syllables >= 4 &&
                      part.qualities * 6 >= static_cast<int>(share.syllables);
  if (!enough || share.known < 0.85 || share.marked < 0.5) return std::nullopt;
  return read(ascii).utf8;
}

}  // namespace khochung::text

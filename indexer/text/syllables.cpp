#include "indexer/text/syllables.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "indexer/text/pieces.hpp"

namespace khochung::text {

namespace {

/// Rhymes by their first vowel, marks of quality kept, tones not.
constexpr auto rhymes_in_order = [] {
  auto rhymes = std::to_array<std::string_view>(
      {"a",    "ac",   "ach", "ai",   "am",  "an",   "ang",  "anh", "ao",   "ap",   "at",
       "au",   "ay",   "ăc",  "ăk",   "ăm",  "ăn",   "ăng",  "ăp",  "ăt",   "âc",   "âm",
       "ân",   "âng",  "âp",  "ât",   "âu",  "ây",   "e",    "ec",  "em",   "en",   "eng",
       "eo",   "ep",   "et",  "ê",    "êch", "êm",   "ên",   "ênh", "êp",   "êt",   "êu",
       "i",    "ia",   "ich", "im",   "in",  "inh",  "ip",   "it",  "iu",   "iêc",  "iêm",
       "iên",  "iêng", "iêp", "iêt",  "iêu", "o",    "oc",   "oi",  "om",   "on",   "ong",
       "op",   "ot",   "ooc", "oong", "oa",  "oac",  "oach", "oai", "oam",  "oan",  "oang",
       "oanh", "oao",  "oap", "oat",  "oay", "oăc",  "oăm",  "oăn", "oăng", "oăt",  "oe",
       "oem",  "oen",  "oeo", "oet",  "ô",   "ôc",   "ôi",   "ôm",  "ôn",   "ông",  "ôp",
       "ôt",   "ơ",    "ơi",  "ơm",   "ơn",  "ơp",   "ơt",   "u",   "ua",   "uc",   "ui",
       "um",   "un",   "ung", "up",   "ut",  "uôc",  "uôi",  "uôm", "uôn",  "uông", "uôt",
       "uân",  "uâng", "uât", "uây",  "uê",  "uêch", "uênh", "uơ",  "uy",   "uya",  "uych",
       "uyn",  "uynh", "uyp", "uyt",  "uyu", "uyên", "uyêt", "ư",   "ưa",   "ưc",   "ưi",
       "ưm",   "ưn",   "ưng", "ưt",   "ưu",  "ươc",  "ươi",  "ươm", "ươn",  "ương", "ươp",
       "ươt",  "ươu",  "y",   "yêm",  "yên", "yêng", "yêt",  "yêu"});
  std::ranges::sort(rhymes);
  return rhymes;
}();

/// Rhymes that "qu" takes although they do not stand alone or begin with another vowel.
constexpr auto rhymes_after_qu =
    std::to_array<std::string_view>({"ôc", "y", "yên", "yêt", "ych", "yn", "ynh", "yp", "yt", "ơ"});

/// Longer onsets before their beginnings, so that the first that fits is the longest.
constexpr auto onsets = std::to_array<std::string_view>(
    {"ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d",
     "đ",   "g",  "h",  "k",  "l",  "m",  "n",  "p",  "r",  "s",  "t",  "v", "x", ""});

bool is_rhyme(std::string_view text) {
  return std::ranges::binary_search(rhymes_in_order, text);
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](auto start) { return text.starts_with(start); });
}

bool is_front(std::string_view rhyme) {
  return starts_with_any(rhyme, {"i", "e", "ê", "y"});
}

/// Whether `rhyme` may follow `onset`: c, g and ng stand before back vowels, k, gh and ngh before
/// front ones; the syllables "gì", "giếng" lose an i.
bool may_follow(std::string_view onset, std::string_view rhyme) {
  if (onset == "qu") {
    return std::ranges::find(rhymes_after_qu, rhyme) != rhymes_after_qu.end() ||
           (is_rhyme(rhyme) && starts_with_any(rhyme, {"a", "ă", "â", "e", "ê", "i"}));
  }
  if (onset == "gi") {
    return rhyme.empty() || rhyme == "n" || rhyme == "êng" || rhyme == "êc" || rhyme == "êt" ||
           (is_rhyme(rhyme) && !is_front(rhyme)) || (is_rhyme(rhyme) && rhyme.starts_with("e"));
  }
  if (!is_rhyme(rhyme)) return false;
  if (onset == "c" || onset == "g" || onset == "ng") return !is_front(rhyme);
  // k before other vowels stands in names of the Central Highlands only.
  if (onset == "k" || onset == "gh" || onset == "ngh") return is_front(rhyme);
  if (rhyme.starts_with("y")) return onset.empty() || rhyme == "y";
  return !(onset.empty() && (rhyme.starts_with("iê")));
}

/// Syllables closed by p, t, c or ch carry acute or dot only.
bool may_carry(std::string_view rhyme, std::uint8_t tone) {
  const bool stopped = rhyme.ends_with('p') || rhyme.ends_with('t') || rhyme.ends_with('c') ||
                       rhyme.ends_with("ch") || rhyme.ends_with('k');
  return !stopped || tone == 1 || tone == 5;
}

}  // namespace

bool is_syllable(std::string_view marked) {
  if (marked.empty() || marked.size() > 12) return false;
  std::string plain;
  std::uint8_t tone = 0;
  PieceReader pieces(marked);
  for (Piece piece; pieces.next(piece);) {
    if (piece.tone != 0 && std::exchange(tone, piece.tone) != 0) return false;
    if (piece.vowel == no_vowel) {
      plain += piece.lower;
    } else {
      append_utf8(plain, vowels[piece.vowel][0]);
    }
  }
  return std::ranges::any_of(onsets, [&](auto onset) {
    if (!std::string_view(plain).starts_with(onset)) return false;
    const auto rhyme = std::string_view(plain).substr(onset.size());
    return may_follow(onset, rhyme) && may_carry(rhyme, tone);
  });
}

}  // namespace khochung::text

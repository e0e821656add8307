#include "indexer/text/legacy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "indexer/text/charset.hpp"
#include "indexer/text/legacy_tables.hpp"
#include "indexer/text/pieces.hpp"
#include "indexer/text/syllables.hpp"
#include "indexer/text/vietnamese.hpp"
#include "indexer/text/viqr.hpp"

namespace khochung::text {

namespace {

/// So much of a file's text with high bytes is enough to know its encoding.
constexpr std::size_t sample_bytes = std::size_t{16} * 1024;

/// Of the words with high bytes, so many must come out as syllables. Measured 2026-11-23 on the
/// nine sets and on French, German and English: right decodings reach 0.9 and more, wrong ones 0.5.
constexpr double least_valid = 0.7;

bool is_high(char byte) {
  return static_cast<unsigned char>(byte) >= 0x80;
}

/// How well a decoding reads as Vietnamese.
struct Score {
  int all = 0;    ///< words
  int words = 0;  ///< that have a letter beyond ASCII
  int valid = 0;  ///< of them, how many are syllables in one case
  int broken =
      0;  ///< words with a capital behind a small letter ("tRình"): wrong decodings have them
  int symbols = 0;  ///< characters that nobody writes between words

  /// Whether the words suffice to judge: a dash in an English text is no Vietnamese.
  bool is_evidence() const { return valid > 0 && (words >= 10 || words * 4 >= all); }
  double share() const { return words == 0 ? 0.0 : static_cast<double>(valid) / words; }
  double points() const { return valid - 1.5 * (words - valid) - 0.5 * symbols; }
};

bool is_usual_punctuation(char32_t code_point) {
  constexpr std::u32string_view usual = U"“”‘’–—…•·«»°§\u00A0€©®";
  return usual.find(code_point) != std::u32string_view::npos;
}

/// Whether no capital follows a small letter.
bool has_one_case(std::string_view word) {
  PieceReader pieces(word);
  bool small = false;
  for (Piece piece; pieces.next(piece);) {
    const bool is_small = word.substr(piece.begin, piece.end - piece.begin) == piece.lower;
    if (small && !is_small) return false;
    small = is_small;
  }
  return true;
}

int strange_symbols(std::string_view utf8) {
  int symbols = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto code_point = next_code_point(utf8, at);
    if (code_point < 0x80 || code_point >= table_end) {
      symbols += code_point == 0xFFFD ? 2 : 0;
      continue;
    }
    const auto& letter = letter_table()[code_point];
    if (letter.role != Role::letter && !is_usual_punctuation(code_point)) ++symbols;
  }
  return symbols;
}

Score score_of(std::string_view utf8) {
  Score score;
  Tokeniser tokens(utf8);
  while (const auto* token = tokens.next()) {
    ++score.all;
    if (std::ranges::none_of(token->marked, is_high)) continue;
    ++score.words;
    const auto word = utf8.substr(token->begin, token->end - token->begin);
    const bool one_case = has_one_case(word);
    if (!one_case) ++score.broken;
    if (one_case && is_syllable(token->marked)) ++score.valid;
  }
  score.symbols = strange_symbols(utf8);
  return score;
}

/// The lines with high bytes, up to the sample's size.
std::string sample_of(std::string_view bytes) {
  std::string sample;
  while (!bytes.empty() && sample.size() < sample_bytes) {
    const auto end = std::min(bytes.find_first_of("\r\n"), std::min(bytes.size(), sample_bytes));
    const auto line = bytes.substr(0, end);
    if (std::ranges::any_of(line, is_high)) {
      sample += line;
      sample += '\n';
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return sample;
}

/// The set in which the bytes read best, or nullptr where none reads as Vietnamese.
const Charset* detect(std::string_view bytes) {
  const auto sample = sample_of(bytes);
  const auto plain = Charset::find("windows-1252")->decode(sample);
  const Charset* best = nullptr;
  Score best_score;
  for (const auto& charset : Charset::all()) {
    const auto decoded = charset.decode(sample);
    if (decoded == plain) continue;  // "à la carte" is the same in several
    const auto score = score_of(decoded);
    if (best == nullptr || score.points() > best_score.points()) {
      best = &charset;
      best_score = score;
    }
  }
  if (best == nullptr || !best_score.is_evidence() || best_score.share() < least_valid)
    return nullptr;
  return best_score.points() > score_of(plain).points() ? best : nullptr;
}

struct Utf8Check {
  std::size_t good = 0;    ///< characters of several bytes
  std::size_t broken = 0;  ///< bytes that belong to none
};

Utf8Check check_utf8(std::string_view bytes) {
  Utf8Check check;
  for (std::size_t at = 0; at < bytes.size();) {
    if (!is_high(bytes[at])) {
      ++at;
      continue;
    }
    const auto begin = at;
    const auto code_point = next_code_point(bytes, at);
    const bool broken = code_point == 0xFFFD && at == begin + 1;
    ++(broken ? check.broken : check.good);
  }
  return check;
}

std::string mend_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) append_utf8(out, next_code_point(bytes, at));
  return out;
}

std::string from_utf16(std::string_view bytes, bool little) {
  const auto unit = [&](std::size_t i) {
    const char32_t first = static_cast<unsigned char>(bytes[i]);
    const char32_t second = static_cast<unsigned char>(bytes[i + 1]);
    return little ? (second << 8) | first : (first << 8) | second;
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    auto code_point = unit(i);
    if (code_point >= 0xD800 && code_point < 0xDC00 && i + 3 < bytes.size() &&
        (unit(i + 2) & 0xFC00) == 0xDC00) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    } else if (code_point >= 0xD800 && code_point < 0xE000) {
      code_point = 0xFFFD;
    }
    append_utf8(out, code_point);
  }
  return out;
}

/// UTF-16 by its mark, or by every other byte of the beginning being zero.
std::optional<Decoded> decode_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return Decoded{from_utf16(bytes.substr(2), true), "UTF-16LE"};
  if (bytes.starts_with("\xFE\xFF")) return Decoded{from_utf16(bytes.substr(2), false), "UTF-16BE"};
  const auto head = bytes.substr(0, 512);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < head.size(); ++i) zeros[i % 2] += head[i] == '\0' ? 1 : 0;
  if (head.size() < 8) return std::nullopt;
  if (zeros[0] == 0 && zeros[1] * 5 > head.size() / 2)
    return Decoded{from_utf16(bytes, true), "UTF-16LE"};
  if (zeros[1] == 0 && zeros[0] * 5 > head.size() / 2)
    return Decoded{from_utf16(bytes, false), "UTF-16BE"};
  return std::nullopt;
}

/// The byte that was taken for this character, if any was.
std::optional<char> byte_behind(char32_t code_point) {
  if (code_point < 0x100) return static_cast<char>(code_point);
  const auto found = std::ranges::find(windows_1252_high, code_point);
  if (found == windows_1252_high.end()) return std::nullopt;
  return static_cast<char>(0x80 + (found - windows_1252_high.begin()));
}

/// The bytes that a line was before it was taken for Latin-1; nothing where that cannot have been.
std::optional<std::string> bytes_behind(std::string_view line) {
  std::string bytes;
  for (std::size_t at = 0; at < line.size();) {
    const auto byte = byte_behind(next_code_point(line, at));
    if (!byte) return std::nullopt;
    bytes += *byte;
  }
  return bytes;
}

struct Line {
  std::string_view text;                ///< with its line end
  std::optional<std::string> suspects;  ///< its bytes, if it could be legacy text
};

std::vector<Line> lines_of(std::string_view utf8) {
  std::vector<Line> lines;
  while (!utf8.empty()) {
    const auto end = utf8.find('\n');
    const auto text = utf8.substr(0, end == std::string_view::npos ? utf8.size() : end + 1);
    const bool high = std::ranges::any_of(text, is_high);
    lines.push_back({text, high ? bytes_behind(text) : std::nullopt});
    utf8.remove_prefix(text.size());
  }
  return lines;
}

/// Many words that read well against a text that does not; of a few words all must, and what stands
/// there must be such as nobody writes ("X¸c suÊt").
bool is_clearly_better(const Score& repaired, const Score& as_it_is) {
  if (repaired.valid >= 6 && repaired.share() >= 0.8 && as_it_is.share() <= 0.4) return true;
  return repaired.valid >= 3 && repaired.share() == 1.0 && as_it_is.valid == 0 &&
         as_it_is.broken + as_it_is.symbols > 0;
}

}  // namespace

Decoded repair_mojibake(std::string_view utf8) {
  Decoded unchanged{std::string(utf8), ""};
  if (std::ranges::none_of(utf8, is_high)) return unchanged;
  const auto lines = lines_of(utf8);
  std::string bytes;
  std::string as_it_is;
  for (const auto& line : lines) {
    if (!line.suspects || bytes.size() > sample_bytes) continue;
    bytes += *line.suspects;
    as_it_is += line.text;
  }
  const auto* charset = detect(bytes);
  if (charset == nullptr || charset->name() == "windows-1258") return unchanged;
  if (!is_clearly_better(score_of(charset->decode(bytes)), score_of(as_it_is))) return unchanged;
  Decoded result{"", std::string(charset->name())};
  for (const auto& line : lines) {
    const auto decoded = line.suspects ? charset->decode(*line.suspects) : std::string();
    const bool better = line.suspects && score_of(decoded).points() > score_of(line.text).points();
    result.utf8 += better ? std::string_view(decoded) : line.text;
  }
  return result;
}

Decoded decode(std::string_view bytes) {
  if (auto utf16 = decode_utf16(bytes)) return std::move(*utf16);
  if (bytes.starts_with("\xEF\xBB\xBF")) return {mend_utf8(bytes.substr(3)), "UTF-8"};
  const auto check = check_utf8(bytes);
  if (check.good == 0 && check.broken == 0) {
    if (auto viqr = decode_viqr(bytes)) return {std::move(*viqr), "VIQR"};
    return {std::string(bytes), "UTF-8"};
  }
  if (check.broken * 10 <= check.good) {
    auto mended = mend_utf8(bytes);
    auto repaired = repair_mojibake(mended);
    if (repaired.encoding.empty()) return {std::move(mended), "UTF-8"};
    return {std::move(repaired.utf8), repaired.encoding + " as UTF-8"};
  }
  const auto* charset = detect(bytes);
  if (charset == nullptr) charset = Charset::find("windows-1252");
  return {charset->decode(bytes), std::string(charset->name())};
}

std::string_view encoding_of_font(std::string_view font) {
  std::string name = folded_form(font);
  std::erase(name, ' ');
  const auto starts = [&](std::string_view prefix) { return name.starts_with(prefix); };
  if (starts(".vn")) return "TCVN3";
  if (starts("vni-")) return "VNI-WIN";
  if (starts("vps") || starts("vntimesnewroman") || starts("vnarial")) return "VPS";
  return "";
}

std::string decode_as(std::string_view bytes, std::string_view encoding) {
  if (encoding == "UTF-16LE" || encoding == "UTF-16BE")
    return from_utf16(bytes, encoding == "UTF-16LE");
  const auto* charset = Charset::find(encoding);
  return charset == nullptr ? mend_utf8(bytes) : charset->decode(bytes);
}

std::string repair_as(std::string_view utf8, std::string_view encoding) {
  const auto* charset = Charset::find(encoding);
  if (charset == nullptr) return std::string(utf8);
  std::string out;
  std::string bytes;
  const auto flush = [&] {
    out += charset->decode(bytes);
    bytes.clear();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const auto code_point = next_code_point(utf8, at);
    if (const auto byte = byte_behind(code_point)) {
      bytes += *byte;
      continue;
    }
    flush();
    append_utf8(out, code_point);
  }
  flush();
  return out;
}

}  // namespace khochung::text

#include "indexer/index/terms.hpp"

#include <algorithm>
#include <array>

namespace khochung::index {
namespace {

// The bytes that build a signature. Letters of marked words are never below 0x20.
constexpr char begin_marks = '\x01';
constexpr char next_syllable = '\x02';
constexpr char whole_word = '\x03';     ///< the marked word follows as it is
constexpr char plain_letters = '\x03';  ///< plus n: n letters without marks are passed over
constexpr std::size_t most_plain_letters = 27;
constexpr char first_letter_code = '\x20';
constexpr char pair_letter = 'P';

/// Each marked letter of Vietnamese has one byte: its place here. Never reorder (format_version).
constexpr std::u32string_view marked_letters =
    U"àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ";

/// Reads one code point; text was normalised, so it is whole.
char32_t next_letter(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t letter = lead < 0x80 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length && at + i < text.size(); ++i)
    letter = (letter << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  at = std::min(at + length, text.size());
  return letter;
}

std::size_t letter_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

void append_plain_letters(std::string& out, std::size_t count) {
  while (count > 0) {
    const auto step = std::min(count, most_plain_letters);
    out.push_back(static_cast<char>(plain_letters + static_cast<char>(step)));
    count -= step;
  }
}

/// What turns `folded` back into `marked`; nothing when they are equal.
void append_signature(std::string& out, std::string_view marked, std::string_view folded) {
  if (marked == folded) return;
  const auto begin = out.size();
  if (letter_count(marked) == letter_count(folded)) {
    std::size_t plain = 0;
    bool is_vietnamese = true;
    for (std::size_t m = 0, f = 0; m < marked.size() && is_vietnamese;) {
      const auto letter = next_letter(marked, m);
      if (letter == next_letter(folded, f)) {
        ++plain;
        continue;
      }
      const auto code = marked_letters.find(letter);
      is_vietnamese = code != std::u32string_view::npos;
      append_plain_letters(out, plain);
      plain = 0;
      out.push_back(static_cast<char>(first_letter_code + static_cast<char>(code)));
    }
    if (is_vietnamese) return;
    out.resize(begin);
  }
  out.push_back(whole_word);
  out.append(marked);
}

void append_utf8(std::string& out, char32_t letter) {
  if (letter < 0x80) {
    out.push_back(static_cast<char>(letter));
  } else if (letter < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (letter >> 6U)));
    out.push_back(static_cast<char>(0x80U | (letter & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xE0U | (letter >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((letter >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (letter & 0x3FU)));
  }
}

std::string with_marks(std::string_view folded, std::string_view signature) {
  if (!signature.empty() && signature.front() == whole_word)
    return std::string(signature.substr(1));
  std::string marked;
  std::size_t at = 0;
  for (const char byte : signature) {
    if (byte >= first_letter_code) {
      const auto code = static_cast<std::size_t>(byte - first_letter_code);
      if (code < marked_letters.size()) append_utf8(marked, marked_letters[code]);
      if (at < folded.size()) next_letter(folded, at);
      continue;
    }
    for (int passed = 0; passed < byte - plain_letters && at < folded.size(); ++passed) {
      const auto begin = at;
      next_letter(folded, at);
      marked.append(folded.substr(begin, at - begin));
    }
  }
  return marked.append(folded.substr(at));
}

/// FNV-1a, so that two long values that begin alike stay two terms.
std::string bounded(char prefix, std::string_view value) {
  std::string term(1, prefix);
  if (value.size() < max_term_bytes) return term.append(value);
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : value) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return term.append(value.substr(0, max_term_bytes - 24)).append(std::to_string(hash));
}

std::string packed_id(char prefix, MaterialId id) {
  std::string term(1, prefix);
  for (const char c : id.text()) {
    if (c != '-') term.push_back(c);
  }
  return term;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

constexpr std::size_t id_length = 36;

}  // namespace

std::string syllable_term(const text::Token& token) {
  std::string term = token.folded;
  term.push_back(begin_marks);
  append_signature(term, token.marked, token.folded);
  return term;
}

std::string pair_term(const text::Token& first, const text::Token& second) {
  std::string term = pair_prefix(first.folded, second.folded);
  append_signature(term, first.marked, first.folded);
  if (second.marked != second.folded) {
    term.push_back(next_syllable);
    append_signature(term, second.marked, second.folded);
  }
  if (term.size() > max_term_bytes) term.clear();
  return term;
}

std::string syllable_prefix(std::string_view folded) {
  return std::string(folded) + begin_marks;
}

std::string pair_prefix(std::string_view first_folded, std::string_view second_folded) {
  std::string term;
  term.reserve(first_folded.size() + second_folded.size() + 12);
  term.push_back(pair_letter);
  term.append(first_folded).append(1, ' ').append(second_folded).push_back(begin_marks);
  return term;
}

std::string words_of_term(std::string_view term) {
  const auto marks = term.find(begin_marks);
  if (marks == std::string_view::npos) return std::string(term);
  auto folded = term.substr(0, marks);
  auto signature = term.substr(marks + 1);
  if (folded.empty() || folded.front() != pair_letter) return with_marks(folded, signature);
  folded.remove_prefix(1);
  const auto blank = folded.find(' ');
  const auto cut = signature.find(next_syllable);
  const auto second =
      cut == std::string_view::npos ? std::string_view{} : signature.substr(cut + 1);
  return with_marks(folded.substr(0, blank), signature.substr(0, cut)) + " " +
         with_marks(folded.substr(blank + 1), second);
}

std::string id_term(MaterialId id) {
  return packed_id('Q', id);
}
std::string unit_term(UnitNumber unit) {
  return "U" + std::to_string(unit);
}
std::string creator_term(std::string_view account) {
  return bounded('A', account);
}
std::string recipient_term(std::string_view account) {
  return bounded('R', account);
}
std::string day_prefix() {
  return "D";
}
std::string day_term(Instant created) {
  return day_prefix() + to_rfc3339(created).substr(0, 10);
}
std::string part_of_term(MaterialId whole) {
  return packed_id('O', whole);
}
std::string kind_term(std::string_view kind) {
  return bounded('K', kind);
}
std::string concept_term(std::size_t field, std::string_view concept_id) {
  constexpr std::array<char, concept_fields.size()> letters{'T', 'G', 'C', 'F'};
  return bounded(letters.at(field), concept_id);
}
std::string year_term(int year) {
  return "Y" + std::to_string(year);
}
std::string language_term(std::string_view language) {
  return bounded('L', language);
}
std::string media_term(std::string_view media_kind) {
  return bounded('M', media_kind);
}
std::string number_term(std::string_view canonical_number) {
  return bounded('N', canonical_number);
}
std::string everybody_term() {
  return "A";
}
std::string title_term(std::string_view folded_rest_of_title) {
  auto cut = std::min(folded_rest_of_title.size(), max_title_term_bytes);
  while (cut > 0 && cut < folded_rest_of_title.size() && (folded_rest_of_title[cut] & 0xC0) == 0x80)
    --cut;
  return "X" + std::string(folded_rest_of_title.substr(0, cut));
}

std::string instant_value(Instant instant) {
  std::string value;
  // Shifted so that instants before 1970 sort before the others.
  append_big_endian(
      value, static_cast<std::uint64_t>(instant.time_since_epoch().count()) + (1ULL << 63U), 8);
  return value;
}

std::string FacetValues::packed() const {
  std::string value;
  append_big_endian(value, unit, 4);
  append_big_endian(value, static_cast<std::uint64_t>(std::clamp(year, 0, 9999)), 2);
  return value.append(kind).append(1, '\0').append(language).append(1, '\0').append(media_kind);
}

FacetValues FacetValues::unpacked(std::string_view value) {
  FacetValues facets;
  if (value.size() < 6) return facets;
  facets.unit = unit_of_packed(value);
  facets.year = static_cast<int>(big_endian(value.substr(4, 2)));
  value.remove_prefix(6);
  const auto first = value.find('\0');
  const auto second = value.find('\0', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return facets;
  facets.kind = value.substr(0, first);
  facets.language = value.substr(first + 1, second - first - 1);
  facets.media_kind = value.substr(second + 1);
  return facets;
}

std::string packed(const FacetValues& values, const FacetConcepts& concepts) {
  auto value = values.packed();
  const auto is_empty = [](const std::string& ids) { return ids.empty(); };
  if (std::ranges::all_of(concepts, is_empty)) return value;
  for (const auto& ids : concepts) value.append(1, '\0').append(ids);
  return value;
}

std::size_t concepts_place(std::string_view value) {
  constexpr std::size_t numbers = 6;
  constexpr int texts_before = 3;
  auto at = numbers;
  for (int passed = 0; passed < texts_before && at != std::string_view::npos; ++passed)
    at = value.find('\0', passed == 0 ? at : at + 1);
  return std::min(at, value.size());
}

FacetConcepts concepts_of_packed(std::string_view tail) {
  FacetConcepts concepts;
  for (auto& ids : concepts) {
    if (tail.empty()) break;
    tail.remove_prefix(1);
    ids = tail.substr(0, tail.find('\0'));
    tail.remove_prefix(ids.size());
  }
  return concepts;
}

UnitNumber unit_of_packed(std::string_view value) {
  return static_cast<UnitNumber>(big_endian(value.substr(0, 4)));
}

void remove_unit(std::string& packed_value) {
  std::fill_n(packed_value.begin(), std::min<std::size_t>(4, packed_value.size()), '\0');
}

std::string RightsValue::packed() const {
  std::string value;
  append_big_endian(value, owner, 4);
  const auto standing = static_cast<unsigned>(visibility) * 16 + static_cast<unsigned>(state);
  append_big_endian(value, standing, 1);
  if (embargo_until == Instant::min()) return value;
  // Six bytes of milliseconds reach the year 10889; what is over is as good as none.
  constexpr std::int64_t last = (std::int64_t{1} << 48U) - 1;
  const auto until = std::clamp<std::int64_t>(embargo_until.time_since_epoch().count(), 0, last);
  append_big_endian(value, static_cast<std::uint64_t>(until), 6);
  return value;
}

RightsValue RightsValue::unpacked(std::string_view value) {
  constexpr std::size_t head = 5;
  RightsValue rights;
  if (value.size() < head) return rights;
  rights.owner = unit_of_packed(value);
  const auto standing = static_cast<unsigned char>(value[head - 1]);
  rights.visibility = static_cast<Visibility>(standing / 16);
  rights.state = static_cast<State>(standing % 16);
  if (value.size() > head) {
    const auto until = static_cast<std::int64_t>(big_endian(value.substr(head)));
    rights.embargo_until = Instant(std::chrono::milliseconds(until));
  }
  return rights;
}

std::string DocumentData::packed() const {
  return id.text().append(1, is_withdrawn ? 'w' : '-').append(title);
}

Result<DocumentData> DocumentData::unpacked(std::string_view data) {
  if (data.size() <= id_length) return fail(ErrorCode::corrupt, "index: a document without data");
  DocumentData unpacked;
  unpacked.id = KHOCHUNG_TRY(MaterialId::parse(data.substr(0, id_length)));
  unpacked.is_withdrawn = data[id_length] == 'w';
  unpacked.title = data.substr(id_length + 1);
  return unpacked;
}

}  // namespace khochung::index

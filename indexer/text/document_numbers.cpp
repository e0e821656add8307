#include "indexer/text/document_numbers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "indexer/text/page_lines.hpp"
#include "indexer/text/pieces.hpp"
#include "indexer/text/syllables.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

/// Longer runs are addresses of web pages or tables, not numbers of documents.
constexpr std::size_t max_number_bytes = 48;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// Whether a token can be a part of the symbol behind the slash: "TLĐ", "CTr", "QH15", "nđ" as
/// typed in a hurry; not "tháng" or "kg". Behind a first part ("qđ-ubnd") any abbreviation may
/// follow.
bool is_symbol(const Token& token, std::string_view as_written, bool behind_symbol) {
  const std::string_view folded = token.folded;
  if (folded.size() < 2 || folded.size() > 14 || is_digit(folded[0])) return false;
  if (is_all_capitals(as_written)) return true;
  constexpr auto units = std::to_array<std::string_view>({"kg", "km", "cm", "mm", "ml", "th"});
  if (std::ranges::find(units, folded) != units.end()) return false;
  const bool has_vowel = folded.find_first_of("aeiou") != std::string_view::npos;
  return !has_vowel || (behind_symbol && !is_syllable(token.marked));
}

std::string upper(std::string_view folded) {
  std::string out(folded);
  for (auto& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string without_leading_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return std::string(first == std::string_view::npos ? "0" : digits.substr(first));
}

/// What joins two tokens of a number: '/' or '-' with at most a blank on each side; 0 if nothing
/// does.
char joint_between(std::string_view gap) {
  char joint = 0;
  PieceReader pieces(gap);
  for (Piece piece; pieces.next(piece);) {
    if (piece.role == Role::blank || piece.role == Role::ignored) continue;
    const char found = piece.lower == "/" ? '/' : piece.role == Role::dash ? '-' : '\0';
    if (found == 0 || joint != 0) return 0;
    joint = found;
  }
  return gap.size() <= 5 ? joint : '\0';
}

bool has_blank(std::string_view gap) {
  return gap.find(' ') != std::string_view::npos;
}

class NumberReader {
 public:
  NumberReader(std::string_view utf8, const std::vector<Token>& tokens)
      : utf8_(utf8), tokens_(tokens) {}

  /// The number that begins at token `at`, which moves behind it.
  std::optional<std::string> read(std::size_t& at) {
    if (!starts_number(at)) return std::nullopt;
    std::string number = without_leading_zeros(tokens_[at].folded);
    auto next = at + 1;
    bool symbol = false;
    for (; next < tokens_.size(); ++next) {
      const auto gap = gap_before(next);
      const char joint = joint_between(gap);
      if (joint == 0 || !may_go_on(next, joint, gap, symbol)) break;
      number += joint;
      number += upper(tokens_[next].folded);
      symbol = symbol || !all_digits(tokens_[next].folded);
    }
    if (!symbol || number.size() > max_number_bytes) return std::nullopt;
    at = next;
    return number;
  }

 private:
  std::string_view gap_before(std::size_t at) const {
    return utf8_.substr(tokens_[at - 1].end, tokens_[at].begin - tokens_[at - 1].end);
  }
  std::string_view written(std::size_t at) const {
    return utf8_.substr(tokens_[at].begin, tokens_[at].end - tokens_[at].begin);
  }

  /// Digits, perhaps with a letter ("12a"), not in the middle of a longer number.
  bool starts_number(std::size_t at) const {
    const auto& folded = tokens_[at].folded;
    const auto digits = folded.find_first_not_of("0123456789");
    const bool shape = is_digit(folded[0]) && folded.size() <= 7 &&
                       (digits == std::string::npos || digits + 1 == folded.size());
    return shape && (at == 0 || joint_between(gap_before(at)) != '/' || !has_no_blank_digits(at));
  }
  bool has_no_blank_digits(std::size_t at) const {
    return !has_blank(gap_before(at)) && all_digits(tokens_[at - 1].folded);
  }

  bool may_go_on(std::size_t at, char joint, std::string_view gap, bool behind_symbol) const {
    const auto& token = tokens_[at];
    if (all_digits(token.folded)) {
      const bool year = joint == '/' && token.folded.size() == 4 && !behind_symbol;
      return year && !has_blank(gap);
    }
    if (!is_symbol(token, written(at), behind_symbol)) return false;
    if (joint == '-' && !behind_symbol) {
      // "14514-CV/VPTW" of the Party: no slash before the symbol, and never a blank.
      return !has_blank(gap) && slash_follows(at);
    }
    // "Số 12/KH-TLĐ - Hà Nội": behind a dash with blanks only capitals go on.
    return joint == '/' || !has_blank(gap) || is_all_capitals(written(at));
  }
  bool slash_follows(std::size_t at) const {
    return at + 1 < tokens_.size() && joint_between(gap_before(at + 1)) == '/';
  }
  std::string_view utf8_;
  const std::vector<Token>& tokens_;
};

}  // namespace

std::vector<DocumentNumber> find_document_numbers(std::string_view utf8) {
  const auto tokens = tokenise(utf8);
  NumberReader reader(utf8, tokens);
  std::vector<DocumentNumber> numbers;
  for (std::size_t at = 0; at < tokens.size();) {
    const auto begin = at;
    if (auto number = reader.read(at)) {
      numbers.push_back({tokens[begin].begin, tokens[at - 1].end, std::move(*number)});
    } else {
      ++at;
    }
  }
  return numbers;
}

std::vector<std::string> document_numbers(std::string_view utf8) {
  std::vector<std::string> distinct;
  for (auto& number : find_document_numbers(utf8)) {
    if (std::ranges::find(distinct, number.canonical) == distinct.end()) {
      distinct.push_back(std::move(number.canonical));
    }
  }
  return distinct;
}

}  // namespace khochung::text

#include <algorithm>
#include <utility>

#include "indexer/text/pieces.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

constexpr std::size_t max_token_bytes = 64;

/// The longest syllable, nghiêng, has seven letters; longer tokens have no tone to move.
constexpr std::size_t max_spelled = 8;

struct Spelled {
  std::uint8_t vowel;
  std::uint8_t tone;
  char first_byte;
  std::uint8_t size;
};

bool is_glide_pair(std::uint8_t first, std::uint8_t second) {
  return (first == v_o && (second == v_a || second == v_e)) || (first == v_u && second == v_y);
}

/// Where the tone that stands on letter `at` belongs.
std::size_t place_of_tone(const Spelled* letters, std::size_t count, std::size_t at) {
  const auto vowel = [&](std::size_t i) { return i < count ? letters[i].vowel : no_vowel; };
  const auto after_q = [&](std::size_t i) { return i > 0 && letters[i - 1].first_byte == 'q'; };
  const auto main_vowel = [&](std::size_t i) {  // of the letters from i: y before ê gives way
    return vowel(i) == v_y && vowel(i + 1) == v_ee ? i + 1 : i;
  };
  if (after_q(at) && vowel(at) == v_u) {
    return vowel(at + 1) != no_vowel ? main_vowel(at + 1) : at;
  }
  const bool ends_here = at + 1 == count;
  if (ends_here && at > 0 && is_glide_pair(vowel(at - 1), vowel(at)) && !after_q(at - 1)) {
    return at - 1;
  }
  const bool pair_goes_on = at + 2 < count && is_glide_pair(vowel(at), vowel(at + 1));
  return pair_goes_on ? main_vowel(at + 1) : at;
}

/// Writes `marked` anew with its tone where it belongs. Source: the newer of the two usages
/// (hòa, thúy), which dictionaries and most software follow.
void place_tone(const Spelled* letters, std::size_t count, std::string& marked) {
  std::size_t at = 0;
  while (at < count && letters[at].tone == 0) ++at;
  const auto target = place_of_tone(letters, count, at);
  if (target == at || letters[target].tone != 0) return;
  std::string moved;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; offset += letters[i++].size) {
    if (i == at) {
      append_utf8(moved, vowels[letters[i].vowel][0]);
    } else if (i == target) {
      append_utf8(moved, vowels[letters[i].vowel][letters[at].tone]);
    } else {
      moved.append(marked, offset, letters[i].size);
    }
  }
  marked = std::move(moved);
}

}  // namespace

struct Tokeniser::State {
  explicit State(std::string_view utf8) : pieces(utf8) {}

  bool skip_to_letter(Piece& piece);
  void read_token(Piece piece);

  PieceReader pieces;
  std::string marked;
  std::string folded;
  bool at_start = true;
  bool cut = false;  ///< the token before was cut: this one goes on with it
  TokenView token;
};

/// Skips to the next letter and says in token.starts_run whether a break stood on the way.
bool Tokeniser::State::skip_to_letter(Piece& piece) {
  bool breaks = at_start;
  auto before = at_start ? Role::newline : Role::letter;
  Role last = before;
  int newlines = 0;
  while (pieces.next(piece)) {
    if (piece.role == Role::letter) {
      token.starts_run = breaks;
      return true;
    }
    if (piece.role == Role::ignored || piece.role == Role::mark) continue;
    const bool is_white = piece.role == Role::blank || piece.role == Role::newline;
    if (piece.role == Role::stop) breaks = true;
    if (piece.role == Role::newline && ++newlines == 2) breaks = true;
    if (!is_white) newlines = 0;
    // A point breaks unless letters stand on both sides, a dash if blanks do.
    if (piece.role == Role::point && last != Role::letter) breaks = true;
    if (last == Role::point) breaks = true;
    if (last == Role::dash && before != Role::letter && is_white) breaks = true;
    before = std::exchange(last, piece.role);
  }
  return false;
}

void Tokeniser::State::read_token(Piece piece) {
  marked.clear();
  folded.clear();
  Spelled letters[max_spelled];
  std::size_t count = 0;
  bool toned = false;
  token.begin = piece.begin;
  cut = false;
  do {
    if (piece.role == Role::letter) {
      if (marked.size() + piece.lower.size() > max_token_bytes && !marked.empty()) {
        pieces.move_to(piece.begin);
        cut = true;
        break;
      }
      marked += piece.lower;
      folded += piece.folded;
      if (count < max_spelled) {
        letters[count] = {piece.vowel, piece.tone, piece.lower.empty() ? '\0' : piece.lower[0],
                          static_cast<std::uint8_t>(piece.lower.size())};
      }
      ++count;
      toned = toned || piece.tone != 0;
    } else if (piece.role != Role::ignored && piece.role != Role::mark) {
      pieces.move_to(piece.begin);
      break;
    }
    token.end = piece.end;
  } while (pieces.next(piece));
  if (toned && count <= max_spelled) place_tone(letters, count, marked);
  token.marked = marked;
  token.folded = folded;
}

Tokeniser::Tokeniser(std::string_view utf8) : state_(std::make_unique<State>(utf8)) {}
Tokeniser::~Tokeniser() = default;
Tokeniser::Tokeniser(Tokeniser&&) noexcept = default;
Tokeniser& Tokeniser::operator=(Tokeniser&&) noexcept = default;

const TokenView* Tokeniser::next() {
  Piece piece;
  if (!state_->skip_to_letter(piece)) return nullptr;
  state_->at_start = false;
  state_->read_token(piece);
  return &state_->token;
}

std::vector<Token> tokenise(std::string_view utf8) {
  std::vector<Token> tokens;
  tokens.reserve(utf8.size() / 6);  // a Vietnamese syllable with its blank has six bytes
  Tokeniser reader(utf8);
  while (const auto* token = reader.next()) {
    tokens.push_back({token->begin, token->end, std::string(token->marked),
                      std::string(token->folded), token->starts_run});
  }
  return tokens;
}

}  // namespace khochung::text

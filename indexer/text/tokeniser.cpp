#include <algorithm>
#include <array>
#include <cstring>
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

/// A form of a token as it grows. One letter more than the limit fits, however wide.
class Form {
 public:
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool has_room_for(std::size_t more) const {
    return size_ == 0 || size_ + more <= max_token_bytes;
  }
  void add(const char (&four_bytes)[4], std::size_t size) {
    std::memcpy(bytes_.data() + size_, four_bytes, 4);
    size_ += size;
  }
  void add(std::string_view text) {
    const auto fits = std::min(text.size(), bytes_.size() - 4 - size_);
    std::memcpy(bytes_.data() + size_, text.data(), fits);
    size_ += fits;
  }

 private:
  std::array<char, 4 * max_token_bytes> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

struct Tokeniser::State {
  explicit State(std::string_view utf8) : pieces(utf8) {}

  bool skip_to_letter();
  void read_token();
  bool add_plain(const Letter& letter);
  bool add(const Piece& piece);
  void note(std::uint8_t vowel, std::uint8_t tone, std::string_view lower);
  void place_tone();

  PieceReader pieces;
  Form marked;
  Form folded;
  std::array<Spelled, max_spelled> letters;
  std::size_t count = 0;
  bool toned = false;
  bool at_start = true;
  TokenView token;
};

/// Moves to the next letter and says in token.starts_run whether a break stood on the way.
bool Tokeniser::State::skip_to_letter() {
  bool breaks = at_start;
  auto before = at_start ? Role::newline : Role::letter;
  auto last = before;
  int newlines = 0;
  Piece piece;
  while (true) {
    std::size_t size = 0;
    const auto* plain = pieces.plain(size);
    if (plain == nullptr && !pieces.next(piece)) return false;
    const auto role = plain != nullptr ? plain->role : piece.role;
    if (role == Role::letter) {
      if (plain == nullptr) pieces.move_to(piece.begin);
      token.starts_run = breaks;
      return true;
    }
    if (plain != nullptr) pieces.pass(size);
    if (role == Role::ignored || role == Role::mark) continue;
    const bool is_white = role == Role::blank || role == Role::newline;
    if (role == Role::stop) breaks = true;
    if (role == Role::newline && ++newlines == 2) breaks = true;
    if (!is_white) newlines = 0;
    // A point breaks unless letters stand on both sides, a dash if blanks do.
    if (role == Role::point && last != Role::letter) breaks = true;
    if (last == Role::point) breaks = true;
    if (last == Role::dash && before != Role::letter && is_white) breaks = true;
    before = std::exchange(last, role);
  }
}

void Tokeniser::State::note(std::uint8_t vowel, std::uint8_t tone, std::string_view lower) {
  if (count < max_spelled) {
    letters[count] = {vowel, tone, lower.empty() ? '\0' : lower[0],
                      static_cast<std::uint8_t>(lower.size())};
  }
  ++count;
  toned = toned || tone != 0;
}

bool Tokeniser::State::add_plain(const Letter& letter) {
  if (!marked.has_room_for(letter.lower_size) || !folded.has_room_for(letter.folded_size))
    return false;
  marked.add(letter.lower, letter.lower_size);
  folded.add(letter.folded, letter.folded_size);
  note(letter.vowel, letter.tone, letter.lower_form());
  return true;
}

bool Tokeniser::State::add(const Piece& piece) {
  if (!marked.has_room_for(piece.lower.size()) || !folded.has_room_for(piece.folded.size()))
    return false;
  marked.add(piece.lower);
  folded.add(piece.folded);
  note(piece.vowel, piece.tone, piece.lower);
  return true;
}

/// Reads the token that begins here; one that grows too long ends early, and the next goes on.
void Tokeniser::State::read_token() {
  marked.clear();
  folded.clear();
  count = 0;
  toned = false;
  token.begin = pieces.position();
  Piece piece;
  while (true) {
    std::size_t size = 0;
    if (const auto* plain = pieces.plain(size)) {
      if (plain->role != Role::letter && plain->role != Role::ignored) break;
      if (plain->role == Role::letter && !add_plain(*plain)) break;
      pieces.pass(size);
    } else if (pieces.next(piece)) {
      const bool belongs = piece.role == Role::letter
                               ? add(piece)
                               : piece.role == Role::ignored || piece.role == Role::mark;
      if (!belongs) {
        pieces.move_to(piece.begin);
        break;
      }
    } else {
      break;
    }
  }
  token.end = pieces.position();
  if (toned && count <= max_spelled) place_tone();
  token.marked = marked.view();
  token.folded = folded.view();
}

/// Writes the marked form anew with its tone where it belongs. Source: the newer of the two usages
/// (hòa, thúy), which dictionaries and most software follow.
void Tokeniser::State::place_tone() {
  std::size_t at = 0;
  while (letters[at].tone == 0) ++at;
  const auto target = place_of_tone(letters.data(), count, at);
  if (target == at || letters[target].tone != 0) return;
  const std::string before(marked.view());
  std::string moved;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; offset += letters[i++].size) {
    if (i == at) {
      append_utf8(moved, vowels[letters[i].vowel][0]);
    } else if (i == target) {
      append_utf8(moved, vowels[letters[i].vowel][letters[at].tone]);
    } else {
      moved.append(before, offset, letters[i].size);
    }
  }
  marked.clear();
  marked.add(moved);
}

Tokeniser::Tokeniser(std::string_view utf8) : state_(std::make_unique<State>(utf8)) {}
Tokeniser::~Tokeniser() = default;
Tokeniser::Tokeniser(Tokeniser&&) noexcept = default;
Tokeniser& Tokeniser::operator=(Tokeniser&&) noexcept = default;

const TokenView* Tokeniser::next() {
  if (!state_->skip_to_letter()) return nullptr;
  state_->at_start = false;
  state_->read_token();
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

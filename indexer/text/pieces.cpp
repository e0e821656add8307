#include "indexer/text/pieces.hpp"

namespace khochung::text {

namespace {

/// Marks of one letter that are kept; a letter with more is a prank or damage.
constexpr int marks_kept = 12;

Role role_of(char32_t code_point, const LetterTable& table) {
  return code_point < table_end ? table[code_point].role : describe(code_point).role;
}

}  // namespace

bool PieceReader::next_slowly(Piece& piece) {
  base_ = next_code_point(utf8_, at_);
  cluster_.clear();
  const bool takes_marks =
      base_ >= table_end || table_[base_].role == Role::letter || table_[base_].role == Role::mark;
  const bool composed = !takes_marks || !mark_may_follow(at_) || read_marks(base_);
  if (composed && base_ < table_end && !table_[base_].wide) {
    take(piece, table_[base_]);
  } else {
    take_wide(piece);
  }
  return true;
}

/// Moves behind the marks and what is invisible between them; whether `base` with all of them is
/// one Vietnamese letter, then put in `base`. If not, all are in cluster_.
bool PieceReader::read_marks(char32_t& base) {
  bool composed = true;
  int kept = 0;
  append_utf8(cluster_, base);
  for (auto at = at_; at < utf8_.size(); at_ = at) {
    const auto mark = next_code_point(utf8_, at);
    const auto role = role_of(mark, table_);
    if (role == Role::ignored) continue;
    if (role != Role::mark) break;
    if (++kept <= marks_kept) append_utf8(cluster_, mark);
    const auto letter = composed ? compose_vietnamese(base, mark) : 0;
    composed = letter != 0;
    if (composed) base = letter;
  }
  if (composed) cluster_.clear();
  return composed;
}

void PieceReader::take_wide(Piece& piece) {
  const auto begin = piece.begin;
  piece = Piece{};
  piece.begin = begin;
  piece.end = at_;
  if (cluster_.empty()) append_utf8(cluster_, base_);
  const auto composed = nfc(cluster_);
  lower_.clear();
  folded_.clear();
  for (std::size_t at = 0; at < composed.size();) {
    const bool first = at == 0;
    const auto letter = describe(next_code_point(composed, at));
    if (first) piece.role = letter.role;
    lower_ += letter.lower;
    folded_ += letter.folded;
  }
  piece.lower = lower_;
  piece.folded = folded_;
}

std::string PieceReader::repaired(const Piece& piece) const {
  const auto text = utf8_.substr(piece.begin, piece.end - piece.begin);
  std::string out;
  if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80) {
    out = text;
  } else if (cluster_.empty() && base_ < table_end) {
    const auto& letter = table_[base_];
    if (letter.changes) return describe(base_).repaired;
    append_utf8(out, base_);
  } else {
    const auto composed = nfc(cluster_);
    for (std::size_t at = 0; at < composed.size();) {
      out += describe(next_code_point(composed, at)).repaired;
    }
    out = nfc(out);
  }
  return out;
}

}  // namespace khochung::text

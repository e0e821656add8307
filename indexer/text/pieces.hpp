#pragma once

#include <string>
#include <string_view>

#include "indexer/text/letters.hpp"

/// A text, one character at a time, each with its combining marks. Only for the inside of this
/// room.
namespace khochung::text {

/// A character with its marks; the views live until the next piece is read.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  Role role = Role::other;
  std::uint8_t vowel = no_vowel;
  std::uint8_t tone = 0;
  bool marked = false;
  std::string_view lower;
  std::string_view folded;
};

/// Reads pieces. Plain NFC comes from the table; ICU is asked only where a combining mark follows
/// that is not Vietnamese, or above the table.
class PieceReader {
 public:
  explicit PieceReader(std::string_view utf8, std::size_t at = 0)
      : utf8_(utf8), at_(at), table_(letter_table()) {}

  bool next(Piece& piece) {
    if (at_ >= utf8_.size()) return false;
    piece.begin = at_;
    const auto lead = static_cast<unsigned char>(utf8_[at_]);
    if (lead < 0x80 && !mark_may_follow(at_ + 1)) {
      ++at_;
      take(piece, table_[lead]);
      return true;
    }
    return next_slowly(piece);
  }

  /// The next character if it is in the table and nothing follows that could belong to it, else
  /// nullptr: the way by which nearly all text goes. `pass` moves behind it.
  const Letter* plain(std::size_t& size) const {
    if (at_ >= utf8_.size()) return nullptr;
    const char32_t lead = byte(at_);
    char32_t code_point = lead;
    size = 1;
    if (lead >= 0x80) {
      if (lead >= 0xC2 && lead < 0xCC && is_trail(at_ + 1)) {
        size = 2;
        code_point = ((lead & 0x1F) << 6) | (byte(at_ + 1) & 0x3Fu);
      } else if (lead == 0xE1 && is_trail(at_ + 1) && is_trail(at_ + 2)) {
        size = 3;
        code_point = 0x1000 | ((byte(at_ + 1) & 0x3Fu) << 6) | (byte(at_ + 2) & 0x3Fu);
      } else {
        return nullptr;
      }
    }
    const auto& letter = table_[code_point];
    if (letter.role == Role::mark || letter.wide) return nullptr;
    const auto end = at_ + size;
    // The letters with marks, U+1E80 to U+1EFF, begin with the same byte as some marks.
    const bool vietnamese_follows = end + 1 < utf8_.size() && byte(end) == 0xE1 &&
                                    (byte(end + 1) == 0xBA || byte(end + 1) == 0xBB);
    return vietnamese_follows || !mark_may_follow(end) ? &letter : nullptr;
  }
  void pass(std::size_t size) { at_ += size; }

  std::size_t position() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }

  /// The piece read last, repaired and in NFC, its case kept.
  std::string repaired(const Piece& piece) const;

 private:
  unsigned char byte(std::size_t at) const { return static_cast<unsigned char>(utf8_[at]); }
  bool is_trail(std::size_t at) const { return at < utf8_.size() && (byte(at) & 0xC0u) == 0x80u; }

  /// Every combining mark has a lead byte of 0xCC or more; the soft hyphen has 0xC2.
  bool mark_may_follow(std::size_t at) const {
    if (at >= utf8_.size()) return false;
    const auto lead = static_cast<unsigned char>(utf8_[at]);
    return lead >= 0xCC || lead == 0xC2;
  }
  void take(Piece& piece, const Letter& letter) const {
    piece.end = at_;
    piece.role = letter.role;
    piece.vowel = letter.vowel;
    piece.tone = letter.tone;
    piece.marked = letter.marked;
    piece.lower = letter.lower_form();
    piece.folded = letter.folded_form();
  }
  bool next_slowly(Piece& piece);
  bool read_marks(char32_t& base);
  void take_wide(Piece& piece);

  std::string_view utf8_;
  std::size_t at_ = 0;
  const LetterTable& table_;
  char32_t base_ = 0;    ///< of the piece read last by next_slowly, composed where possible
  std::string cluster_;  ///< the same with all its marks, where they did not compose; else empty
  std::string lower_;
  std::string folded_;
};

}  // namespace khochung::text

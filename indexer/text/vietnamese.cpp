#include "indexer/text/vietnamese.hpp"

#include "indexer/text/pieces.hpp"

namespace khochung::text {

namespace {

/// The whole text with each token replaced by one of its forms, what stands between made plain.
std::string rewrite(std::string_view utf8, std::string_view TokenView::* form_of_token,
                    std::string_view Piece::* form_of_piece) {
  std::string out;
  out.reserve(utf8.size());
  std::size_t done = 0;
  const auto write_gap = [&](std::size_t until) {
    PieceReader pieces(utf8.substr(0, until), done);
    Piece piece;
    while (pieces.next(piece)) out += piece.*form_of_piece;
  };
  Tokeniser tokens(utf8);
  while (const auto* token = tokens.next()) {
    write_gap(token->begin);
    out += token->*form_of_token;
    done = token->end;
  }
  write_gap(utf8.size());
  return out;
}

}  // namespace

std::string normalise(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  PieceReader pieces(utf8);
  Piece piece;
  while (pieces.next(piece)) {
    if (piece.end - piece.begin == 1 && static_cast<unsigned char>(utf8[piece.begin]) < 0x80) {
      out += utf8[piece.begin];
    } else {
      out += pieces.repaired(piece);
    }
  }
  return out;
}

std::string marked_form(std::string_view utf8) {
  return rewrite(utf8, &TokenView::marked, &Piece::lower);
}

std::string folded_form(std::string_view utf8) {
  return rewrite(utf8, &TokenView::folded, &Piece::folded);
}

bool has_marks(std::string_view utf8) {
  PieceReader pieces(utf8);
  Piece piece;
  while (pieces.next(piece)) {
    if (piece.marked) return true;
  }
  return false;
}

}  // namespace khochung::text

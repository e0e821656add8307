#include <utility>

#include "indexer/workers/markup_text.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20;

}  // namespace

void TextBuilder::put(std::string_view text) {
  if (text_.size() + text.size() <= most_bytes) text_.append(text);
}

void TextBuilder::strip_blanks() {
  while (!text_.empty() && (text_.back() == ' ' || text_.back() == '\t')) text_.pop_back();
}

void TextBuilder::tab() {
  while (text_.ends_with(' ')) text_.pop_back();
  put("\t");
}

void TextBuilder::line_end() {
  strip_blanks();
  if (!text_.empty() && !text_.ends_with("\n\n")) put("\n");
}

void TextBuilder::paragraph_end() {
  strip_blanks();
  while (!text_.empty() && !text_.ends_with("\n\n")) {
    if (text_.size() >= most_bytes) return;
    put("\n");
  }
}

std::string TextBuilder::take() {
  while (!text_.empty() && (text_.back() == '\n' || text_.back() == ' ' || text_.back() == '\t')) {
    text_.pop_back();
  }
  return std::exchange(text_, {});
}

}  // namespace khochung::workers

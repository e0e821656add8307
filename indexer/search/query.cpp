#include "indexer/search/query.hpp"

#include <algorithm>
#include <array>

namespace khochung::search {
namespace {

constexpr std::array<std::string_view, 7> quotation_marks{"\"", "“", "”", "„", "«", "»", "‟"};

/// The length of the quotation mark at `at`, or 0.
std::size_t quotation_mark_at(std::string_view text, std::size_t at) {
  for (const auto mark : quotation_marks) {
    if (text.substr(at).starts_with(mark)) return mark.size();
  }
  return 0;
}

std::size_t find_quotation_mark(std::string_view text, std::size_t from) {
  for (; from < text.size(); ++from) {
    if (quotation_mark_at(text, from) > 0) return from;
  }
  return std::string_view::npos;
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/// A dash excludes where a word begins: after a blank, with something right behind it.
bool excludes_at(std::string_view text, std::size_t at) {
  return text[at] == '-' && (at == 0 || is_blank(text[at - 1])) && at + 1 < text.size() &&
         !is_blank(text[at + 1]) && text[at + 1] != '-';
}

std::string_view cut_to(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Query run() {
    std::size_t plain_from = 0;
    std::size_t at = 0;
    while (at < text_.size()) {
      const bool excluded = excludes_at(text_, at);
      const auto begin = excluded ? at + 1 : at;
      const auto mark = quotation_mark_at(text_, begin);
      const auto end = mark > 0 ? find_quotation_mark(text_, begin + mark) : std::string_view::npos;
      if (end != std::string_view::npos) {
        add(text_.substr(plain_from, at - plain_from), false, false);
        add(text_.substr(begin + mark, end - begin - mark), true, excluded);
        at = plain_from = end + quotation_mark_at(text_, end);
      } else if (excluded) {
        add(text_.substr(plain_from, at - plain_from), false, false);
        const auto stop = std::min(text_.find_first_of(" \t\r\n", begin), text_.size());
        add(text_.substr(begin, stop - begin), true, true);
        at = plain_from = stop;
      } else {
        ++at;
      }
    }
    add(text_.substr(plain_from), false, false);
    return std::move(query_);
  }

 private:
  void add(std::string_view content, bool is_phrase, bool is_excluded) {
    auto words = text::tokenise(content);
    if (words.size() > max_query_words - count_) words.resize(max_query_words - count_);
    if (words.empty()) return;
    count_ += words.size();
    if (!is_excluded) query_.has_marks |= std::ranges::any_of(words, is_marked);
    query_.parts.push_back({std::move(words), is_phrase, is_excluded});
  }

  std::string_view text_;
  Query query_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t Query::wanted_words() const {
  std::size_t count = 0;
  for (const auto& part : parts) count += part.is_excluded ? 0 : part.words.size();
  return count;
}

Query parse(std::string_view typed) {
  const auto text = text::normalise(cut_to(typed, max_query_bytes));
  return Parser(text).run();
}

}  // namespace khochung::search

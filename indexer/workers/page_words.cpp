#include "indexer/workers/page_words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

#include "indexer/text/vietnamese.hpp"

namespace khochung::workers {
namespace {

double letters_in(std::string_view utf8) {
  return static_cast<double>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_syllable(std::string_view word) {
  const auto share = text::vietnamese_share(word);
  return share.syllables == 1 && share.known == 1;
}

int gap_before(const ReadWords& words, std::size_t i) {
  const auto& left = words[i - 1].word;
  return words[i].word.x - left.x - left.w;
}

/// The usual gap of the line that begins with word `first` and ends before `last`; 0: unknown.
int usual_gap(const ReadWords& words, std::size_t first, std::size_t last) {
  std::vector<int> gaps;
  for (auto i = first + 1; i < last; ++i) gaps.push_back(gap_before(words, i));
  if (gaps.size() < 3) return 0;
  auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::ranges::nth_element(gaps, middle);
  return *middle;
}

bool is_torn_onset(std::string_view word) {
  constexpr std::string_view consonants = "bcdghklmnpqrstvxBCDGHKLMNPQRSTVX";
  constexpr std::string_view d_with_stroke = "đ";
  constexpr std::string_view capital_d_with_stroke = "Đ";
  if (word == d_with_stroke || word == capital_d_with_stroke) return true;
  return word.size() <= 3 && word.find_first_not_of(consonants) == std::string_view::npos;
}

void append(ReadWord& left, const ReadWord& right) {
  auto& word = left.word;
  word.text += right.word.text;
  const int bottom = std::max(word.y + word.h, right.word.y + right.word.h);
  word.w = right.word.x + right.word.w - word.x;
  word.y = std::min(word.y, right.word.y);
  word.h = bottom - word.y;
  word.confidence = std::min(word.confidence, right.word.confidence);
}

std::size_t end_of_line(const ReadWords& words, std::size_t first) {
  auto last = first + 1;
  while (last < words.size() && words[last].before == Break::blank) ++last;
  return last;
}

bool is_noise(std::span<const ReadWord> line) {
  constexpr double doubtful = 50;
  double letters = 0;
  double weighted = 0;
  std::string text;
  for (const auto& read : line) {
    letters += letters_in(read.word.text);
    weighted += letters_in(read.word.text) * read.word.confidence;
    text += read.word.text + " ";
  }
  if (weighted >= doubtful * letters) return false;
  const auto share = text::vietnamese_share(text);
  return share.syllables == 0 || share.known < 0.5;
}

/// Whether two boxes are one place: each reaches over most of the other.
bool is_same_place(const storage::PageWord& a, const storage::PageWord& b) {
  const int width = std::min(a.x + a.w, b.x + b.w) - std::max(a.x, b.x);
  const int height = std::min(a.y + a.h, b.y + b.h) - std::max(a.y, b.y);
  return 4 * width > 3 * std::max(a.w, b.w) && 2 * height > std::max(a.h, b.h);
}

/// Words of another reading that is no Vietnamese must be much surer than one that is.
double worth_of(const storage::PageWord& word) {
  return word.confidence + (is_syllable(word.text) ? 5 : 0);
}

}  // namespace

std::string text_of(const ReadWords& words) {
  std::string text;
  for (const auto& read : words) {
    if (!text.empty()) {
      text.append(read.before == Break::paragraph ? "\n\n"
                                                  : (read.before == Break::line ? "\n" : " "));
    }
    text.append(read.word.text);
  }
  return text;
}

double mean_confidence(const ReadWords& words) {
  double letters = 0;
  double weighted = 0;
  for (const auto& read : words) {
    letters += letters_in(read.word.text);
    weighted += letters_in(read.word.text) * read.word.confidence;
  }
  return letters > 0 ? weighted / letters : 0;
}

double sure_letters(const ReadWords& words) {
  double sure = 0;
  for (const auto& read : words)
    sure += letters_in(read.word.text) * (read.word.confidence - 60) / 40;
  return sure;
}

ReadWords joined(ReadWords words) {
  ReadWords made;
  made.reserve(words.size());
  for (std::size_t first = 0; first < words.size();) {
    const auto last = end_of_line(words, first);
    const int usual = usual_gap(words, first, last);
    for (auto i = first; i < last; ++i) {
      const bool is_near = i > first && 4 * gap_before(words, i) < 3 * usual;
      if (is_near && is_torn_onset(made.back().word.text) &&
          is_syllable(made.back().word.text + words[i].word.text)) {
        append(made.back(), words[i]);
      } else {
        made.push_back(words[i]);
      }
    }
    first = last;
  }
  return made;
}

ReadWords without_specks(ReadWords words, double text_height) {
  constexpr int doubtful = 60;
  ReadWords kept;
  kept.reserve(words.size());
  auto before = Break::blank;
  for (auto& read : words) {
    before = std::max(before, read.before);
    const bool is_small = std::max(read.word.w, read.word.h) < text_height;
    if (is_small && read.word.confidence < doubtful) continue;
    kept.push_back(std::move(read));
    kept.back().before = std::exchange(before, Break::blank);
  }
  return kept;
}

ReadWords without_noise(ReadWords words) {
  ReadWords kept;
  kept.reserve(words.size());
  for (std::size_t first = 0; first < words.size();) {
    const auto last = end_of_line(words, first);
    const std::span line(words.data() + first, last - first);
    if (!is_noise(line)) kept.insert(kept.end(), line.begin(), line.end());
    first = last;
  }
  return kept;
}

ReadWords with_better_words(ReadWords words, const ReadWords& other) {
  constexpr int sure = 93;
  constexpr double clearly = 2;
  for (auto& read : words) {
    if (read.word.confidence >= sure) continue;
    const auto same = std::ranges::find_if(
        other, [&](const ReadWord& candidate) { return is_same_place(read.word, candidate.word); });
    if (same == other.end() || same->word.text == read.word.text) continue;
    if (worth_of(same->word) < worth_of(read.word) + clearly) continue;
    read.word.text = same->word.text;
    read.word.confidence = same->word.confidence;
  }
  return words;
}

}  // namespace khochung::workers

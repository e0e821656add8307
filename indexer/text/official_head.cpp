#include "indexer/text/official_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "indexer/text/document_numbers.hpp"
#include "indexer/text/names.hpp"
#include "schemas/instant.hpp"

namespace khochung::text {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int to_number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string without_blanks(std::string_view text) {
  auto plain = normalise(text);
  std::erase(plain, ' ');
  for (const std::string_view dash : {"–", "—", "−"}) {
    for (auto at = plain.find(dash); at != std::string::npos; at = plain.find(dash))
      plain.replace(at, dash.size(), "-");
  }
  return plain;
}

std::string edtf(int day, int month, int year) {
  const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (year < 1900 || year > 2100) return {};
  auto date = std::to_string(year);
  if (month > 0) date += "-" + two(month);
  if (month > 0 && day > 0) date += "-" + two(day);
  return is_edtf(date) ? date : std::string();
}

/// The date said by the words from "ngày" on; day or month may be left blank.
std::string read_date(std::span<const Token> words) {
  std::array<int, 3> values{};
  std::size_t at = 1;
  const auto number = [&](int& value) {
    if (at < words.size() && is_digits(words[at].folded)) value = to_number(words[at++].folded);
  };
  const auto skip = [&](std::string_view word) {
    const bool found = at < words.size() && words[at].folded == word;
    if (found) ++at;
    return found;
  };
  number(values[0]);
  const bool named = skip("thang");
  number(values[1]);
  if (named && !skip("nam")) return {};
  number(values[2]);
  return edtf(values[0], values[1], values[2]);
}

/// The first word of the place's name that ends before word `end`: names are capitalised.
std::size_t place_begin(const PageLine& line, std::size_t end, std::size_t not_before) {
  const auto written = [&](std::size_t i) {
    return std::string_view(line.text).substr(line.words[i].begin,
                                              line.words[i].end - line.words[i].begin);
  };
  auto first = end;
  while (first > 0 && end - first < 6 && line.words[first - 1].begin >= not_before) {
    const auto word = written(first - 1);
    const bool city = word == "TP" || word == "Tp" ||
                      (word == "phố" && first >= 2 && line.words[first - 2].folded == "thanh");
    if (!is_capitalised(word) && !city) break;
    --first;
  }
  return first;
}

bool begins_body_name(const PageLine& line) {
  return line.starts_with_any({{"tong", "lien", "doan"},
                               {"lien", "doan"},
                               {"cong", "doan"},
                               {"nghiep", "doan"},
                               {"ban"},
                               {"bo"},
                               {"uy", "ban"},
                               {"van", "phong"},
                               {"trung", "tam"},
                               {"truong"},
                               {"so"},
                               {"dang", "uy"},
                               {"tinh", "uy"},
                               {"thanh", "uy"},
                               {"bao"},
                               {"tap", "chi"},
                               {"chinh", "phu"},
                               {"quoc", "hoi"},
                               {"cuc"},
                               {"vien"},
                               {"hoi"},
                               {"nha"},
                               {"cong", "ty"},
                               {"tong", "cong"},
                               {"tap", "doan"},
                               {"doan", "chu"},
                               {"thu", "tuong"},
                               {"hoi", "dong"},
                               {"mat", "tran"},
                               {"vu"}});
}

/// Organs that sign for their union: the issuer is the union.
bool is_organ(std::string_view name) {
  const auto folded = folded_form(name);
  return folded == "ban chap hanh" || folded == "ban thuong vu" || folded == "doan chu tich";
}

/// Parts of a union that are known by the union's name: "Ban Tuyên giáo Tổng Liên đoàn …".
bool is_department(std::string_view name) {
  return tokenise(name).size() <= 5 && (name.starts_with("Ban ") || name.starts_with("Văn phòng"));
}

}  // namespace

bool begins_body(const PageLine& line) {
  return line.starts_with_any({{"can", "cu"},
                               {"thuc", "hien"},
                               {"kinh", "gui"},
                               {"dieu", "1"},
                               {"xet"},
                               {"theo", "de", "nghi"},
                               {"tiep", "tuc"},
                               {"trien", "khai", "thuc"},
                               {"de", "trien"},
                               {"hom", "nay"},
                               {"vao", "hoi"},
                               {"kinh", "thua"}});
}

bool says_number(std::string_view folded) {
  return folded == "so" || folded == "s0" || folded == "s6";
}

std::optional<NumberPlace> find_number(const Lines& lines) {
  for (std::size_t at = 0; at < std::min(lines.size(), head_lines); ++at) {
    const auto& line = lines[at];
    if (begins_body(line)) break;
    for (const auto& number : find_document_numbers(line.text)) {
      const auto before = std::ranges::find_if(
          line.words, [&](const Token& word) { return word.begin >= number.begin; });
      if (before == line.words.begin() || !says_number((before - 1)->folded)) continue;
      const bool first_word = before - 1 == line.words.begin();
      const bool colon =
          line.text.substr((before - 1)->end, number.begin - (before - 1)->end).find(':') !=
          std::string::npos;
      if (!first_word && !colon) continue;
      return NumberPlace{at, number.begin, number.end,
                         without_blanks(std::string_view(line.text).substr(
                             number.begin, number.end - number.begin))};
    }
  }
  return std::nullopt;
}

std::optional<DatePlace> find_date(const Lines& lines, const std::optional<NumberPlace>& number) {
  for (std::size_t at = 0; at < std::min(lines.size(), head_lines); ++at) {
    const auto& line = lines[at];
    if (begins_body(line)) break;
    for (std::size_t i = 0; i < line.words.size(); ++i) {
      if (line.words[i].folded != "ngay") continue;
      const auto date = read_date(std::span(line.words).subspan(i));
      if (date.empty()) continue;
      const auto not_before =
          number && number->line == at && number->end <= line.words[i].begin ? number->end : 0;
      const auto first = place_begin(line, i, not_before);
      DatePlace found{at, line.words[first].begin, "", date};
      if (first < i)
        found.place = line.text.substr(line.words[first].begin,
                                       line.words[i - 1].end - line.words[first].begin);
      // "ban hành ngày …" in a sentence is no date of issue: a place before it is, or a line of its
      // own.
      const bool alone = i == 0 && line.words.size() <= 6;
      if (first < i || alone) return found;
    }
  }
  return std::nullopt;
}

std::string find_issuer(const Lines& lines, const std::optional<NumberPlace>& number) {
  if (!number) return {};  // without the number's line nothing says where the head ends
  std::vector<std::string> names;
  for (std::size_t at = 0; at < number->line; ++at) {
    const auto& line = lines[at];
    if (line.is_motto || !line.is_capitals()) continue;
    if (names.empty() || begins_body_name(line)) {
      if (names.empty() && !begins_body_name(line)) continue;
      names.push_back(line.text);
    } else {
      names.back() += " " + line.text;
    }
  }
  while (names.size() > 1 && is_organ(names.back())) names.pop_back();
  if (names.empty()) return {};
  auto issuer = in_sentence_case(names.back());
  if (names.size() > 1 && is_department(issuer))
    issuer += " " + in_sentence_case(names[names.size() - 2]);
  return issuer;
}

}  // namespace khochung::text

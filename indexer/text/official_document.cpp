#include "indexer/text/official_document.hpp"

#include <algorithm>
#include <optional>

#include "indexer/text/letters.hpp"
#include "indexer/text/names.hpp"
#include "indexer/text/official_head.hpp"
#include "indexer/text/page_lines.hpp"
#include "schemas/vocabularies/kinds.hpp"

namespace khochung::text {

namespace {

/// What is looked at: a text file is one page, and may be a book. The head of a document and its
/// signature fill half a page at most, and a full page has 3 to 4 KB.
constexpr std::size_t head_bytes = std::size_t{8} * 1024;
constexpr std::size_t foot_bytes = head_bytes;
/// A first line that could be a title stands within these.
constexpr std::size_t title_bytes = std::size_t{2} * 1024;
constexpr std::size_t max_subject_lines = 6;
constexpr std::size_t max_subject_bytes = 600;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Kinds that a heading names: official ones, and the press release.
bool is_heading_kind(const MaterialKind& kind) {
  static constexpr auto last = std::string_view("thong_tu");
  const auto* end = find_kind(last);
  return &kind <= end || kind.key == "thong_cao_bao_chi";
}

struct Heading {
  const MaterialKind* kind = nullptr;
  std::size_t words = 0;  ///< of the line
};

/// The kinds that a heading may name, with the words of their names.
std::vector<std::pair<const MaterialKind*, std::vector<Token>>> headings() {
  std::vector<std::pair<const MaterialKind*, std::vector<Token>>> named;
  for (const auto& kind : material_kinds) {
    if (is_heading_kind(kind)) named.emplace_back(&kind, tokenise(kind.vi));
  }
  return named;
}

/// The kind that a line's first words name in capitals.
Heading heading_of(const PageLine& line) {
  static const auto named = headings();
  Heading best;
  for (const auto& [kind, words] : named) {
    if (words.size() > line.words.size() || words.size() <= best.words) continue;
    const bool same =
        std::equal(words.begin(), words.end(), line.words.begin(),
                   [](const Token& a, const Token& b) { return a.folded == b.folded; });
    const auto end = line.words[words.size() - 1].end;
    if (!same || !is_all_capitals(std::string_view(line.text).substr(0, end))) continue;
    best = {kind, words.size()};
  }
  return best;
}

/// Where the kind stands: alone on its line, or with the subject behind it.
std::optional<std::size_t> find_kind_line(const Lines& lines) {
  for (std::size_t at = 0; at < std::min(lines.size(), head_lines); ++at) {
    if (begins_body(lines[at])) break;
    if (heading_of(lines[at]).kind != nullptr && !lines[at].is_motto) return at;
  }
  return std::nullopt;
}

bool is_about(const PageLine& line) {
  return line.starts_with_any({{"v", "v"}, {"ve", "viec"}});
}

/// Whether a line cannot belong to a subject that has begun.
bool ends_subject(const PageLine& line, bool subject_in_capitals) {
  const auto& first = line.words.front().folded;
  const bool numbered = (first.find_first_not_of("ivx") == std::string::npos || is_digits(first)) &&
                        line.text.size() > line.words.front().end &&
                        line.text[line.words.front().end] == '.';
  return line.is_motto || begins_body(line) || numbered ||
         (line.is_capitals() && !subject_in_capitals) || line.text.front() == '-' ||
         says_number(first) || line.words.front().folded == "phan";
}

std::string collect_subject(const Lines& lines, std::size_t at, std::string subject,
                            std::size_t stop_line) {
  std::string first = subject;
  std::size_t taken = subject.empty() ? 0 : 1;
  for (; at < lines.size(); ++at) {
    const auto& line = lines[at];
    if (at == stop_line) continue;  // the date, in the other column
    if (taken > 0 && line.blank_before) break;
    if (ends_subject(line, subject.empty() || is_all_capitals(subject))) break;
    if (++taken > max_subject_lines || subject.size() + line.text.size() > max_subject_bytes)
      return first;
    if (!subject.empty()) subject += ' ';
    subject += line.text;
    if (first.empty()) first = line.text;
    if (line.text.back() == '.' || line.text.back() == ';') break;
  }
  return subject;
}

/// Cut where the date's column begins, if that is on the same line.
std::string part_of_line(const PageLine& line, std::size_t at, std::size_t from_word,
                         const std::optional<DatePlace>& date) {
  auto part = line.from_word(from_word);
  if (date && date->line == at && from_word < line.words.size() &&
      date->begin > line.words[from_word].begin) {
    part.resize(date->begin - line.words[from_word].begin);
    while (part.ends_with(' ')) part.pop_back();
  }
  return part;
}

constexpr auto no_line = static_cast<std::size_t>(-1);

std::string subject_of_letter(const Lines& lines, const std::optional<DatePlace>& date) {
  for (std::size_t at = 0; at < std::min(lines.size(), head_lines); ++at) {
    if (lines[at].starts_with({"kinh", "gui"})) break;
    if (!is_about(lines[at])) continue;
    const auto subject = part_of_line(lines[at], at, 2, date);
    return collect_subject(lines, at + 1, subject, date ? date->line : no_line);
  }
  return {};
}

const MaterialKind* kind_of_code(std::string_view number) {
  const auto slash = number.find_last_of('/');
  const auto dash = number.find('-', slash == std::string_view::npos ? 0 : slash);
  if (slash == std::string_view::npos || dash == std::string_view::npos) return nullptr;
  const auto code = number.substr(slash + 1, dash - slash - 1);
  const auto of_same = [&](auto form) -> const MaterialKind* {
    for (const auto& kind : material_kinds) {
      if (!kind.code.empty() && form(kind.code) == form(code)) return &kind;
    }
    return nullptr;
  };
  const auto* exact = of_same([](std::string_view text) { return std::string(text); });
  return exact != nullptr ? exact
                          : of_same([](std::string_view text) { return folded_form(text); });
}

/// "V/v tổ chức …" → "Tổ chức …": a subject stands as a title.
std::string with_capital(std::string_view text) {
  if (text.empty()) return {};
  std::size_t at = 0;
  std::string out;
  append_utf8(out, capital_letter(next_code_point(text, at)));
  return out += text.substr(at);
}

void read_kind_and_subject(const Lines& lines, const std::optional<DatePlace>& date,
                           OfficialFacts& facts) {
  if (const auto at = find_kind_line(lines)) {
    const auto heading = heading_of(lines[*at]);
    facts.kind = heading.kind->key;
    auto subject = collect_subject(lines, *at + 1, lines[*at].from_word(heading.words), no_line);
    facts.subject = subject.starts_with("V/v ") ? "Về việc " + subject.substr(4) : subject;
    return;
  }
  facts.subject = with_capital(subject_of_letter(lines, date));
  const auto* kind = kind_of_code(facts.number);
  const bool is_letter = !facts.subject.empty() && !facts.number.empty();
  if (kind != nullptr) {
    facts.kind = kind->key;
  } else if (is_letter) {
    facts.kind = "cong_van";
  }
}

bool is_signature(const PageLine& line) {
  return line.starts_with_any({{"tm"}, {"kt"}, {"tl"}, {"tuq"}, {"q", "chu"}}) ||
         (line.is_capitals() && line.starts_with_any({{"chu", "tich"},
                                                      {"pho", "chu"},
                                                      {"truong", "ban"},
                                                      {"pho", "truong"},
                                                      {"chanh", "van"},
                                                      {"pho", "chanh"},
                                                      {"giam", "doc"},
                                                      {"pho", "giam"},
                                                      {"tong", "thu"},
                                                      {"thu", "tuong"},
                                                      {"bo", "truong"},
                                                      {"thu", "truong"},
                                                      {"tong", "giam"},
                                                      {"hieu", "truong"},
                                                      {"tong", "bien"},
                                                      {"bi", "thu"}}));
}

/// Whether the signature begins here, perhaps behind a line of the recipients' column.
bool begins_signature(const PageLine& line) {
  if (is_signature(line)) return true;
  if (line.text.size() > 300) return false;
  if (line.text.front() != '-' && !line.starts_with({"noi", "nhan"})) return false;
  for (std::size_t first = 1; first < line.words.size(); ++first) {
    PageLine part;
    part.text = line.from_word(first);
    if (!part.is_capitals()) continue;
    part.words = tokenise(part.text);
    if (is_signature(part)) return true;
  }
  return false;
}

/// A name at the line's end, where the list of recipients may stand before it.
std::string name_in(const PageLine& line) {
  for (std::size_t first = 0; first + 2 <= line.words.size(); ++first) {
    if (line.words.size() - first > 5) continue;
    const auto tail = line.from_word(first);
    if (is_person_name(tail)) return is_all_capitals(tail) ? in_sentence_case(tail) : tail;
  }
  return {};
}

std::string find_signer(const Lines& lines) {
  const auto block = std::find_if(lines.rbegin(), lines.rend(), begins_signature);
  if (block == lines.rend()) return {};
  for (auto line = block.base(); line != lines.end(); ++line) {
    if (line->starts_with({"phu", "luc"})) break;
    if (auto name = name_in(*line); !name.empty()) return name;
  }
  return {};
}

/// The end of a page, from the beginning of a line on.
std::string_view foot_of(std::string_view page) {
  if (page.size() <= foot_bytes) return page;
  page.remove_prefix(page.size() - foot_bytes);
  return page.substr(std::min(page.find('\n'), page.size()));
}

/// A line that could name what a page is about.
bool is_meaningful(const PageLine& line) {
  std::size_t letters = 0;
  for (const auto& word : line.words) letters += is_digits(word.folded) ? 0 : word.folded.size();
  return !line.is_motto && line.words.size() >= 2 && letters >= 8 &&
         letters * 2 >= line.text.size() / 2 && !says_number(line.words.front().folded) &&
         line.words.front().folded != "trang";
}

}  // namespace

OfficialFacts read_official_document(std::string_view first_page, std::string_view last_page) {
  const auto lines = page_lines(first_page.substr(0, head_bytes));
  OfficialFacts facts;
  const auto number = find_number(lines);
  const auto date = find_date(lines, number);
  if (number) facts.number = number->printed;
  if (date) {
    facts.place = date->place;
    facts.date = date->date;
  }
  facts.issuer = find_issuer(lines, number);
  read_kind_and_subject(lines, date, facts);
  const bool is_one_page = last_page.empty() || last_page.data() == first_page.data();
  facts.signer = is_one_page && first_page.size() <= head_bytes
                     ? find_signer(lines)
                     : find_signer(page_lines(foot_of(is_one_page ? first_page : last_page)));
  return facts;
}

std::string propose_title(const OfficialFacts& facts, std::string_view first_page) {
  const auto* kind = find_kind(facts.kind);
  if (kind != nullptr && (!facts.number.empty() || !facts.subject.empty())) {
    std::string title(kind->vi);
    if (!facts.number.empty()) title += " số " + facts.number;
    if (!facts.subject.empty()) title += ": " + facts.subject;
    return title;
  }
  for (const auto& line : page_lines(first_page.substr(0, title_bytes))) {
    if (is_meaningful(line)) return line.text.size() <= 300 ? line.text : std::string();
  }
  return {};
}

}  // namespace khochung::text

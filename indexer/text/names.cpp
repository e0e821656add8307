#include "indexer/text/names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "indexer/text/letters.hpp"
#include "indexer/text/page_lines.hpp"
#include "indexer/text/syllables.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

/// Parts of names whose words are not all written with capitals; longer ones before their
/// beginnings.
constexpr auto phrases = std::to_array<std::string_view>({"Tổng Liên đoàn Lao động Việt Nam",
                                                          "Tổng Liên đoàn",
                                                          "Liên đoàn Lao động",
                                                          "Công đoàn cơ sở",
                                                          "Nghiệp đoàn",
                                                          "Công đoàn ngành",
                                                          "Công đoàn các khu công nghiệp",
                                                          "Công đoàn",
                                                          "Ban Chấp hành",
                                                          "Ban Thường vụ",
                                                          "Ban Chỉ đạo",
                                                          "Ban Tổ chức",
                                                          "Ban Tuyên giáo",
                                                          "Ban Nữ công",
                                                          "Ban Tài chính",
                                                          "Ban Đối ngoại",
                                                          "Ban Quản lý",
                                                          "Đoàn Chủ tịch",
                                                          "Ủy ban Kiểm tra",
                                                          "Ủy ban nhân dân",
                                                          "Ủy ban Thường vụ Quốc hội",
                                                          "Ủy ban",
                                                          "Hội đồng nhân dân",
                                                          "Hội đồng",
                                                          "Văn phòng",
                                                          "Trung tâm",
                                                          "Trường",
                                                          "Viện",
                                                          "Cục",
                                                          "Vụ",
                                                          "Sở",
                                                          "Bộ",
                                                          "Chính phủ",
                                                          "Thủ tướng Chính phủ",
                                                          "Quốc hội",
                                                          "Mặt trận Tổ quốc",
                                                          "Trung ương",
                                                          "Công ty cổ phần",
                                                          "Công ty trách nhiệm hữu hạn",
                                                          "Công ty TNHH",
                                                          "Tổng công ty",
                                                          "Công ty",
                                                          "Tập đoàn",
                                                          "Đảng ủy",
                                                          "Tỉnh ủy",
                                                          "Thành ủy",
                                                          "Nhà văn hóa",
                                                          "Nhà xuất bản",
                                                          "Tạp chí",
                                                          "Báo",
                                                          "Lao động và Xã hội",
                                                          "Lao động",
                                                          "Giáo dục và Đào tạo",
                                                          "Giáo dục",
                                                          "Y tế",
                                                          "Xây dựng",
                                                          "Công thương",
                                                          "Nông nghiệp",
                                                          "Giao thông vận tải",
                                                          "Viên chức",
                                                          "Thông tin và Truyền thông",
                                                          "Tư pháp",
                                                          "Nội vụ",
                                                          "Tài chính",
                                                          "Khoa học và Công nghệ",
                                                          "khu công nghiệp",
                                                          "khu kinh tế",
                                                          "tỉnh",
                                                          "thành phố",
                                                          "huyện",
                                                          "quận",
                                                          "thị xã",
                                                          "thị trấn",
                                                          "phường",
                                                          "xã",
                                                          "đặc khu",
                                                          "ngành",
                                                          "và",
                                                          "các",
                                                          "một thành viên"});

constexpr auto surnames = std::to_array<std::string_view>(
    {"âu",    "bùi",    "bạch",  "bế",     "cao",    "châu",   "chu",    "cù",   "danh",  "diệp",
     "doãn",  "dương",  "đàm",   "đan",    "đào",    "đặng",   "đậu",    "điểu", "đinh",  "đoàn",
     "đỗ",    "đồng",   "giang", "giàng",  "giáp",   "hà",     "hán",    "hồ",   "hoàng", "hứa",
     "huỳnh", "khổng",  "khúc",  "khương", "kiều",   "kim",    "la",     "lã",   "lại",   "lâm",
     "lê",    "lò",     "lưu",   "lục",    "lương",  "lù",     "lường",  "lý",   "mã",    "mạc",
     "mai",   "nghiêm", "ngô",   "ngụy",   "nguyễn", "nhan",   "nhâm",   "nhữ",  "nông",  "ông",
     "phạm",  "phan",   "phí",   "phó",    "phùng",  "phương", "quách",  "quan", "quản",  "quàng",
     "sầm",   "sùng",   "tạ",    "tăng",   "thạch",  "thái",   "thân",   "thẩm", "thiều", "tiêu",
     "tô",    "tôn",    "tống",  "trần",   "triệu",  "trịnh",  "trương", "từ",   "ứng",   "văn",
     "vàng",  "vi",     "viên",  "võ",     "vũ",     "vương",  "xa"});

std::string capitalised(std::string_view marked) {
  std::string out;
  std::size_t at = 0;
  const auto first = next_code_point(marked, at);
  append_utf8(out, capital_letter(first));
  return out += marked.substr(at);
}

/// The phrase that the words from `at` on are, or nothing.
std::string_view phrase_at(const std::vector<Token>& words, std::size_t at, std::size_t& length) {
  std::string_view best;
  for (const auto phrase : phrases) {
    const auto parts = tokenise(phrase);
    if (at + parts.size() > words.size() || phrase.size() <= best.size()) continue;
    const bool same =
        std::equal(parts.begin(), parts.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                   [](const Token& a, const Token& b) { return a.marked == b.marked; });
    if (!same) continue;
    best = phrase;
    length = parts.size();
  }
  return best;
}

}  // namespace

std::string in_sentence_case(std::string_view capitals) {
  const auto words = tokenise(capitals);
  std::string out;
  for (std::size_t at = 0, done = 0; at < words.size();) {
    out += capitals.substr(done, words[at].begin - done);
    std::size_t length = 1;
    const auto phrase = phrase_at(words, at, length);
    const bool brief = words[at].folded.find_first_of("aeiouy") == std::string::npos;
    if (!phrase.empty()) {
      out += phrase;
    } else if (brief) {
      out += capitals.substr(words[at].begin, words[at].end - words[at].begin);
    } else {
      out += capitalised(words[at].marked);
    }
    at += length;
    done = words[at - 1].end;
  }
  return out;
}

bool is_person_name(std::string_view text) {
  const auto words = tokenise(text);
  if (words.size() < 2 || words.size() > 5) return false;
  if (std::ranges::find(surnames, words[0].marked) == surnames.end()) return false;
  const bool all_capitals = is_all_capitals(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = text.substr(words[i].begin, words[i].end - words[i].begin);
    if ((i > 0 && words[i].starts_run) || !is_syllable(words[i].marked)) return false;
    if (!all_capitals && !is_capitalised(word)) return false;
  }
  return words.back().end == text.size();
}

}  // namespace khochung::text

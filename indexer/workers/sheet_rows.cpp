#include "indexer/workers/sheet_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "indexer/workers/office_parts.hpp"
#include "indexer/workers/xml_walk.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t most_rows = 200'000;
constexpr int most_columns = 256;
constexpr std::size_t most_bytes = std::size_t{32} << 20;
constexpr int last_row = 1'048'576;

tl::unexpected<Error> too_large(const char* what) {
  return fail(ErrorCode::too_large, "sheet_too_large", what);
}

std::optional<double> number_from(const std::string& text) {
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = failed == std::errc() && end == text.data() + text.size();
  return is_whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

int whole_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What the cells of a file share: texts, which styles show days, and from when days count.
struct Book {
  std::vector<std::string> strings;
  std::vector<bool> style_shows_day;
  bool counts_from_1904 = false;
};

/// The formats that every program knows by their number.
bool is_day_by_number(int format) {
  return (format >= 14 && format <= 17) || format == 22 || (format >= 27 && format <= 36) ||
         (format >= 50 && format <= 58);
}

Result<std::vector<bool>> styles_of(const ZipPackage& package) {
  std::map<int, bool> own_formats;
  std::vector<bool> styles;
  bool is_cells = false;
  if (part(package, "xl/styles.xml").empty()) return styles;
  KHOCHUNG_CHECK(walk_xml(part(package, "xl/styles.xml"), [&](const XmlStep& step) {
    if (step.starts("numFmt"))
      own_formats[whole_number(step.attribute("numFmtId"))] =
          shows_day(step.attribute("formatCode"));
    if (step.name() == "cellXfs") is_cells = step.kind() == XmlStep::Kind::start;
    if (!step.starts("xf") || !is_cells) return;
    const auto format = whole_number(step.attribute("numFmtId"));
    const auto own = own_formats.find(format);
    styles.push_back(own == own_formats.end() ? is_day_by_number(format) : own->second);
  }));
  return styles;
}

Result<Book> book_of(const ZipPackage& package) {
  Book book;
  book.strings = KHOCHUNG_TRY(shared_strings(package));
  book.style_shows_day = KHOCHUNG_TRY(styles_of(package));
  KHOCHUNG_CHECK(walk_xml(part(package, "xl/workbook.xml"), [&](const XmlStep& step) {
    if (!step.starts("workbookPr")) return;
    const auto says = step.attribute("date1904");
    book.counts_from_1904 = says == "1" || says == "true";
  }));
  return book;
}

/// A rectangle whose first cell holds what all show; from 0 (columns) and 1 (rows), ends included.
struct Merged {
  int left, right, top, bottom;
};

int row_of(std::string_view cell) {
  const auto digits = cell.find_first_of("0123456789");
  return digits == std::string_view::npos ? 0 : whole_number(cell.substr(digits));
}

/// Takes a sheet step by step.
class SheetReader {
 public:
  explicit SheetReader(const Book& book) : book_(book) {}

  void take(const XmlStep& step) {
    if (is_too_large_) return;
    if (step.starts("row")) begin_row(step.attribute("r"));
    if (step.starts("c")) begin_cell(step);
    if (step.name() == "rPh") is_reading_aid_ = step.kind() == XmlStep::Kind::start;
    if (step.name() == "v" || step.name() == "t")
      is_value_ = step.kind() == XmlStep::Kind::start && !is_reading_aid_;
    if (step.kind() == XmlStep::Kind::text && is_value_) value_.append(step.text());
    if (step.ends("c")) end_cell();
    if (step.ends("row")) end_row();
    if (step.starts("mergeCell")) note_merged(step.attribute("ref"));
  }

  Result<std::vector<RowOfCells>> result() {
    if (is_too_large_) return too_large("rows, columns or bytes");
    for (const auto& area : merged_) {
      if (!fill(area)) return too_large("merged cells");
    }
    return std::move(rows_);
  }

 private:
  void begin_row(const std::string& number) {
    row_ = RowOfCells{number.empty() ? row_number_ + 1 : whole_number(number), {}};
    row_number_ = row_.number;
    column_ = -1;
    is_too_large_ = row_.number < 1 || row_.number > last_row;
  }

  void begin_cell(const XmlStep& step) {
    const auto at = column_of(step.attribute("r"));
    column_ = at < 0 ? column_ + 1 : at;
    kind_ = step.attribute("t");
    const auto style = static_cast<std::size_t>(std::max(0, whole_number(step.attribute("s"))));
    is_day_ = style < book_.style_shows_day.size() && book_.style_shows_day[style];
    value_.clear();
  }

  void end_cell() {
    auto text = text_of_cell();
    if (text.empty()) return;
    bytes_ += text.size();
    if (column_ >= most_columns || bytes_ > most_bytes) {
      is_too_large_ = true;
      return;
    }
    const auto place = static_cast<std::size_t>(column_);
    if (row_.cells.size() <= place) row_.cells.resize(place + 1);
    row_.cells[place] = std::move(text);
  }

  [[nodiscard]] std::string text_of_cell() const {
    if (kind_ == "s") {
      const auto number = whole_number(value_);
      const bool is_known =
          !value_.empty() && number >= 0 && static_cast<std::size_t>(number) < book_.strings.size();
      return is_known ? book_.strings[static_cast<std::size_t>(number)] : std::string();
    }
    if (kind_ == "b") return value_ == "1" ? "true" : "false";
    if (kind_ == "d") return value_.substr(0, value_.find("T00:00:00"));
    if (!kind_.empty() && kind_ != "n") return value_;
    if (is_day_) {
      if (auto day = iso_day(value_, book_.counts_from_1904); !day.empty()) return day;
    }
    return plain_number(value_);
  }

  void end_row() {
    if (row_.cells.empty()) return;
    if (rows_.size() == most_rows) {
      is_too_large_ = true;
      return;
    }
    rows_.push_back(std::move(row_));
    row_ = {};
  }

  void note_merged(const std::string& area) {
    const auto colon = area.find(':');
    if (colon == std::string::npos) return;
    const auto first = std::string_view(area).substr(0, colon);
    const auto last = std::string_view(area).substr(colon + 1);
    const Merged cells{column_of(first), column_of(last), row_of(first), row_of(last)};
    if (cells.left >= 0 && cells.right < most_columns) merged_.push_back(cells);
    is_too_large_ = is_too_large_ || merged_.size() > most_rows;
  }

  /// Only rows that hold something are filled: a merged area makes no row of its own.
  bool fill(const Merged& area) {
    const auto at = [this](int number) {
      return std::ranges::lower_bound(rows_, number, {}, &RowOfCells::number);
    };
    const auto first = at(area.top);
    const auto left = static_cast<std::size_t>(area.left);
    if (first == rows_.end() || first->number != area.top || first->cells.size() <= left)
      return true;
    const auto text = first->cells[left];
    for (auto row = first; row != rows_.end() && row->number <= area.bottom; ++row) {
      for (int column = area.left; column <= area.right; ++column) {
        const auto place = static_cast<std::size_t>(column);
        if (row->cells.size() <= place) row->cells.resize(place + 1);
        if (!row->cells[place].empty()) continue;
        row->cells[place] = text;
        bytes_ += text.size() + 1;
        if (bytes_ > most_bytes) return false;
      }
    }
    return true;
  }

  const Book& book_;
  std::vector<RowOfCells> rows_;
  RowOfCells row_;
  std::vector<Merged> merged_;
  std::string kind_;
  std::string value_;
  std::size_t bytes_ = 0;
  int row_number_ = 0;
  int column_ = -1;
  bool is_day_ = false;
  bool is_value_ = false;
  bool is_reading_aid_ = false;
  bool is_too_large_ = false;
};

}  // namespace

std::string plain_number(const std::string& number) {
  const auto value = number_from(number);
  if (!value || number.find_first_of("eE.") == std::string::npos) return number;
  // What a sheet reckons with: fifteen digits.
  std::array<char, 400> text{};
  const auto [end, failed] =
      std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::general, 15);
  if (failed != std::errc()) return number;
  const auto rounded = number_from(std::string(text.data(), end));
  if (!rounded) return number;
  const auto [last, too_long] =
      std::to_chars(text.data(), text.data() + text.size(), *rounded, std::chars_format::fixed);
  return too_long == std::errc() ? std::string(text.data(), last) : number;
}

std::string iso_day(const std::string& days, bool counts_from_1904) {
  using namespace std::chrono;
  const auto number = number_from(days);
  constexpr double year_10000 = 2'958'466;
  if (!number || *number < 0 || *number >= year_10000) return {};
  auto whole = static_cast<int>(std::floor(*number));
  auto second = static_cast<int>(std::lround((*number - whole) * 86'400));
  whole += second / 86'400;
  second %= 86'400;
  // Sheets that count from 1900 take that year for a leap year: from its March on they are a day
  // behind.
  const sys_days first = counts_from_1904 ? sys_days(year(1904) / 1 / 1)
                         : whole < 60     ? sys_days(year(1899) / 12 / 31)
                                          : sys_days(year(1899) / 12 / 30);
  const year_month_day day(first + std::chrono::days(whole));
  std::array<char, 40> text{};
  auto length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                    static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  std::string iso(text.data(), static_cast<std::size_t>(length));
  if (second == 0) return iso;
  length = std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d", second / 3'600,
                         second / 60 % 60, second % 60);
  return iso.append(text.data(), static_cast<std::size_t>(length));
}

bool shows_day(std::string_view format) {
  bool is_quoted = false;
  bool is_bracketed = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (is_quoted) {
      is_quoted = c != '"';
    } else if (is_bracketed) {
      is_bracketed = c != ']';
    } else if (c == '"') {
      is_quoted = true;
    } else if (c == '[') {
      is_bracketed = true;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == 'd' || c == 'D' || c == 'y' || c == 'Y') {
      return true;
    }
  }
  return false;
}

Result<std::vector<RowOfCells>> read_first_sheet(std::string_view zip) {
  const auto package = KHOCHUNG_TRY(read_parts(zip, "xl/"));
  const auto sheets = KHOCHUNG_TRY(parts_in_order(package, "xl/", "workbook.xml", "sheet"));
  const auto shown = std::ranges::find(sheets, false, &NamedPart::is_hidden);
  if (shown == sheets.end() || part(package, shown->path).empty())
    return fail(ErrorCode::unsupported, "damaged_file", "no sheet");
  const auto book = KHOCHUNG_TRY(book_of(package));
  SheetReader reader(book);
  KHOCHUNG_CHECK(
      walk_xml(part(package, shown->path), [&](const XmlStep& step) { reader.take(step); }));
  return reader.result();
}

}  // namespace khochung::workers

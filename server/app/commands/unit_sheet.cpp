#include "server/app/commands/unit_sheet.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "indexer/workers/readers.hpp"
#include "schemas/instant.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::app {
namespace {

using UnitRow = std::map<std::string, std::string>;
using workers::SheetRow;

constexpr std::string_view members_of = "members_";

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(blank) + 1 - begin));
}

/// "F12" for column 5 of row 12.
std::string cell_name(std::size_t column, int row) {
  std::string letters;
  for (auto rest = column + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return letters + std::to_string(row);
}

tl::unexpected<Error> wrong(std::size_t column, int row, const std::string& what) {
  return fail(ErrorCode::bad_input, "bad_manifest", "cell " + cell_name(column, row) + ": " + what);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 12 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_known_column(std::string_view name) {
  constexpr std::array<std::string_view, 14> known{
      "code",     "name_vi",    "name_en",         "level",   "kind",      "parent", "valid_from",
      "valid_to", "successors", "two_person_rule", "address", "telephone", "email",  "website"};
  return std::ranges::count(known, name) > 0 ||
         (name.starts_with(members_of) && is_number(name.substr(members_of.size())));
}

/// What is wrong with a cell of that column; empty: nothing.
std::string complaint_about(std::string_view column, const std::string& text) {
  if (text.empty()) return {};
  if (column.starts_with(members_of) && !is_number(text)) return "no whole number: " + text;
  const bool is_day = column == "valid_from" || column == "valid_to";
  if (is_day && !is_edtf(text)) return "no day, such as 2025-07-01: " + text;
  if (column == "two_person_rule" && text != "true" && text != "false")
    return "neither true nor false: " + text;
  return {};
}

/// Columns by their place; empty where there is no heading.
Result<std::vector<std::string>> columns_of(const SheetRow& heading) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < heading.cells.size(); ++i) {
    auto name = trimmed(heading.cells[i]);
    if (!name.empty() && !is_known_column(name))
      return wrong(i, heading.number, "no such column: " + name);
    if (!name.empty() && std::ranges::count(columns, name) > 0)
      return wrong(i, heading.number, "the column stands twice: " + name);
    columns.push_back(std::move(name));
  }
  return columns;
}

Result<UnitRow> unit_row_of(const SheetRow& row, const std::vector<std::string>& columns) {
  UnitRow unit{{"row", std::to_string(row.number)}};
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    auto text = trimmed(row.cells[i]);
    const auto column = i < columns.size() ? columns[i] : std::string();
    if (column.empty() && !text.empty()) return wrong(i, row.number, "no heading above it");
    if (const auto complaint = complaint_about(column, text); !complaint.empty())
      return wrong(i, row.number, complaint);
    if (!column.empty()) unit[column] = std::move(text);
  }
  if (unit["code"].empty()) {
    const auto place = std::ranges::find(columns, "code") - columns.begin();
    return wrong(static_cast<std::size_t>(place), row.number, "a unit needs a code");
  }
  return unit;
}

bool has_text(const SheetRow& row) {
  return std::ranges::any_of(row.cells, [](const auto& cell) { return !trimmed(cell).empty(); });
}

bool is_heading(const SheetRow& row) {
  return std::ranges::any_of(row.cells, [](const auto& cell) { return trimmed(cell) == "code"; });
}

}  // namespace

Result<std::vector<UnitRow>> read_unit_sheet(const std::filesystem::path& file,
                                             const std::filesystem::path& programs) {
  const storage::FileDescriptor input(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!input.is_open()) return fail(ErrorCode::not_found, "cannot open " + file.string());
  const workers::WorkerHost host(programs, std::filesystem::temp_directory_path());
  const auto rows = KHOCHUNG_TRY(workers::first_sheet(host, input.get()));
  const auto heading = std::ranges::find_if(rows, is_heading);
  if (heading == rows.end())
    return fail(ErrorCode::bad_input, "bad_manifest", "no row has the heading “code”");
  const auto columns = KHOCHUNG_TRY(columns_of(*heading));
  std::vector<UnitRow> units;
  for (auto row = heading + 1; row != rows.end(); ++row) {
    if (has_text(*row)) units.push_back(KHOCHUNG_TRY(unit_row_of(*row, columns)));
  }
  return units;
}

}  // namespace khochung::app

#include "storage/packages/csv_cell.hpp"

namespace khochung::storage {

std::string csv_cell(std::string_view text) {
  constexpr std::string_view formula_signs = "=+-@\t\r";
  std::string cell;
  if (!text.empty() && formula_signs.find(text.front()) != std::string_view::npos) cell = "'";
  cell += text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace khochung::storage

#include "server/api/csv.hpp"

#include <utility>

namespace khochung::api {

Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text) {
  const auto first_line = text.substr(0, text.find('\n'));
  const bool has_comma = first_line.find(',') != std::string_view::npos;
  const char separator = !has_comma && first_line.find(';') != std::string_view::npos ? ';' : ',';
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string cell;
  bool is_quoted = false;
  const auto end_row = [&] {
    row.push_back(std::exchange(cell, {}));
    if (row.size() > 1 || !row.front().empty()) rows.push_back(row);
    row.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else {
        is_quoted = false;
      }
    } else if (c == '"' && cell.empty()) {
      is_quoted = true;
    } else if (c == separator) {
      row.push_back(std::exchange(cell, {}));
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      cell += c;
    }
  }
  if (is_quoted) return fail(ErrorCode::bad_input, "bad_manifest", "a quoted cell is not closed");
  if (!cell.empty() || !row.empty()) end_row();
  return rows;
}

}  // namespace khochung::api

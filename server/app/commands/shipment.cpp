#include "server/app/commands/shipment.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "schemas/material.hpp"
#include "schemas/utf8.hpp"
#include "server/api/csv.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;

Result<void> list_files(const fs::path& path, std::vector<fs::path>& files) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status))
    return fail(ErrorCode::not_found, "no such file or folder: " + path.string());
  if (!fs::is_directory(status)) {
    files.push_back(fs::absolute(path).lexically_normal());
    return {};
  }
  std::vector<fs::path> found;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(path, options, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file(error))
      found.push_back(fs::absolute(entry->path()).lexically_normal());
  }
  if (error)
    return fail(ErrorCode::unavailable, "cannot list " + path.string() + ": " + error.message());
  std::ranges::sort(found);
  std::ranges::move(found, std::back_inserter(files));
  return {};
}

bool is_picture(const fs::path& path) {
  auto extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return std::tolower(c); });
  constexpr std::array pictures{".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".gif", ".bmp"};
  return std::ranges::count(pictures, extension) > 0;
}

/// "A_001" → "A"; the whole stem where it does not end in a number after a separator.
std::string without_last_number(const std::string& stem) {
  const auto last = stem.find_last_not_of("0123456789");
  if (last == std::string::npos || last + 1 == stem.size()) return stem;
  constexpr std::string_view separators = "_- .(";
  return separators.find(stem[last]) == std::string_view::npos ? stem : stem.substr(0, last);
}

std::string group_key(const fs::path& path, GroupBy group_by) {
  if (group_by == GroupBy::nothing || !is_picture(path)) return path.string();
  if (group_by == GroupBy::folder) return path.parent_path().string() + "/";
  return (path.parent_path() / without_last_number(path.stem().string())).string() + "/";
}

std::vector<Shipment> put_together(const std::vector<fs::path>& files, GroupBy group_by) {
  std::vector<Shipment> shipments;
  std::map<std::string, std::size_t> place_of;
  for (const auto& file : files) {
    const auto [place, is_new] = place_of.try_emplace(group_key(file, group_by), shipments.size());
    if (is_new) shipments.emplace_back();
    shipments[place->second].files.push_back(file);
  }
  return shipments;
}

using Row = std::map<std::string, std::string>;

/// A field as a cell of a table would hold it: a list of codes with semicolons between.
std::string cell_of(const boost::json::value& field) {
  if (field.is_string()) return std::string(field.get_string());
  std::string cell;
  if (!field.is_array()) return cell;
  for (const auto& item : field.get_array()) {
    if (item.is_string()) cell += (cell.empty() ? "" : ";") + std::string(item.get_string());
  }
  return cell;
}

Result<std::vector<Row>> rows_of_jsonl(const std::string& text) {
  std::vector<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    boost::json::error_code error;
    const auto value = boost::json::parse(line, error);
    if (error || !value.is_object()) {
      return fail(ErrorCode::bad_input, "bad_manifest",
                  "row " + std::to_string(rows.size() + 1) + " is not a JSON object");
    }
    Row& row = rows.emplace_back();
    for (const auto& [name, field] : value.get_object()) row[std::string(name)] = cell_of(field);
  }
  return rows;
}

Result<std::vector<Row>> rows_of_csv(const std::string& text) {
  const auto lines = KHOCHUNG_TRY(api::parse_csv(text));
  std::vector<Row> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].size() > lines[0].size()) {
      return fail(ErrorCode::bad_input, "bad_manifest",
                  "row " + std::to_string(i) + " has more cells than the heading");
    }
    Row& row = rows.emplace_back();
    for (std::size_t cell = 0; cell < lines[i].size(); ++cell) row[lines[0][cell]] = lines[i][cell];
  }
  return rows;
}

/// The row's fields without `file`, each known to the field table.
Result<std::map<std::string, std::string>> fields_of(const Row& row, std::size_t number) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : row) {
    if (name == "file" || value.empty()) continue;
    if (find_field(name) == nullptr) {
      return fail(ErrorCode::bad_input, "bad_manifest",
                  "row " + std::to_string(number) + ": no such field: " + name);
    }
    fields[name] = value;
  }
  if (const auto good = check_fields(fields); !good) {
    return fail(ErrorCode::bad_input, "bad_manifest",
                "row " + std::to_string(number) + ": " + good.error().message);
  }
  return fields;
}

}  // namespace

Result<std::vector<Shipment>> collect(const std::vector<std::string>& paths, GroupBy group_by) {
  std::vector<fs::path> files;
  for (const auto& path : paths) KHOCHUNG_CHECK(list_files(path, files));
  return put_together(files, group_by);
}

Result<std::vector<Row>> read_rows(const fs::path& table) {
  std::ifstream stream(table, std::ios::binary);
  if (!stream) return fail(ErrorCode::not_found, "cannot open " + table.string());
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return table.extension() == ".jsonl" ? rows_of_jsonl(text) : rows_of_csv(text);
}

Result<std::vector<Shipment>> read_manifest(const fs::path& manifest) {
  const auto rows = KHOCHUNG_TRY(read_rows(manifest));
  std::vector<Shipment> shipments;
  std::map<std::string, std::size_t> place_of_group;
  const auto folder = fs::absolute(manifest).parent_path();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const auto file = row.find("file");
    if (file == row.end() || file->second.empty()) {
      return fail(ErrorCode::bad_input, "bad_manifest",
                  "row " + std::to_string(i + 1) + " names no file");
    }
    auto fields = KHOCHUNG_TRY(fields_of(row, i + 1));
    const auto path = (folder / file->second).lexically_normal();
    if (std::error_code error; !fs::exists(path, error)) {
      return fail(ErrorCode::not_found, "row " + std::to_string(i + 1) +
                                            " names a file that is not there: " + path.string());
    }
    const auto group = fields.find("group");
    if (group != fields.end()) {
      const auto [place, is_new] = place_of_group.try_emplace(group->second, shipments.size());
      if (!is_new) {
        shipments[place->second].files.push_back(path);
        continue;
      }
    }
    shipments.push_back({{path}, std::move(fields)});
  }
  return shipments;
}

Result<void> check_fields(const std::map<std::string, std::string>& fields) {
  Material material;
  for (const auto& [name, value] : fields) KHOCHUNG_CHECK(set_field(material, name, value));
  return {};
}

std::string shown_path(const fs::path& path) {
  const auto& bytes = path.native();
  if (is_utf8(bytes)) return bytes;
  std::string shown;
  for (const char c : bytes)
    shown += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\uFFFD";
  return shown;
}

}  // namespace khochung::app

#include "storage/packages/metadata_table.hpp"

#include <boost/json.hpp>
#include <map>

#include "schemas/canonical_json.hpp"
#include "storage/packages/csv_cell.hpp"

namespace khochung::storage {
namespace {

/// A field as its record's JSON says it.
std::string field_text(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) row += ',';
    row += csv_cell(cells[i]);
  }
  return row + "\r\n";
}

std::string metadata_csv_header(ByteOrderMark mark) {
  std::vector<std::string> names{"id", "revision"};
  for (const auto& field : material_fields) names.emplace_back(field.name);
  for (const auto* name : {"creator", "created_at", "part_of", "batch", "files", "sha256"}) {
    names.emplace_back(name);
  }
  return (mark == ByteOrderMark::utf8 ? "\xEF\xBB\xBF" : "") + csv_row(names);
}

std::string metadata_csv_row(const Material& material) {
  const auto value = to_json(material);
  const auto& object = value.get_object();
  std::vector<std::string> cells{material.id.text(), std::to_string(material.revision)};
  for (const auto& field : material_fields) cells.push_back(field_text(object, field.name));
  for (const auto* name : {"creator", "created_at", "part_of", "batch"}) {
    cells.push_back(field_text(object, name));
  }
  std::string names;
  std::string digests;
  for (const auto& file : files_kept(material)) {
    names += (names.empty() ? "" : "\n") + file.name;
    digests += (digests.empty() ? "" : "\n") + file.sha256.hex();
  }
  cells.push_back(names);
  cells.push_back(digests);
  return csv_row(cells);
}

std::string metadata_json_line(const Material& material) {
  return canonical_json(to_json(material)) + "\n";
}

std::string metadata_json_line(const Unit& unit) {
  return canonical_json(to_json(unit)) + "\n";
}

std::string units_csv(const std::vector<Unit>& units, ByteOrderMark mark) {
  std::map<UnitId, std::string> codes;
  for (const auto& unit : units) codes[unit.id] = unit.code;
  const auto code_of = [&](UnitId id) { return codes.contains(id) ? codes.at(id) : id.text(); };
  std::string table = mark == ByteOrderMark::utf8 ? "\xEF\xBB\xBF" : "";
  table += csv_row({"id", "code", "name_vi", "name_en", "level", "parent", "valid_from", "valid_to",
                    "successors"});
  for (const auto& unit : units) {
    std::string successors;
    for (const auto& id : unit.successors)
      successors += (successors.empty() ? "" : " ") + code_of(id);
    table += csv_row({unit.id.text(), unit.code, unit.name_vi, unit.name_en, unit.level,
                      unit.parent ? code_of(*unit.parent) : "", unit.valid_from, unit.valid_to,
                      successors});
  }
  return table;
}

}  // namespace khochung::storage

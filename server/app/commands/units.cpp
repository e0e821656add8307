#include "server/app/commands/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <cstdlib>
#include <map>
#include <span>
#include <sstream>
#include <utility>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/commands/shipment.hpp"
#include "server/app/commands/unit_sheet.hpp"
#include "server/app/progress.hpp"

namespace khochung::app {
namespace {

using boost::json::object;
using UnitRow = std::map<std::string, std::string>;

std::string cell(const UnitRow& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? std::string() : found->second;
}

/// A unit of a table as the API takes it: members_2025 and the like are members by year; successors
/// are codes with spaces or semicolons between, told once every unit is there.
object unit_of(const UnitRow& row, bool with_successors) {
  constexpr std::string_view members_of = "members_";
  constexpr std::array contact_columns{"address", "telephone", "email", "website"};
  object unit;
  object members;
  object contact;
  for (const auto& [name, value] : row) {
    if (value.empty() && name != "valid_to") continue;
    if (name.starts_with(members_of)) {
      members[name.substr(members_of.size())] = std::strtoll(value.c_str(), nullptr, 10);
    } else if (std::ranges::count(contact_columns, name) > 0) {
      contact[name] = value;
    } else if (name == "row") {
      unit[name] = std::strtoll(value.c_str(), nullptr, 10);
    } else if (name == "two_person_rule") {
      unit[name] = value == "true";
    } else if (name != "successors") {
      unit[name] = value;
    }
  }
  if (!members.empty()) unit["members"] = std::move(members);
  if (!contact.empty()) unit["contact"] = std::move(contact);
  if (!with_successors) return unit;
  auto listed = cell(row, "successors");
  std::ranges::replace(listed, ';', ' ');
  std::istringstream codes(listed);
  boost::json::array successors;
  for (std::string code; codes >> code;) successors.emplace_back(code);
  unit["successors"] = std::move(successors);
  return unit;
}

bool is_sheet(const std::filesystem::path& file) {
  auto extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".xlsx" || extension == ".xlsm";
}

/// The rows' places in an order in which parents come before children.
std::vector<std::size_t> parents_first(const std::vector<UnitRow>& rows) {
  std::map<std::string, std::size_t> by_code;
  for (std::size_t i = 0; i < rows.size(); ++i) by_code.emplace(cell(rows[i], "code"), i);
  std::vector<std::pair<std::size_t, std::size_t>> by_depth;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::size_t depth = 0;
    for (auto above = by_code.find(cell(rows[i], "parent"));
         above != by_code.end() && depth < rows.size();
         above = by_code.find(cell(rows[above->second], "parent"))) {
      ++depth;
    }
    by_depth.emplace_back(depth, i);
  }
  std::ranges::sort(by_depth);
  std::vector<std::size_t> order;
  for (const auto& [depth, row] : by_depth) order.push_back(row);
  return order;
}

struct ImportCounts {
  std::int64_t created = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};

/// Sends the rows some hundreds at a time, each time all or none.
Result<ImportCounts> send_units(Client& client, const std::vector<UnitRow>& rows) {
  constexpr std::size_t sent_at_once = 500;
  ImportCounts counts;
  const auto order = parents_first(rows);
  ProgressBar progress("Đơn vị");
  for (const bool with_successors : {false, true}) {
    for (std::size_t sent = 0; sent < order.size(); sent += sent_at_once) {
      const auto part = std::span(order).subspan(sent, std::min(sent_at_once, order.size() - sent));
      boost::json::array units;
      for (const auto row : part) {
        if (with_successors && cell(rows[row], "successors").empty()) continue;
        units.push_back(unit_of(rows[row], with_successors));
      }
      if (units.empty()) continue;
      const auto answer = KHOCHUNG_TRY(
          json_of(client, post("/api/v1/unit-import", object{{"units", std::move(units)}})));
      const JsonReader read(answer);
      progress.show({.done = sent + part.size(), .total = order.size()});
      if (with_successors) continue;  // counted before
      counts.created += read.integer("created");
      counts.changed += read.integer("changed");
      counts.unchanged += read.integer("unchanged");
    }
  }
  return counts;
}

}  // namespace

int import_units(Client& client, const std::filesystem::path& file,
                 const std::filesystem::path& programs, bool prints_json) {
  const auto rows = is_sheet(file) ? read_unit_sheet(file, programs) : read_rows(file);
  if (!rows) return print_error(rows.error(), prints_json);
  const auto taken = send_units(client, *rows);
  if (!taken) return print_error(taken.error(), prints_json);
  if (prints_json) {
    print_json(object{{"units", rows->size()},
                      {"created", taken->created},
                      {"changed", taken->changed},
                      {"unchanged", taken->unchanged}});
  } else {
    fmt::print("Đã thêm {} đơn vị, sửa {}, không đổi {}.\n", taken->created, taken->changed,
               taken->unchanged);
  }
  return 0;
}

int list_units(Client& client, bool prints_json) {
  constexpr std::size_t listed_at_once = 1'000;
  boost::json::array units;
  std::size_t total = 1;
  while (units.size() < total) {
    auto answer = json_of(
        client, get(fmt::format("/api/v1/units?limit={}&offset={}", listed_at_once, units.size())));
    if (!answer) return print_error(answer.error(), prints_json);
    auto& part = answer->at("units").as_array();
    if (part.empty()) break;
    total = static_cast<std::size_t>(JsonReader(*answer).integer("total"));
    units.insert(units.end(), part.begin(), part.end());
  }
  if (prints_json) {
    print_json(object{{"units", std::move(units)}});
    return 0;
  }
  for (const auto& unit : units) {
    fmt::print("{:<28} {}\n", JsonReader(unit).string("code"), JsonReader(unit).string("name"));
  }
  return 0;
}

int change_units(Client& client, const UnitDecision& decision, bool prints_json) {
  boost::json::array units;
  boost::json::array into;
  for (const auto& unit : decision.units) units.emplace_back(unit);
  for (const auto& unit : decision.into) into.emplace_back(unit);
  const object body{{"action", decision.action}, {"day", decision.day},
                    {"units", std::move(units)}, {"into", std::move(into)},
                    {"why", decision.why},       {"dry_run", decision.is_preview}};
  return with_answer(client, post("/api/v1/unit-changes", body), prints_json,
                     [&](const boost::json::value& answer) {
                       const JsonReader read(answer);
                       for (const auto& unit : answer.at("units").as_array()) {
                         fmt::print("{:<28} {}\n", JsonReader(unit).string("code"),
                                    JsonReader(unit).string("name"));
                       }
                       fmt::print("{} {} đơn vị; {} đơn vị bên dưới đi theo.\n",
                                  decision.is_preview ? "Sẽ đổi" : "Đã đổi",
                                  answer.at("units").as_array().size(), read.integer("beneath"));
                     });
}

}  // namespace khochung::app

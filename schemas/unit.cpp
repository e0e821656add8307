#include "schemas/unit.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "schemas/instant.hpp"
#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::array<std::pair<UnitKind, std::string_view>, 4> kind_names{
    {{UnitKind::unknown, ""},
     {UnitKind::territorial, "territorial"},
     {UnitKind::sector, "sector"},
     {UnitKind::corporation, "corporation"}}};

/// Members of a contact and their names in JSON.
constexpr std::array<std::pair<std::string UnitContact::*, std::string_view>, 4> contact_members{
    {{&UnitContact::address, "address"},
     {&UnitContact::telephone, "telephone"},
     {&UnitContact::email, "email"},
     {&UnitContact::website, "website"}}};

object contact_json(const UnitContact& contact) {
  object json;
  for (const auto& [member, name] : contact_members) {
    if (!(contact.*member).empty()) json[name] = contact.*member;
  }
  return json;
}

/// What is left out where nothing is known of it, so that older records stay as they were.
void add_later_members(object& json, const Unit& unit) {
  if (unit.kind != UnitKind::unknown) json["kind"] = to_text(unit.kind);
  if (!unit.moves.empty()) {
    array moves;
    for (const auto& place : unit.moves)
      moves.push_back(object{{"from", place.from}, {"parent", place.parent.text()}});
    json["moves"] = std::move(moves);
  }
  if (!unit.members_by_year.empty()) {
    object members;
    for (const auto& [year, count] : unit.members_by_year) members[std::to_string(year)] = count;
    json["members"] = std::move(members);
  }
  if (unit.contact != UnitContact{}) json["contact"] = contact_json(unit.contact);
  if (unit.has_two_person_rule) json["two_person_rule"] = true;
}

Result<std::vector<UnitPlace>> moves_from(const JsonReader& read) {
  std::vector<UnitPlace> moves;
  const auto* list = read.find("moves");
  if (list == nullptr || !list->is_array()) return moves;
  for (const auto& item : list->get_array()) {
    const JsonReader place(item);
    moves.push_back({place.string("from"), KHOCHUNG_TRY(UnitId::parse(place.string("parent")))});
    const auto& from = moves.back().from;
    KHOCHUNG_CHECK(day_from_text(from));
    if (moves.size() > 1 && moves[moves.size() - 2].from >= from)
      return fail(ErrorCode::bad_input, "a unit's moves stand in no order: " + from);
  }
  return moves;
}

Result<std::map<int, std::int64_t>> members_from(const JsonReader& read) {
  std::map<int, std::int64_t> members;
  const auto* counts = read.find("members");
  if (counts == nullptr || !counts->is_object()) return members;
  const JsonReader numbers(*counts);
  for (const auto& [year, _] : counts->get_object()) {
    const auto number = first_year_of(std::string(year));
    const auto count = numbers.integer(year);
    if (number == 0 || count < 0)
      return fail(ErrorCode::bad_input,
                  "a unit's members are counted by year: " + std::string(year));
    members[number] = count;
  }
  return members;
}

UnitContact contact_from(const JsonReader& read) {
  UnitContact contact;
  const auto* said = read.find("contact");
  if (said == nullptr) return contact;
  const JsonReader members(*said);
  for (const auto& [member, name] : contact_members) contact.*member = members.string(name);
  return contact;
}

}  // namespace

std::string_view to_text(UnitKind kind) {
  return kind_names.at(static_cast<std::size_t>(kind)).second;
}

Result<UnitKind> unit_kind_from(std::string_view text) {
  const auto* row = std::ranges::find(kind_names, text, &decltype(kind_names)::value_type::second);
  if (row == kind_names.end())
    return fail(ErrorCode::bad_input, "no such kind of unit: " + std::string(text));
  return row->first;
}

std::optional<UnitId> Unit::parent_on(std::string_view day) const {
  auto place = parent;
  for (const auto& move : moves) {
    if (move.from <= day) place = move.parent;
  }
  return place;
}

bool Unit::is_closed_on(std::string_view day) const {
  return !valid_to.empty() && valid_to < day.substr(0, valid_to.size());
}

value to_json(const Unit& unit) {
  array successors;
  for (const auto& successor : unit.successors) successors.emplace_back(successor.text());
  object json{
      {"id", unit.id.text()},          {"number", unit.number},     {"code", unit.code},
      {"name_vi", unit.name_vi},       {"name_en", unit.name_en},   {"level", unit.level},
      {"valid_from", unit.valid_from}, {"valid_to", unit.valid_to}, {"successors", successors}};
  json["parent"] = unit.parent ? value(unit.parent->text()) : value(nullptr);
  add_later_members(json, unit);
  return json;
}

Result<Unit> unit_from_json(const value& json) {
  const JsonReader read(json);
  Unit unit;
  unit.id = KHOCHUNG_TRY(UnitId::parse(read.string("id")));
  unit.number = static_cast<UnitNumber>(read.integer("number"));
  unit.code = read.string("code");
  unit.name_vi = read.string("name_vi");
  unit.name_en = read.string("name_en");
  unit.level = read.string("level");
  unit.valid_from = read.string("valid_from");
  unit.valid_to = read.string("valid_to");
  if (const auto parent = read.string("parent"); !parent.empty()) {
    unit.parent = KHOCHUNG_TRY(UnitId::parse(parent));
  }
  unit.kind = KHOCHUNG_TRY(unit_kind_from(read.string("kind")));
  unit.moves = KHOCHUNG_TRY(moves_from(read));
  unit.members_by_year = KHOCHUNG_TRY(members_from(read));
  unit.contact = contact_from(read);
  unit.has_two_person_rule = read.boolean("two_person_rule");
  for (const auto& successor : read.strings("successors")) {
    unit.successors.push_back(KHOCHUNG_TRY(UnitId::parse(successor)));
  }
  if (unit.number == 0 || unit.code.empty() || unit.name_vi.empty()) {
    return fail(ErrorCode::bad_input, "a unit needs a number, a code and a name");
  }
  return unit;
}

}  // namespace khochung

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <ranges>

#include "schemas/json_reader.hpp"
#include "server/api/administration.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/request_values.hpp"
#include "server/api/revision.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"
#include "server/api/unit_decision.hpp"
#include "server/api/unit_drafts.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr int most_units = 1'000;
constexpr std::size_t most_found = 50;

Result<const Unit*> unit_named(const UnitTree& tree, const std::string& id_or_code) {
  const Unit* unit = tree.find(id_or_code);
  if (unit == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + id_or_code);
  return unit;
}

/// Some of a list of units: {units, total}.
object part_of(const std::vector<const Unit*>& units, int offset, int limit, const UnitTree& tree,
               Language language) {
  array part;
  for (const Unit* unit : units | std::views::drop(offset) | std::views::take(limit))
    part.push_back(unit_json(*unit, tree, language));
  return {{"units", std::move(part)}, {"total", units.size()}};
}

/// All units, each before those beneath it; those beneath one; or those of a name.
Result<Response> list_units(const Services& services, const Request& request) {
  const auto tree = services.units.tree();
  const auto limit =
      KHOCHUNG_TRY(number_between("limit", request.query_value("limit"), 1, most_units, 100));
  const auto offset = KHOCHUNG_TRY(number_between("offset", request.query_value("offset"), 0,
                                                  std::numeric_limits<int>::max(), 0));
  std::vector<const Unit*> units;
  if (const auto name = request.query_value("q"); !name.empty()) {
    units = services.unit_finder.find(tree, name, most_found);
  } else if (const auto parent = request.query_value("parent"); !parent.empty()) {
    units = tree->children_of(KHOCHUNG_TRY(unit_named(*tree, parent))->number);
  } else if (tree->root() != nullptr) {
    const auto all = tree->branch(tree->root()->number);
    object answer{{"units", array()}, {"total", all.size()}};
    for (const auto number : all | std::views::drop(offset) | std::views::take(limit)) {
      answer["units"].as_array().push_back(
          unit_json(*tree->find(number), *tree, language_of(request)));
    }
    return Response::json(200, boost::json::serialize(answer));
  }
  return Response::json(
      200, boost::json::serialize(part_of(units, offset, limit, *tree, language_of(request))));
}

array short_list(const std::vector<const Unit*>& units, const UnitTree& tree, Language language) {
  array list;
  for (const Unit* unit : units) list.push_back(unit_json(*unit, tree, language));
  return list;
}

/// A unit, who is above it, and whom it came from or went into.
Result<Response> show_unit(const Services& services, const Request& request) {
  const auto tree = services.units.tree();
  const auto language = language_of(request);
  const Unit* unit = tree->find(request.parameter("unit"));
  if (unit == nullptr) return fail(ErrorCode::not_found, "unknown_unit", "no such unit");
  const auto record = to_json(*unit).as_object();
  auto json = unit_json(*unit, *tree, language);
  std::vector<const Unit*> above;
  for (const auto number : tree->chain_above(unit->number) | std::views::drop(1))
    above.push_back(tree->find(number));
  std::vector<const Unit*> successors;
  for (const auto& id : unit->successors) {
    if (const Unit* successor = tree->find(id)) successors.push_back(successor);
  }
  json["above"] = short_list(above, *tree, language);
  json["beneath"] = tree->children_of(unit->number).size();
  json["successors"] = short_list(successors, *tree, language);
  json["predecessors"] = short_list(tree->predecessors_of(*unit), *tree, language);
  for (const auto* name : {"moves", "members", "contact"}) {
    if (const auto* value = record.if_contains(name)) json[name] = *value;
  }
  return Response::json(200, boost::json::serialize(json));
}

Result<Response> put_unit(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const auto tree = services.units.tree();
  auto drafts = KHOCHUNG_TRY(unit_drafts_from({body}, *tree));
  const bool is_new = tree->find(drafts.units.front().id) == nullptr;
  const auto identity = KHOCHUNG_TRY(administrator_of(services, request, drafts.decided_at));
  const auto kept = KHOCHUNG_TRY(
      services.units.put(std::move(drafts.units), change_of(request, identity.viewer, {})));
  return Response::json(is_new ? 201 : 200,
                        boost::json::serialize(
                            unit_json(kept.front(), *services.units.tree(), language_of(request))));
}

/// Takes in many units or none, or says what would be new.
Result<Response> import_units(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const auto* rows = JsonReader(body).find("units");
  if (rows == nullptr || !rows->is_array() || rows->get_array().size() > most_units) {
    return fail(ErrorCode::bad_input,
                "units: a list of at most " + std::to_string(most_units) + " is expected");
  }
  const auto tree = services.units.tree();
  auto drafts = KHOCHUNG_TRY(unit_drafts_from(rows->get_array(), *tree));
  const auto identity = KHOCHUNG_TRY(administrator_of(services, request, drafts.decided_at));
  std::int64_t created = 0;
  std::int64_t unchanged = 0;
  std::erase_if(drafts.units, [&](const Unit& unit) {
    const Unit* known = tree->find(unit.id);
    created += known == nullptr ? 1 : 0;
    const bool is_as_it_was = known != nullptr && *known == unit;
    unchanged += is_as_it_was ? 1 : 0;
    return is_as_it_was;
  });
  const object counts{{"created", created},
                      {"changed", static_cast<std::int64_t>(drafts.units.size()) - created},
                      {"unchanged", unchanged}};
  if (!drafts.units.empty() && !JsonReader(body).boolean("dry_run")) {
    KHOCHUNG_CHECK(
        services.units.put(std::move(drafts.units), change_of(request, identity.viewer, {})));
  }
  return Response::json(200, boost::json::serialize(counts));
}

Result<UnitChange> unit_change_from(const JsonReader& read, const UnitTree& tree) {
  UnitChange change;
  change.action = KHOCHUNG_TRY(unit_action_from(read.string("action")));
  change.day = read.string("day");
  for (const auto& name : read.strings("units"))
    change.units.push_back(KHOCHUNG_TRY(unit_named(tree, name))->id);
  for (const auto& name : read.strings("into"))
    change.into.push_back(KHOCHUNG_TRY(unit_named(tree, name))->id);
  return change;
}

/// Merges, splits, moves or closes units from a day on, or says what that would change.
Result<Response> change_units(const Services& services, const Request& request) {
  const auto body = KHOCHUNG_TRY(json_body(request));
  const JsonReader read(body);
  const auto tree = services.units.tree();
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  const auto decision = KHOCHUNG_TRY(unit_change_from(read, *tree));
  const auto changed = KHOCHUNG_TRY(decide(
      services, identity.viewer, decision, change_of(request, identity.viewer, read.string("why")),
      read.boolean("dry_run") ? Mode::preview : Mode::carry_out));
  const auto after = services.units.tree();
  array units;
  for (const auto& unit : changed) units.push_back(unit_json(unit, *after, language_of(request)));
  return Response::json(
      200, boost::json::serialize(
               object{{"units", std::move(units)}, {"beneath", count_beneath(changed, *after)}}));
}

}  // namespace

void add_unit_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  add(Method::get, "/api/v1/units", BodyKind::none, list_units);
  add(Method::get, "/api/v1/units/{unit}", BodyKind::none, show_unit);
  add(Method::post, "/api/v1/units", BodyKind::small, put_unit);
  add(Method::post, "/api/v1/unit-import", BodyKind::small, import_units);
  add(Method::post, "/api/v1/unit-changes", BodyKind::small, change_units);
}

}  // namespace khochung::api

#include "server/api/unit_drafts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "schemas/instant.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;

/// The rows of one request: whom they name is among themselves or in the tree.
class DraftReader {
 public:
  explicit DraftReader(const UnitTree& tree) : tree_(tree) {}

  Result<UnitDrafts> read(const array& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      KHOCHUNG_CHECK(with_name(rows[i], i, [&] { return begin(rows[i]); }));
    for (std::size_t i = 0; i < rows.size(); ++i)
      KHOCHUNG_CHECK(with_name(rows[i], i, [&] { return fill_in(drafts_.units[i], rows[i]); }));
    for (std::size_t i = 0; i < rows.size(); ++i)
      KHOCHUNG_CHECK(with_name(rows[i], i, [&] { return note_place(drafts_.units[i]); }));
    drafts_.decided_at.assign(places_.begin(), places_.end());
    return std::move(drafts_);
  }

 private:
  template <typename Step>
  static Result<void> with_name(const boost::json::value& row, std::size_t number, Step step) {
    auto done = step();
    if (done) return {};
    auto error = done.error();
    const JsonReader read(row);
    const auto code = read.string("code");
    // A table says itself which row it was.
    const auto told = read.integer("row");
    auto name = code.empty() ? fmt::format("row {}", told > 0 ? told : number + 1) : "unit " + code;
    if (told > 0 && !code.empty()) name = fmt::format("row {}, {}", told, name);
    error.message = name + ": " + error.message;
    error.reason = "bad_manifest";
    return fail(std::move(error));
  }

  /// The unit as it is, or a new one.
  Result<void> begin(const boost::json::value& row) {
    const auto code = JsonReader(row).string("code");
    if (code.empty()) return fail(ErrorCode::bad_input, "a unit needs a code");
    const Unit* known = tree_.find(code);
    Unit unit;
    if (known != nullptr) {
      unit = *known;
    } else {
      unit.id = UnitId::make();
      unit.code = code;
    }
    if (!ids_.emplace(unit.code, unit.id).second)
      return fail(ErrorCode::bad_input, "the unit stands twice: " + code);
    rows_.emplace(unit.id, drafts_.units.size());
    drafts_.units.push_back(std::move(unit));
    return {};
  }

  Result<void> fill_in(Unit& unit, const boost::json::value& row) const {
    const JsonReader read(row);
    static constexpr std::array<std::pair<std::string Unit::*, const char*>, 5> texts{
        {{&Unit::name_vi, "name_vi"},
         {&Unit::name_en, "name_en"},
         {&Unit::level, "level"},
         {&Unit::valid_from, "valid_from"},
         {&Unit::valid_to, "valid_to"}}};
    for (const auto& [member, name] : texts) {
      if (read.find(name) != nullptr) unit.*member = read.string(name);
    }
    if (unit.name_vi.empty()) return fail(ErrorCode::bad_input, "a unit needs a name");
    for (const auto& date : {unit.valid_from, unit.valid_to}) {
      if (!date.empty() && !is_edtf(date)) return fail(ErrorCode::bad_input, "no date: " + date);
    }
    if (read.find("kind") != nullptr) unit.kind = KHOCHUNG_TRY(unit_kind_from(read.string("kind")));
    if (read.find("two_person_rule") != nullptr)
      unit.has_two_person_rule = read.boolean("two_person_rule");
    if (const auto parent = read.string("parent"); !parent.empty()) {
      const auto id = KHOCHUNG_TRY(named(parent));
      // A mistake is put right where it was made; what was decided before stays.
      if (unit.moves.empty()) {
        unit.parent = id;
      } else {
        unit.moves.back().parent = id;
      }
    }
    if (read.find("successors") != nullptr) {
      unit.successors.clear();
      for (const auto& code : read.strings("successors"))
        unit.successors.push_back(KHOCHUNG_TRY(named(code)));
    }
    return fill_in_figures(unit, read);
  }

  /// Members and contact are read as records have them; years that are not named stay.
  static Result<void> fill_in_figures(Unit& unit, const JsonReader& read) {
    auto json = to_json(unit).as_object();
    for (const auto* name : {"members", "contact"}) {
      const auto* given = read.find(name);
      if (given == nullptr || !given->is_object()) continue;
      auto& kept = json[name];
      if (!kept.is_object()) kept = object();
      for (const auto& [key, value] : given->get_object()) kept.get_object()[key] = value;
    }
    // A new unit has no number yet, which records need.
    json["number"] = std::max<UnitNumber>(unit.number, 1);
    const auto read_back = KHOCHUNG_TRY(unit_from_json(json));
    unit.members_by_year = read_back.members_by_year;
    unit.contact = read_back.contact;
    return {};
  }

  [[nodiscard]] Result<UnitId> named(const std::string& id_or_code) const {
    if (const auto row = ids_.find(id_or_code); row != ids_.end()) return row->second;
    const Unit* unit = tree_.find(id_or_code);
    if (unit == nullptr)
      return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + id_or_code);
    return unit->id;
  }

  /// Who may decide on a unit: for one that is there its own administrator, and that of the place
  /// where it is to stand; for a new one that of the nearest unit above it that is there.
  Result<void> note_place(const Unit& unit) {
    if (const Unit* known = tree_.find(unit.id)) {
      places_.insert(known->number);
      if (known->parent_on(tree_.day()) == unit.parent_on(tree_.day())) return {};
    }
    const Unit* above = &unit;
    for (std::size_t steps = 0; steps <= drafts_.units.size(); ++steps) {
      const auto parent = above->parent_on(tree_.day());
      if (!parent) break;
      if (const Unit* there = tree_.find(*parent)) {
        places_.insert(there->number);
        return {};
      }
      above = &drafts_.units[rows_.at(*parent)];
    }
    return fail(ErrorCode::bad_input, "unknown_unit", "a new unit needs a parent");
  }

  const UnitTree& tree_;
  UnitDrafts drafts_;
  std::map<std::string, UnitId, std::less<>> ids_;  ///< by code, of the rows
  std::map<UnitId, std::size_t> rows_;
  std::set<UnitNumber> places_;
};

}  // namespace

Result<UnitDrafts> unit_drafts_from(const array& rows, const UnitTree& tree) {
  return DraftReader(tree).read(rows);
}

}  // namespace khochung::api

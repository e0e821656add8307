#include "schemas/unit.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"

namespace khochung {

boost::json::value to_json(const Unit& unit) {
  boost::json::array successors;
  for (const auto& successor : unit.successors) successors.emplace_back(successor.text());
  boost::json::object object{
      {"id", unit.id.text()},          {"number", unit.number},     {"code", unit.code},
      {"name_vi", unit.name_vi},       {"name_en", unit.name_en},   {"level", unit.level},
      {"valid_from", unit.valid_from}, {"valid_to", unit.valid_to}, {"successors", successors}};
  object["parent"] =
      unit.parent ? boost::json::value(unit.parent->text()) : boost::json::value(nullptr);
  return object;
}

Result<Unit> unit_from_json(const boost::json::value& value) {
  const JsonReader read(value);
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
  for (const auto& successor : read.strings("successors")) {
    unit.successors.push_back(KHOCHUNG_TRY(UnitId::parse(successor)));
  }
  if (unit.number == 0 || unit.code.empty() || unit.name_vi.empty()) {
    return fail(ErrorCode::bad_input, "a unit needs a number, a code and a name");
  }
  return unit;
}

Result<UnitTree> UnitTree::make(std::vector<Unit> units) {
  UnitTree tree;
  tree.units_ = std::move(units);
  for (std::size_t i = 0; i < tree.units_.size(); ++i) {
    const Unit& unit = tree.units_[i];
    const bool is_new = tree.by_number_.emplace(unit.number, i).second &&
                        tree.by_id_.emplace(unit.id, i).second &&
                        tree.by_code_.emplace(unit.code, i).second;
    if (!is_new) return fail(ErrorCode::bad_input, "a unit stands twice: " + unit.code);
  }
  for (const Unit& unit : tree.units_) {
    if (!unit.parent) continue;
    const Unit* parent = tree.find(*unit.parent);
    if (parent == nullptr) return fail(ErrorCode::bad_input, "no such parent of unit " + unit.code);
    tree.parent_of_[unit.number] = parent->number;
    tree.children_of_.emplace(parent->number, unit.number);
  }
  for (const Unit& unit : tree.units_) {
    UnitNumber above = unit.number;
    for (std::size_t steps = 0; tree.parent_of_.contains(above);
         above = tree.parent_of_.at(above)) {
      if (++steps > tree.units_.size())
        return fail(ErrorCode::bad_input, "a circle above unit " + unit.code);
    }
  }
  return tree;
}

const Unit* UnitTree::find(UnitId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &units_[found->second];
}

const Unit* UnitTree::find(UnitNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : &units_[found->second];
}

const Unit* UnitTree::find(std::string_view id_or_code) const {
  if (const auto found = by_code_.find(id_or_code); found != by_code_.end())
    return &units_[found->second];
  const auto id = UnitId::parse(id_or_code);
  return id ? find(*id) : nullptr;
}

const Unit* UnitTree::root() const {
  const auto first = std::ranges::find_if(units_, [](const Unit& unit) { return !unit.parent; });
  return first == units_.end() ? nullptr : &*first;
}

bool UnitTree::is_within(UnitNumber unit, UnitNumber branch) const {
  while (unit != branch) {
    const auto above = parent_of_.find(unit);
    if (above == parent_of_.end()) return false;
    unit = above->second;
  }
  return by_number_.contains(branch);
}

std::vector<UnitNumber> UnitTree::chain_above(UnitNumber unit) const {
  std::vector<UnitNumber> chain{unit};
  for (auto above = parent_of_.find(unit); above != parent_of_.end();
       above = parent_of_.find(above->second)) {
    chain.push_back(above->second);
  }
  return chain;
}

std::vector<UnitNumber> UnitTree::branch(UnitNumber unit) const {
  std::vector<UnitNumber> found{unit};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children_of_.equal_range(found[i]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace khochung

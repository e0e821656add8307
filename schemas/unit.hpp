#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/result.hpp"

namespace khochung {

/// A unit's permanent number: given once, never used again. The index keeps it instead of the place
/// in the tree, so that moving a unit rewrites no document.
using UnitNumber = std::uint32_t;

/// A unit of the union: the Confederation, a federation, an upper-level union, a grassroots union.
/// Levels are data: nothing in the code knows how many there are.
struct Unit {
  UnitId id;
  UnitNumber number = 0;
  /// Short name in addresses and manifests, such as "ldld-nghe-an".
  std::string code;
  std::string name_vi;
  std::string name_en;
  std::string level;
  std::optional<UnitId> parent;
  /// EDTF dates; empty where the unit has no known beginning or is still open.
  std::string valid_from;
  std::string valid_to;
  std::vector<UnitId> successors;
};

boost::json::value to_json(const Unit& unit);
/// Errors: bad_input.
Result<Unit> unit_from_json(const boost::json::value& value);

/// All units and who stands above whom. A value; shared as an immutable snapshot.
class UnitTree {
 public:
  UnitTree() = default;
  /// Errors: bad_input for a missing parent, a circle, or an id, number or code that stands twice.
  static Result<UnitTree> make(std::vector<Unit> units);

  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] const Unit* find(UnitId id) const;
  [[nodiscard]] const Unit* find(UnitNumber number) const;
  /// By id or code.
  [[nodiscard]] const Unit* find(std::string_view id_or_code) const;
  /// The first unit without a parent; null in an empty tree.
  [[nodiscard]] const Unit* root() const;

  /// Whether `unit` is `branch` or stands beneath it.
  [[nodiscard]] bool is_within(UnitNumber unit, UnitNumber branch) const;
  /// The unit and all above it, nearest first.
  [[nodiscard]] std::vector<UnitNumber> chain_above(UnitNumber unit) const;
  /// The unit and all beneath it, ascending.
  [[nodiscard]] std::vector<UnitNumber> branch(UnitNumber unit) const;

 private:
  std::vector<Unit> units_;
  std::map<UnitNumber, std::size_t> by_number_;
  std::map<UnitId, std::size_t> by_id_;
  std::map<std::string, std::size_t, std::less<>> by_code_;
  std::map<UnitNumber, UnitNumber> parent_of_;
  std::multimap<UnitNumber, UnitNumber> children_of_;
};

}  // namespace khochung

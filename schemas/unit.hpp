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

/// What a unit gathers its members by; empty where nobody has said it.
/// Source: Luật Công đoàn 50/2024/QH15, điều 8.
enum class UnitKind { unknown, territorial, sector, corporation };

std::string_view to_text(UnitKind kind);
/// Errors: bad_input.
Result<UnitKind> unit_kind_from(std::string_view text);

/// How a unit is reached by the public.
struct UnitContact {
  std::string address;
  std::string telephone;
  std::string email;
  std::string website;
  bool operator==(const UnitContact&) const = default;
};

/// A place in the tree from a day on.
struct UnitPlace {
  std::string from;  ///< "2025-07-01"
  UnitId parent;
  bool operator==(const UnitPlace&) const = default;
};

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
  /// Where it stood at first.
  std::optional<UnitId> parent;
  /// EDTF dates, the last day included; empty where the unit has no known beginning or is still
  /// open.
  std::string valid_from;
  std::string valid_to;
  std::vector<UnitId> successors;
  UnitKind kind = UnitKind::unknown;
  /// Where it stood or will stand since, by day. A merged unit stands beneath the one it went into,
  /// which so has its papers and all that stood beneath it.
  std::vector<UnitPlace> moves;
  std::map<int, std::int64_t> members_by_year;
  UnitContact contact;
  /// Whether in its branch nobody may agree to what he contributed himself.
  bool has_two_person_rule = false;

  /// Where it stands on a day ("2026-11-28"); nothing: at the top.
  [[nodiscard]] std::optional<UnitId> parent_on(std::string_view day) const;
  [[nodiscard]] bool is_closed_on(std::string_view day) const;
  bool operator==(const Unit&) const = default;
};

boost::json::value to_json(const Unit& unit);
/// Errors: bad_input.
Result<Unit> unit_from_json(const boost::json::value& value);

}  // namespace khochung

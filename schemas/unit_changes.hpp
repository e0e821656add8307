#pragma once

#include <string>
#include <vector>

#include "schemas/unit_tree.hpp"

namespace khochung {

/// A decision of the union about its units that takes effect on a day.
struct UnitChange {
  enum class Action {
    /// `units` end and go into the one of `into`: it has their papers, and what stood beneath them.
    merge,
    /// The one of `units` ends; those of `into` come after it. Its papers stay with who is above
    /// it.
    split,
    /// `units` stand beneath the one of `into` from then on.
    move,
    /// `units` end; those of `into`, if any, come after them.
    close
  };
  Action action = Action::merge;
  std::string day;  ///< the first on which it holds: "2025-07-01"
  std::vector<UnitId> units;
  std::vector<UnitId> into;
};

/// Errors: bad_input.
Result<UnitChange::Action> unit_action_from(std::string_view text);

/// The units as the change leaves them; those that stay as they are left out. Papers keep their
/// owner's number, so nothing else is to be rewritten.
/// Errors: bad_input (no such day; too many or too few units); not_found; conflict (one of them is
/// closed by then, or moved later than that day; the tree would have a circle).
Result<std::vector<Unit>> changed_by(const UnitTree& tree, const UnitChange& change);

}  // namespace khochung

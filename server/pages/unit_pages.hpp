#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "server/pages/pages.hpp"

/// The pages of units: the tree, and what is decided about it. Pure, as all pages.
namespace khochung::pages {

/// Which part of the units a page shows.
struct UnitsView {
  std::string name;                   ///< that was looked for
  boost::json::array above;           ///< units above the one whose branch is shown, the top first
  boost::json::value here = nullptr;  ///< that one
  std::size_t offset = 0;
  std::size_t limit = 1;
  std::size_t total = 0;
  bool may_decide = false;  ///< on the unit whose branch is shown
  std::string done;         ///< "changed" after a decision was carried out
};

/// Shape: as /api/v1/units answers ([{id, code, name | name_vi, name_en, level, parent, valid_from,
///        valid_to}], or that under "units"), with `beneath` where more stand under one than are
///        shown; `all` is a search answer to the empty query, whose facet counts each unit's
///        branch.
std::string units_page(const PageContext& context, const boost::json::value& units,
                       const boost::json::value& all, const UnitsView& view = {});

/// A decision about units as it is typed.
struct UnitDecision {
  std::string action;  ///< merge, split, move or close
  std::string units;   ///< a name or code a line
  std::string into;
  std::string day;
  std::string why;
};

/// What a decision would change.
struct DecisionPreview {
  boost::json::array units;
  boost::json::array into;
  std::int64_t beneath = 0;
};

/// The form; with a preview what it would change, and the button that does it.
std::string unit_decision_page(const PageContext& context, const UnitDecision& typed,
                               const std::optional<DecisionPreview>& preview,
                               const std::string& error);

}  // namespace khochung::pages

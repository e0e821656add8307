#pragma once

#include <boost/json/array.hpp>
#include <vector>

#include "schemas/unit_tree.hpp"

namespace khochung::api {

/// Units as they are to be, and the places whose administrator may decide it.
struct UnitDrafts {
  std::vector<Unit> units;
  std::vector<UnitNumber> decided_at;
};

/// Reads rows of {code, name_vi, name_en, level, kind, parent, valid_from, valid_to, successors,
/// members, contact, row}: parents and successors are codes or ids, of the tree or of other rows.
/// What a row leaves out stays as it is. Errors: bad_input, with the unit's code or the row's
/// number
/// (`row`, or else its place), or both.
Result<UnitDrafts> unit_drafts_from(const boost::json::array& rows, const UnitTree& tree);

}  // namespace khochung::api

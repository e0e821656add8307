#pragma once

#include <boost/json/object.hpp>

#include "schemas/access/policy.hpp"
#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"

namespace khochung::api {

/// Changes what the members of `patch` name: fields of the field table, `unit`, `notice`, `hold`.
/// Errors: bad_input; forbidden when `viewer` may not make this change to what it was, or to what
/// it becomes; conflict, reason "deleted", or "kit_unpublished" for a press kit without a version.
Result<void> change_by_patch(Material& material, const boost::json::object& patch,
                             const access::Viewer& viewer, const UnitTree& tree);

}  // namespace khochung::api

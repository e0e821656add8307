#pragma once

#include <boost/json/object.hpp>

#include "indexer/pipeline/vocabularies.hpp"
#include "schemas/access/policy.hpp"
#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"

namespace khochung::api {

/// Who changes something, and the units and words that hold at that moment.
struct Patching {
  const access::Viewer& viewer;
  const UnitTree& tree;
  /// Null where values are given back that stood there before.
  const pipeline::Vocabularies* vocabularies;
};

/// Changes what the members of `patch` name: fields of the field table, `unit`, `notice`, `hold`.
/// Concepts may come as a list of ids, too.
/// Errors: bad_input; forbidden when `viewer` may not make this change to what it was, or to what
/// it becomes; conflict, reason "deleted", or "kit_unpublished" for a press kit without a version.
Result<void> change_by_patch(Material& material, const boost::json::object& patch,
                             const Patching& by);

}  // namespace khochung::api

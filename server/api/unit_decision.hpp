#pragma once

#include <string>
#include <vector>

#include "schemas/unit_changes.hpp"
#include "server/api/services.hpp"

namespace khochung::api {

/// Whether a decision is only looked at.
enum class Mode { preview, carry_out };

/// The units as a decision leaves or would leave them. Whoever decides administers what is above
/// each unit and what it goes into.
/// Errors: forbidden; those of changed_by().
Result<std::vector<Unit>> decide(const Services& services, const access::Viewer& viewer,
                                 const UnitChange& decision, const pipeline::Change& change,
                                 Mode mode);

/// How many units stand beneath these and go with them.
std::size_t count_beneath(const std::vector<Unit>& units, const UnitTree& tree);

}  // namespace khochung::api

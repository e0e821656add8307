#pragma once

#include <string_view>

#include "schemas/rights.hpp"
#include "server/api/readable.hpp"

/// Licence and consent, where bytes are given out.
namespace khochung::api {

/// Why the material's bytes do not go to the viewer, as rights::refusal() says it; empty: they may.
/// Those who may edit it keep them, since they have to see what they decide on.
std::string_view use_refusal(const Material& material, const UnitTree& tree,
                             const access::Viewer& viewer);
std::string_view use_refusal(const Readable& readable, const access::Viewer& viewer);

/// Errors: gone, with that reason.
Result<void> demand_use(const Readable& readable, const access::Viewer& viewer);

}  // namespace khochung::api

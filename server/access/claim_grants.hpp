#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/unit_tree.hpp"
#include "storage/accounts/account_store.hpp"

namespace khochung::access {

/// Which claim gives which right. Either `unit` or `unit_claim` is there.
struct GrantRule {
  std::string claim, value;  ///< what the person must have; empty: everybody
  std::string unit;          ///< code
  std::string unit_claim;    ///< names the units' codes
  Role role = Role::reader;
};

/// The texts of a claim: one, or a list of them. `path`: the claim of that very name, else where
/// its dots lead ("realm_access.roles").
std::vector<std::string> claim_values(const boost::json::object& claims, std::string_view path);

/// The rights that the claims give until `end`, each once. A unit that is not there gives none.
std::vector<storage::AccountGrant> grants_of(const std::vector<GrantRule>& rules,
                                             const boost::json::object& claims,
                                             const UnitTree& tree, Instant end);

}  // namespace khochung::access

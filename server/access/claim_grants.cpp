#include "server/access/claim_grants.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace khochung::access {
namespace {

constexpr std::size_t most_grants = 100;

const boost::json::value* find(const boost::json::object& claims, std::string_view path) {
  if (const auto* found = claims.if_contains(path)) return found;
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto* inner = claims.if_contains(path.substr(0, dot));
  if (inner == nullptr || !inner->is_object()) return nullptr;
  return find(inner->get_object(), path.substr(dot + 1));
}

bool applies(const GrantRule& rule, const boost::json::object& claims) {
  if (rule.claim.empty()) return true;
  const auto values = claim_values(claims, rule.claim);
  return std::ranges::find(values, rule.value) != values.end();
}

}  // namespace

std::vector<std::string> claim_values(const boost::json::object& claims, std::string_view path) {
  std::vector<std::string> values;
  const auto* found = find(claims, path);
  if (found == nullptr) return values;
  if (found->is_string()) values.emplace_back(found->get_string());
  if (!found->is_array()) return values;
  for (const auto& one : found->get_array()) {
    if (one.is_string()) values.emplace_back(one.get_string());
  }
  return values;
}

std::vector<storage::AccountGrant> grants_of(const std::vector<GrantRule>& rules,
                                             const boost::json::object& claims,
                                             const UnitTree& tree, Instant end) {
  std::vector<storage::AccountGrant> grants;
  const auto add = [&](Role role, const std::string& code) {
    const Unit* unit = code.empty() ? nullptr : tree.find(code);
    const bool is_there = unit == nullptr || std::ranges::any_of(grants, [&](const auto& one) {
                            return one.role == role && one.unit == unit->id;
                          });
    if (!is_there && grants.size() < most_grants) grants.push_back({role, unit->id, end, true});
  };
  for (const auto& rule : rules) {
    if (!applies(rule, claims)) continue;
    if (!rule.unit.empty()) add(rule.role, rule.unit);
    if (rule.unit_claim.empty()) continue;
    for (const auto& code : claim_values(claims, rule.unit_claim)) add(rule.role, code);
  }
  return grants;
}

}  // namespace khochung::access

#include "schemas/access/policy.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace khochung::access {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 6> role_names{
    {{Role::reader, "reader"},
     {Role::contributor, "contributor"},
     {Role::archivist, "archivist"},
     {Role::editor, "editor"},
     {Role::spokesperson, "spokesperson"},
     {Role::administrator, "administrator"}}};

/// Null for all units: who stands at the top needs no list of everybody.
std::shared_ptr<const UnitSet> branches_of(const UnitTree& tree,
                                           const std::vector<UnitNumber>& units) {
  auto branches = std::make_shared<UnitSet>();
  for (const auto unit : units) {
    if (tree.branch(unit).size() == tree.units().size()) return nullptr;
    for (const auto number : tree.branch(unit)) branches->insert(number);
  }
  return branches;
}

std::shared_ptr<const UnitSet> chains_above(const UnitTree& tree,
                                            const std::vector<Grant>& grants) {
  auto chains = std::make_shared<UnitSet>();
  for (const auto& grant : grants) {
    for (const auto above : tree.chain_above(grant.unit)) chains->insert(above);
  }
  return chains;
}

std::map<Role, std::vector<UnitNumber>> units_by_role(const std::vector<Grant>& grants) {
  std::map<Role, std::vector<UnitNumber>> units;
  for (const auto& grant : grants) units[grant.role].push_back(grant.unit);
  return units;
}

bool holds(const std::optional<Role>& role, Role needed) {
  return role && *role >= needed;
}

bool is_under_embargo(const Standing& standing, Instant now) {
  return standing.embargo_until && now < *standing.embargo_until;
}

bool is_signed_in_union_person(const Viewer& viewer) {
  return viewer.kind == AccountKind::union_person;
}

bool is_creator(const Viewer& viewer, const Standing& standing) {
  return is_signed_in_union_person(viewer) && !viewer.name.empty() &&
         viewer.name == standing.creator;
}

/// Whether the viewer works in the owner's unit or anywhere beneath it.
bool belongs_to_branch(const Viewer& viewer, UnitNumber owner, const UnitTree& tree) {
  return std::ranges::any_of(viewer.grants,
                             [&](const Grant& grant) { return tree.is_within(grant.unit, owner); });
}

bool visibility_admits(const Viewer& viewer, const Standing& standing, const UnitTree& tree) {
  const auto role = role_at(viewer, standing.owner, tree);
  switch (effective_visibility(standing)) {
    case Visibility::public_: return true;
    case Visibility::press: return viewer.kind != AccountKind::anonymous;
    case Visibility::union_: return is_signed_in_union_person(viewer);
    case Visibility::branch:
      return role.has_value() || belongs_to_branch(viewer, standing.owner, tree);
    case Visibility::unit: return role.has_value();
    case Visibility::private_:
      return holds(role, Role::administrator) || is_creator(viewer, standing);
  }
  return false;
}

bool is_named_recipient(const Viewer& viewer, const Standing& standing) {
  return viewer.kind == AccountKind::press && !viewer.name.empty() &&
         std::ranges::count(standing.press_recipients, viewer.name) > 0;
}

/// Below `published`: its creator and the branch's contributors and above.
bool may_read_unpublished(const Viewer& viewer, const Standing& standing,
                          const std::optional<Role>& role) {
  if (is_creator(viewer, standing) || holds(role, Role::administrator)) return true;
  return holds(role, Role::contributor) && effective_visibility(standing) != Visibility::private_;
}

bool may_read(const Viewer& viewer, const Standing& standing, const UnitTree& tree, Instant now) {
  if (standing.sensitivity == Sensitivity::quarantined) return false;
  const auto role = role_at(viewer, standing.owner, tree);
  if (is_under_embargo(standing, now)) {
    if (standing.state == State::published && is_named_recipient(viewer, standing)) return true;
    if (!holds(role, Role::editor)) return false;
  }
  if (standing.state == State::published || is_taken_out(standing.state)) {
    return visibility_admits(viewer, standing, tree);
  }
  return may_read_unpublished(viewer, standing, role);
}

}  // namespace

std::string_view to_text(Role role) {
  return role_names.at(static_cast<std::size_t>(role)).second;
}

Result<Role> role_from(std::string_view text) {
  const auto* row = std::ranges::find(role_names, text, &std::pair<Role, std::string_view>::second);
  if (row == role_names.end())
    return fail(ErrorCode::bad_input, "no such role: " + std::string(text));
  return row->first;
}

Result<Standing> Standing::of(const Material& material, const UnitTree& tree) {
  const Unit* owner = tree.find(material.unit);
  if (owner == nullptr)
    return fail(ErrorCode::not_found, "unknown_unit", "no unit " + material.unit.text());
  return Standing{
      owner->number,          material.visibility, material.state,           material.sensitivity,
      material.embargo_until, material.creator,    material.press_recipients};
}

Visibility effective_visibility(const Standing& standing) {
  switch (standing.sensitivity) {
    case Sensitivity::open: return standing.visibility;
    case Sensitivity::internal: return std::max(standing.visibility, Visibility::union_);
    case Sensitivity::restricted: return std::max(standing.visibility, Visibility::unit);
    case Sensitivity::quarantined: return Visibility::private_;
  }
  return Visibility::private_;
}

std::optional<Role> role_at(const Viewer& viewer, UnitNumber unit, const UnitTree& tree) {
  if (!is_signed_in_union_person(viewer)) return std::nullopt;
  std::optional<Role> highest;
  for (const auto& grant : viewer.grants) {
    if (tree.is_within(unit, grant.unit) && (!highest || grant.role > *highest))
      highest = grant.role;
  }
  return highest;
}

bool may(const Viewer& viewer, Action action, const Standing& standing, const UnitTree& tree,
         Instant now) {
  if (viewer.kind == AccountKind::local_administrator) return true;
  const auto role = role_at(viewer, standing.owner, tree);
  switch (action) {
    case Action::read: return may_read(viewer, standing, tree, now);
    case Action::create: return holds(role, Role::contributor);
    case Action::edit:
      if (!may_read(viewer, standing, tree, now)) return false;
      return holds(role, Role::archivist) ||
             (is_creator(viewer, standing) && standing.state < State::approved);
    case Action::publish: return holds(role, Role::archivist);
    case Action::administer: return holds(role, Role::administrator);
  }
  return false;
}

ReadFilter filter_for(const Viewer& viewer, const UnitTree& tree, Instant now) {
  using enum Visibility;
  ReadFilter filter{viewer.kind == AccountKind::local_administrator, now, {}};
  if (filter.everything) return filter;

  const std::vector<State> shown{State::published, State::withdrawn, State::deleted};
  const std::vector<State> unpublished{State::draft, State::submitted, State::approved};
  const std::vector<Visibility> all{public_, press, union_, branch, unit, private_};
  const std::vector<Visibility> all_but_private{public_, press, union_, branch, unit};

  Clause general{{public_}, shown, nullptr, true, {}, {}};
  if (viewer.kind == AccountKind::press) general.visibilities = {public_, press};
  if (is_signed_in_union_person(viewer)) general.visibilities = {public_, press, union_};
  filter.any_of.push_back(general);

  if (viewer.kind == AccountKind::press && !viewer.name.empty()) {
    filter.any_of.push_back({all, {State::published}, nullptr, false, {}, viewer.name});
  }
  if (!is_signed_in_union_person(viewer)) return filter;

  if (!viewer.name.empty()) {
    std::vector<State> every_state = unpublished;
    every_state.insert(every_state.end(), shown.begin(), shown.end());
    filter.any_of.push_back({all, unpublished, nullptr, true, viewer.name, {}});
    filter.any_of.push_back({{private_}, every_state, nullptr, true, viewer.name, {}});
  }
  if (!viewer.grants.empty())
    filter.any_of.push_back({{branch}, shown, chains_above(tree, viewer.grants), true, {}, {}});
  // A role is asked about once, at however many units it is held.
  for (const auto& [role, units] : units_by_role(viewer.grants)) {
    const auto beneath = branches_of(tree, units);
    const bool sees_embargoed = role >= Role::editor;
    const auto& visible = role >= Role::administrator ? all : all_but_private;
    filter.any_of.push_back({visible, shown, beneath, !sees_embargoed, {}, {}});
    if (role >= Role::contributor) {
      filter.any_of.push_back({visible, unpublished, beneath, !sees_embargoed, {}, {}});
    }
    // Editors' own private material and drafts stay readable to them while an embargo runs.
    if (sees_embargoed && !viewer.name.empty()) {
      filter.any_of.push_back({{private_}, shown, beneath, false, viewer.name, {}});
      filter.any_of.push_back({all, unpublished, beneath, false, viewer.name, {}});
    }
    // Those who work beneath the owner and edit above it see the owner's branch material under
    // embargo too: covered by `visible` above, since an editor's grant covers the owner.
  }
  return filter;
}

bool passes(const ReadFilter& filter, const Standing& standing) {
  if (filter.everything) return true;
  if (standing.sensitivity == Sensitivity::quarantined) return false;
  const auto visibility = effective_visibility(standing);
  return std::ranges::any_of(filter.any_of, [&](const Clause& clause) {
    if (!std::ranges::count(clause.visibilities, visibility)) return false;
    if (!std::ranges::count(clause.states, standing.state)) return false;
    if (clause.owners && !clause.owners->contains(standing.owner)) return false;
    if (clause.embargo_must_be_over && is_under_embargo(standing, filter.now)) return false;
    if (!clause.creator.empty() && clause.creator != standing.creator) return false;
    if (clause.press_recipient.empty()) return true;
    return is_under_embargo(standing, filter.now) &&
           std::ranges::count(standing.press_recipients, clause.press_recipient) > 0;
  });
}

}  // namespace khochung::access

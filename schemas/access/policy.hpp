#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"

/// Who may do what with which material: the one decision of the archive. Pure: everything it knows
/// is passed in, so that a table of cases can test it and search can hold its filter against it.
namespace khochung::access {

/// What a person is trusted with at a unit and in its branch. Each one after another may more.
enum class Role { reader, contributor, archivist, editor, spokesperson, administrator };

std::string_view to_text(Role role);
Result<Role> role_from(std::string_view text);

struct Grant {
  Role role = Role::reader;
  UnitNumber unit = 0;
};

enum class AccountKind {
  anonymous,
  press,  ///< an accredited journalist
  union_person,
  local_administrator,  ///< whoever holds the data folder itself: the commands
};

/// The person (or command) who asks.
struct Viewer {
  AccountKind kind = AccountKind::anonymous;
  std::string name;
  std::vector<Grant> grants;

  static Viewer anonymous() { return {}; }
  static Viewer local_administrator() { return {AccountKind::local_administrator, "local", {}}; }
};

enum class Action {
  read,       ///< find it, see it, download it
  create,     ///< take in a new one for its owner unit, as a draft
  edit,       ///< a new revision of what it says
  publish,    ///< set the states approved, published, withdrawn; take in as published
  administer  ///< units, accounts, and what is in quarantine
};

/// What of a material the decision needs.
struct Standing {
  UnitNumber owner = 0;
  Visibility visibility = Visibility::unit;
  State state = State::draft;
  Sensitivity sensitivity = Sensitivity::open;
  std::optional<Instant> embargo_until;
  std::string creator;
  std::vector<std::string> press_recipients;

  /// Errors: not_found when the tree does not have the owner.
  static Result<Standing> of(const Material& material, const UnitTree& tree);
};

/// The visibility that counts: `internal` is never wider than union, `restricted` never wider than
/// unit.
Visibility effective_visibility(const Standing& standing);

bool may(const Viewer& viewer, Action action, const Standing& standing, const UnitTree& tree,
         Instant now);

/// The highest role that `viewer` holds at `unit`, or nothing.
std::optional<Role> role_at(const Viewer& viewer, UnitNumber unit, const UnitTree& tree);

/// One way in which a material may be read; all conditions must hold.
struct Clause {
  /// Effective visibilities that pass.
  std::vector<Visibility> visibilities;
  /// States that pass.
  std::vector<State> states;
  /// Owners that pass; null: every owner.
  std::shared_ptr<const UnitSet> owners;
  /// Whether an embargo must be over.
  bool embargo_must_be_over = true;
  /// Only materials made by this account (when set).
  std::string creator;
  /// Only materials under embargo that name this account (when set).
  std::string press_recipient;
};

/// may(viewer, read, …) as data that a search engine can apply: a material passes when any clause
/// does. Materials in quarantine pass only where `everything` is set.
struct ReadFilter {
  bool everything = false;
  Instant now{};
  std::vector<Clause> any_of;
};

ReadFilter filter_for(const Viewer& viewer, const UnitTree& tree, Instant now);

/// What the filter says of one material. Equal to may(viewer, read, …) for every material: a
/// property test holds the two together.
bool passes(const ReadFilter& filter, const Standing& standing);

}  // namespace khochung::access

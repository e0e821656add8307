#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/access/policy.hpp"
#include "schemas/review.hpp"

/// The way of a material: who may take it a step further, and what must be agreed before it is
/// published. Pure, as the policy is.
namespace khochung::access {

/// Whether it speaks for the union: a press kit, a press release or a communiqué that the press or
/// everybody may see.
bool is_statement(const Material& material);

/// What is not agreed yet.
struct Missing {
  bool check = false;          ///< an editor of the unit that decides
  bool second_person = false;  ///< somebody else than who contributed it
  bool spokesperson = false;

  [[nodiscard]] bool is_nothing() const { return !check && !second_person && !spokesperson; }
};

/// What is missing before the material may be published as it stands, all approvals counted.
Missing missing_of(const Material& material, const UnitTree& tree);

/// For whom a material waits.
enum class Awaits { contributor, check, second_person, spokesperson, publication };
std::string_view to_text(Awaits awaits);
/// Nothing when it is not on its way.
std::optional<Awaits> awaited_for(const Material& material, const UnitTree& tree);

enum class Step { submit, comment, approve, give_back, publish };
/// "submit", "comment", "approve", "return", "publish". Errors: bad_input.
Result<Step> step_from(std::string_view text);
std::string_view to_text(Step step);

/// A step that somebody wants to take, with what it needs.
struct StepAsked {
  Step step = Step::comment;
  std::string text;          ///< what is said; a return needs it
  std::optional<UnitId> to;  ///< submit: who decides; else the owner
  std::string due;           ///< submit: the last day for it; or empty
};

/// Whether the viewer may take that step; what the material lacks for it is not asked here.
bool may_take(Step step, const Viewer& viewer, const Material& material, const UnitTree& tree,
              Instant now);

/// Takes the step: state, approvals and remarks change; everything else is the caller's.
/// Errors: forbidden; forbidden "needs_second_person" for an approval of one's own and for a
/// publication that nobody else agreed to, "needs_spokesperson" for a statement that the
/// spokesperson did not agree to; conflict "review_state" when it is not at that step, or
/// "approved_already"; bad_input "reason_missing" and others.
Result<void> take_step(Material& material, const StepAsked& asked, const Viewer& viewer,
                       const UnitTree& tree, Instant now);

/// That `after`, which `viewer` made of `before`, may be out: whatever the door, nothing is
/// published or shown to more people without what missing_of() asks for. A viewer who may give what
/// is missing gives it so. Errors: forbidden "needs_second_person", "needs_spokesperson".
Result<void> check_release(const Material& before, const Material& after, const Viewer& viewer,
                           const UnitTree& tree);

/// Brings the review into step with the state, by whatever door that was set: what is submitted is
/// on its way, what is out no longer is; approvals hold for what was approved and lapse when `by`
/// edits it. `before`: nothing for a new material.
void keep_review_in_step(const std::optional<Material>& before, Material& after,
                         std::string_view by, Instant now);

}  // namespace khochung::access

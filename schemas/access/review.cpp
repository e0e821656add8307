#include "schemas/access/review.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "schemas/utf8.hpp"

namespace khochung::access {
namespace {

constexpr std::array<std::pair<Step, std::string_view>, 5> step_names{{{Step::submit, "submit"},
                                                                       {Step::comment, "comment"},
                                                                       {Step::approve, "approve"},
                                                                       {Step::give_back, "return"},
                                                                       {Step::publish, "publish"}}};

constexpr std::array<std::string_view, 5> awaits_names{"contributor", "check", "second_person",
                                                       "spokesperson", "publication"};

constexpr std::array<std::string_view, 3> statement_kinds{kit_kind, "thong_cao_bao_chi",
                                                          "thong_cao"};

bool is_owner_of_the_data(const Viewer& viewer) {
  return viewer.kind == AccountKind::local_administrator;
}

/// Editors and above. Who administers without being trusted with texts is above them by its rank.
bool is_editor_at(const Viewer& viewer, UnitNumber unit, const UnitTree& tree) {
  const auto role = role_at(viewer, unit, tree);
  return role && *role >= Role::editor;
}

/// The spokesperson's word is no matter of rank: nobody else gives it.
bool is_spokesperson_at(const Viewer& viewer, UnitNumber unit, const UnitTree& tree) {
  return viewer.kind == AccountKind::union_person &&
         std::ranges::any_of(viewer.grants, [&](const Grant& grant) {
           return grant.role == Role::spokesperson && tree.is_within(unit, grant.unit);
         });
}

/// The unit that decides on the material: the one to which it was submitted, as long as the owner
/// stands beneath it; else the owner.
const Unit* decider_of(const Material& material, const UnitTree& tree) {
  const Unit* owner = tree.find(material.unit);
  const Unit* to = material.review ? tree.find(material.review->to) : nullptr;
  const bool is_above =
      owner != nullptr && to != nullptr && tree.is_within(owner->number, to->number);
  return is_above ? to : owner;
}

/// A rule holds in the whole branch, whoever decides further up.
bool needs_two_people(const Material& material, const UnitTree& tree) {
  const Unit* owner = tree.find(material.unit);
  if (owner == nullptr) return false;
  return std::ranges::any_of(tree.chain_above(owner->number), [&](UnitNumber number) {
    return tree.find(number)->has_two_person_rule;
  });
}

/// Whether it is that person's own: who made it, or ever submitted it.
bool contributed(std::string_view name, const Material& material) {
  if (name == material.creator) return true;
  if (!material.review) return false;
  const auto& review = *material.review;
  return name == review.submitted_by || std::ranges::any_of(review.remarks, [&](const auto& said) {
           return said.step == to_text(Step::submit) && said.by == name;
         });
}

/// The material with the viewer's own agreement, where it may be given.
Material agreed_by(const Viewer& viewer, Material material, const UnitTree& tree, Instant now) {
  const Unit* decider = decider_of(material, tree);
  if (decider == nullptr || !is_editor_at(viewer, decider->number, tree)) return material;
  if (!material.review) material.review = Review{decider->id, material.creator, now, {}, {}, {}};
  if (needs_two_people(material, tree) && contributed(viewer.name, material)) return material;
  material.review->approvals.push_back(
      {viewer.name, now, is_spokesperson_at(viewer, decider->number, tree)});
  return material;
}

Result<void> refuse_missing(const Missing& missing) {
  if (missing.second_person)
    return fail(ErrorCode::forbidden, "needs_second_person", "nobody else has agreed to it");
  if (missing.spokesperson)
    return fail(ErrorCode::forbidden, "needs_spokesperson", "the spokesperson has not agreed");
  return {};
}

/// What people were asked to agree to: all but how far it is.
Material without_way(Material material) {
  material.state = State::draft;
  material.review.reset();
  material.revision = 0;
  material.published_at.reset();
  return material;
}

bool has_more_recipients(const Material& before, const Material& after) {
  return std::ranges::any_of(after.press_recipients, [&](const std::string& name) {
    return std::ranges::count(before.press_recipients, name) == 0;
  });
}

Result<void> add_remark(Review& review, const Viewer& viewer, Step step, const std::string& text,
                        Instant now) {
  if (text.empty() && step != Step::submit) return {};
  if (text.size() > Review::longest_text_bytes || !is_utf8(text))
    return fail(ErrorCode::bad_input, "the text is too long or no UTF-8");
  // What decides is never kept out by what was only said.
  if (step == Step::comment && review.remarks.size() >= Review::most_remarks)
    return fail(ErrorCode::conflict, "review_remarks", "there are too many remarks");
  review.remarks.push_back({viewer.name, now, std::string(to_text(step)), text});
  return {};
}

Result<void> submit(Material& material, const StepAsked& asked, const Viewer& viewer,
                    const UnitTree& tree, Instant now) {
  if (material.state != State::draft)
    return fail(ErrorCode::conflict, "review_state", "only a draft is submitted");
  if (material.title.empty()) return fail(ErrorCode::bad_input, "title_missing", "it has no title");
  const Unit* owner = tree.find(material.unit);
  const Unit* to = asked.to ? tree.find(*asked.to) : owner;
  if (owner == nullptr || to == nullptr || !tree.is_within(owner->number, to->number))
    return fail(ErrorCode::bad_input, "review_unit", "neither the owner nor above it");
  if (!asked.due.empty()) {
    KHOCHUNG_CHECK(day_from_text(asked.due));
    if (asked.due < khochung::to_text(day_of(now)))
      return fail(ErrorCode::bad_input, "review_due", "the day is over");
  }
  if (!material.review) material.review.emplace();
  auto& review = *material.review;
  review.to = to->id;
  review.submitted_by = viewer.name;
  review.due = asked.due;
  review.since = now;
  material.state = State::submitted;
  return {};
}

Result<void> approve(Material& material, const Viewer& viewer, const UnitTree& tree, Instant now) {
  auto& review = *material.review;
  if (material.state != State::submitted)
    return fail(ErrorCode::conflict, "review_state", "it does not wait for an approval");
  if (std::ranges::count(review.approvals, viewer.name, &Approval::by) > 0)
    return fail(ErrorCode::conflict, "approved_already", "this person has agreed before");
  if (needs_two_people(material, tree) && contributed(viewer.name, material))
    return fail(ErrorCode::forbidden, "needs_second_person", "one's own contribution");
  const Unit* decider = decider_of(material, tree);
  review.approvals.push_back(
      {viewer.name, now, decider != nullptr && is_spokesperson_at(viewer, decider->number, tree)});
  review.since = now;
  if (missing_of(material, tree).is_nothing()) material.state = State::approved;
  return {};
}

Result<void> give_back(Material& material, const StepAsked& asked, const Viewer& viewer,
                       Instant now) {
  if (material.state != State::submitted && material.state != State::approved)
    return fail(ErrorCode::conflict, "review_state", "it was not submitted");
  if (asked.text.empty() && !contributed(viewer.name, material))
    return fail(ErrorCode::bad_input, "reason_missing", "no reason was given");
  material.review->approvals.clear();
  material.review->since = now;
  material.state = State::draft;
  return {};
}

Result<void> publish(Material& material, const Viewer& viewer, const UnitTree& tree, Instant now) {
  if (material.state != State::approved)
    return fail(ErrorCode::conflict, "review_state", "it is not approved");
  if (material.kit)
    return fail(ErrorCode::conflict, "kit_unpublished", "a kit is published as a version");
  // What it is published as may need more than what it was approved as.
  if (!is_owner_of_the_data(viewer))
    KHOCHUNG_CHECK(refuse_missing(missing_of(agreed_by(viewer, material, tree, now), tree)));
  material.state = State::published;
  material.review.reset();
  return {};
}

}  // namespace

bool is_statement(const Material& material) {
  const bool is_for_outside =
      !material.press_recipients.empty() ||
      (material.visibility <= Visibility::press && material.sensitivity == Sensitivity::open);
  return is_for_outside && (material.kit || std::ranges::count(statement_kinds, material.kind) > 0);
}

Missing missing_of(const Material& material, const UnitTree& tree) {
  static const std::vector<Approval> none;
  const auto& approvals = material.review ? material.review->approvals : none;
  Missing missing;
  missing.check = approvals.empty();
  missing.second_person =
      needs_two_people(material, tree) && std::ranges::all_of(approvals, [&](const auto& one) {
        return contributed(one.by, material);
      });
  missing.spokesperson =
      is_statement(material) && std::ranges::none_of(approvals, &Approval::is_spokesperson);
  return missing;
}

std::string_view to_text(Awaits awaits) {
  return awaits_names.at(static_cast<std::size_t>(awaits));
}

std::optional<Awaits> awaited_for(const Material& material, const UnitTree& tree) {
  if (!material.review) return std::nullopt;
  if (material.state == State::draft) return Awaits::contributor;
  if (material.state == State::approved) return Awaits::publication;
  if (material.state != State::submitted) return std::nullopt;
  const auto missing = missing_of(material, tree);
  if (missing.check) return Awaits::check;
  return missing.second_person ? Awaits::second_person : Awaits::spokesperson;
}

Result<Step> step_from(std::string_view text) {
  const auto* row = std::ranges::find(step_names, text, &std::pair<Step, std::string_view>::second);
  if (row == step_names.end())
    return fail(ErrorCode::bad_input, "no such step: " + std::string(text));
  return row->first;
}

std::string_view to_text(Step step) {
  return step_names.at(static_cast<std::size_t>(step)).second;
}

bool may_take(Step step, const Viewer& viewer, const Material& material, const UnitTree& tree,
              Instant now) {
  const auto standing = Standing::of(material, tree);
  if (!standing || !may(viewer, Action::read, *standing, tree, now)) return false;
  if (step == Step::submit) return may(viewer, Action::edit, *standing, tree, now);
  if (!material.review && material.state == State::draft) return false;
  if (is_owner_of_the_data(viewer)) return true;
  const bool is_contributor = contributed(viewer.name, material) &&
                              viewer.kind == AccountKind::union_person && !viewer.name.empty();
  const Unit* decider = decider_of(material, tree);
  const bool decides = is_editor_at(viewer, decider->number, tree);
  switch (step) {
    case Step::submit: return true;
    case Step::comment: {
      const auto role = role_at(viewer, standing->owner, tree);
      return is_contributor || decides || (role && *role >= Role::contributor);
    }
    case Step::approve: return decides;
    case Step::give_back: return decides || is_contributor;
    case Step::publish: return decides && may(viewer, Action::publish, *standing, tree, now);
  }
  return false;
}

Result<void> take_step(Material& material, const StepAsked& asked, const Viewer& viewer,
                       const UnitTree& tree, Instant now) {
  // What was submitted by an older program waits for its owner.
  const bool is_on_its_way =
      material.state == State::submitted || material.state == State::approved;
  if (!material.review && is_on_its_way)
    material.review = Review{material.unit, material.creator, now, {}, {}, {}};
  if (asked.step != Step::submit && !material.review)
    return fail(ErrorCode::conflict, "review_state", "it was never submitted");
  if (!may_take(asked.step, viewer, material, tree, now))
    return fail(ErrorCode::forbidden, "may not " + std::string(to_text(asked.step)) + " it");
  switch (asked.step) {
    case Step::submit: KHOCHUNG_CHECK(submit(material, asked, viewer, tree, now)); break;
    case Step::comment:
      if (asked.text.empty()) return fail(ErrorCode::bad_input, "text_missing", "nothing is said");
      break;
    case Step::approve: KHOCHUNG_CHECK(approve(material, viewer, tree, now)); break;
    case Step::give_back: KHOCHUNG_CHECK(give_back(material, asked, viewer, now)); break;
    case Step::publish: return publish(material, viewer, tree, now);
  }
  return add_remark(*material.review, viewer, asked.step, asked.text, now);
}

Result<void> check_release(const Material& before, const Material& after, const Viewer& viewer,
                           const UnitTree& tree) {
  if (is_owner_of_the_data(viewer) || after.state != State::published) return {};
  const auto ends_of = [](const Material& material) {
    return material.embargo_until.value_or(Instant());
  };
  const bool is_wider = before.state != State::published || after.visibility < before.visibility ||
                        after.sensitivity < before.sensitivity || after.unit != before.unit ||
                        after.kind != before.kind || has_more_recipients(before, after) ||
                        ends_of(after) < ends_of(before);
  if (!is_wider) return {};
  const bool is_on_its_way = before.state == State::submitted || before.state == State::approved;
  const auto missing = missing_of(agreed_by(viewer, after, tree, now()), tree);
  KHOCHUNG_CHECK(refuse_missing(missing));
  if (is_on_its_way && missing.check)
    return fail(ErrorCode::forbidden, "the unit that decides has not agreed to it");
  return {};
}

void keep_review_in_step(const std::optional<Material>& before, Material& after,
                         std::string_view by, Instant now) {
  if (after.state == State::published || is_taken_out(after.state)) {
    after.review.reset();
    return;
  }
  const auto state_before = before ? before->state : State::draft;
  if (after.state == State::draft) {
    if (after.review && state_before != State::draft) after.review->approvals.clear();
    return;
  }
  if (!after.review) after.review = Review{after.unit, std::string(by), now, {}, {}, {}};
  const bool is_as_it_was = !before || state_before < State::submitted ||
                            is_taken_out(state_before) ||
                            without_way(*before) == without_way(after);
  if (is_as_it_was) return;
  auto& review = *after.review;
  if (review.approvals.empty() && after.state != State::approved) return;
  review.approvals.clear();
  review.since = now;
  if (after.state == state_before) after.state = State::submitted;
}

}  // namespace khochung::access

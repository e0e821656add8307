#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/material.hpp"

namespace khochung {

/// Where a disposal is on its way. Each step stands on a document: the appraisal, the approval, the
/// minutes of the destruction. Executed and cancelled ones change no more.
enum class DisposalState { draft, appraised, approved, executed, cancelled };

std::string_view to_text(DisposalState state);
/// Errors: bad_input.
Result<DisposalState> disposal_state_from(std::string_view text);
/// What comes after `state` when nobody cancels; nothing after the last.
std::optional<DisposalState> next_of(DisposalState state);

/// A material on the list: which bytes, and by which rule they may go. Its title is in its own
/// records, so that personal data can be erased in one place.
struct DisposalItem {
  MaterialId material;
  std::vector<Digest> files;
  std::string kind;
  std::string date;  ///< EDTF
  std::string term;  ///< years
  std::string due;   ///< "2031-01-01"
  std::string basis;
  /// Once it was executed: "destroyed", or why it was left out ("held", "changed", "not_due",
  /// "disposed").
  std::string outcome;

  bool operator==(const DisposalItem&) const = default;
};

/// Who brought it into a state, when, and on which document.
struct DisposalStep {
  DisposalState state = DisposalState::draft;
  Instant at{};
  std::string by;
  std::string note;
  std::optional<MaterialId> document;
  std::vector<Digest> document_files;

  bool operator==(const DisposalStep&) const = default;
};

/// The paper trail of a destruction: the list, and who appraised, approved and carried it out.
struct Disposal {
  Uuid id;
  DisposalState state = DisposalState::draft;
  std::vector<DisposalItem> items;
  std::vector<DisposalStep> steps;

  bool operator==(const Disposal&) const = default;
};

constexpr std::size_t most_disposal_items = 500;

boost::json::value to_json(const Disposal& disposal);
/// Errors: bad_input.
Result<Disposal> disposal_from_json(const boost::json::value& value);

/// Whether `by` may bring it into `state` now: in order, with a document, and whoever approves is
/// not the one who appraised. Errors: conflict; forbidden, reason "two_persons"; bad_input, reason
/// "document_missing".
Result<void> may_step(const Disposal& disposal, const DisposalStep& step);

/// The step that brought it into `state`, or null.
const DisposalStep* find_step(const Disposal& disposal, DisposalState state);

/// Whether it is the paper trail of this material's destruction.
bool covers(const Disposal& disposal, MaterialId material);

}  // namespace khochung

#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"

/// Many materials changed in one go, so that all of it can be told and taken back.
namespace khochung {

constexpr std::size_t most_bulk_items = 1'000;

/// `applying` and `undoing` last for as long as the work, or until someone looks after a crash.
enum class BulkState { applying, applied, undoing, undone };

std::string_view to_text(BulkState state);
/// Errors: corrupt.
Result<BulkState> bulk_state_from(std::string_view text);

/// What became of one material.
struct BulkItem {
  MaterialId material;
  int before = 0;       ///< the revision that was seen
  int made = 0;         ///< the revision that the edit made; 0: none
  std::string outcome;  ///< "changed", "unchanged", or why not; empty: it was not reached
  int undone = 0;       ///< the revision that took it back; 0: none
  std::string undo_outcome;

  bool operator==(const BulkItem&) const = default;
};

/// One bulk edit. Its record has no values: they are in the materials' own, so that an erasure
/// reaches them.
struct BulkEdit {
  Uuid id;
  BulkState state = BulkState::applying;
  std::string by;  ///< account name
  Instant at{};
  std::string note;
  boost::json::object changes;  ///< as a PATCH; of the record: names to null
  std::vector<BulkItem> items;

  bool operator==(const BulkEdit&) const = default;
};

/// Which fields many materials may be given at once: those that do not tell one from another. A
/// state has a way of its own, material by material.
bool is_bulk_field(std::string_view name);

/// Changes as a request gives them. Errors: bad_input, reason "bulk_no_change" where there are
/// none, for a field that is not for many, or for what is no text of at most 2,000 bytes.
Result<boost::json::object> bulk_changes_from(const boost::json::value& value);

boost::json::value to_json(const BulkEdit& edit);
/// Errors: corrupt.
Result<BulkEdit> bulk_edit_from_json(const boost::json::value& value);

}  // namespace khochung

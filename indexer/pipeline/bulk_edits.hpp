#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indexer/pipeline/record_writer.hpp"
#include "schemas/bulk_edit.hpp"
#include "schemas/guarded.hpp"

namespace khochung::pipeline {

/// Bulk edits. Order: the list of what is to be changed is durable before the first material is
/// changed; each material's revision names the edit in its reason; what became of all is written at
/// the end. So a process that dies in between leaves a list from which, with the histories of its
/// materials, everything that was done is known, and can be undone.
/// Who may do what is the caller's business, through `Hand`.
/// Threads: safe from many threads; no lock is held for longer than one material takes.
class BulkEdits {
 public:
  BulkEdits(storage::Catalogue& catalogue, Materials& materials, RecordWriter& writer)
      : catalogue_(catalogue), materials_(materials), writer_(writer) {}

  struct Kept {
    BulkEdit edit;
    int revision = 1;
  };

  /// What the one who asks may see, and do. Both are asked of each material as it is at that
  /// moment.
  struct Hand {
    /// Errors: not_found for what looks to them as if it were not there.
    std::function<Result<void>(const Material&)> sees;
    /// Makes the changes. Errors: why not.
    std::function<Result<void>(Material&, const boost::json::object& changes)> changes;
    /// Told of each material that was changed.
    std::function<void(const Material&)> changed;
  };

  /// What would become of one material now: the outcome it would get, and what it was and would be.
  struct Look {
    BulkItem item;
    std::optional<Material> was;  ///< absent where they may not see it
    std::optional<Material> would_be;
  };
  /// Changes nothing. `before` 0: the newest revision, whichever it is.
  [[nodiscard]] Result<std::vector<Look>> preview(const std::vector<BulkItem>& items,
                                                  const boost::json::object& changes,
                                                  const Hand& hand) const;

  /// Carries it out; what changed since it was seen is left as it is.
  /// Errors: those of the record's writing, nothing being changed then.
  Result<Kept> apply(BulkEdit edit, const Change& change, const Hand& hand);

  /// Takes back what the edit made and nobody has changed since, by new revisions.
  /// Errors: not_found; conflict, reason "bulk_running" or "bulk_undone".
  Result<Kept> undo(const Uuid& id, const Change& change, const Hand& hand);

  /// With what the histories know, where the process that worked on it died. Errors: not_found.
  [[nodiscard]] Result<Kept> find(const Uuid& id) const;
  /// Newest first, before `before`.
  [[nodiscard]] Result<std::vector<Uuid>> ids_before(const std::optional<Uuid>& before,
                                                     int limit) const {
    return writer_.ids_before(RecordKind::bulk_edit, before, limit);
  }
  /// Whether this process works on it just now.
  [[nodiscard]] bool is_running(const Uuid& id) const;

 private:
  class Turn;
  Result<Kept> kept(const Uuid& id) const;
  void settle(BulkEdit& edit) const;
  Result<void> apply_to(BulkItem& item, const BulkEdit& edit, const Change& change,
                        const Hand& hand);
  Result<void> undo_one(BulkItem& item, const BulkEdit& edit, const Change& change,
                        const Hand& hand);
  Result<Kept> write(BulkEdit edit, int expected, const Change& change, std::string_view action);

  storage::Catalogue& catalogue_;
  Materials& materials_;
  RecordWriter& writer_;
  Guarded<std::set<Uuid>> running_;
};

}  // namespace khochung::pipeline

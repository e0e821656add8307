#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indexer/pipeline/retention.hpp"
#include "schemas/disposal.hpp"

namespace khochung::pipeline {

/// Disposals: lists of what is to be destroyed and who appraised, approved and carried it out. The
/// bytes go later, by `gc`, which asks for such a trail. Who may do what is the caller's business.
/// Threads: safe from many threads.
class Disposals {
 public:
  struct Rooms {
    storage::Catalogue& catalogue;
    Materials& materials;
    Retention& retention;
    RecordWriter& writer;
  };
  explicit Disposals(Rooms rooms) : rooms_(rooms) {}

  struct Kept {
    Disposal disposal;
    int revision = 1;
  };
  /// A new list. Errors: bad_input (empty, too long, one that stands twice); conflict, reason
  /// "not_due" or "held", naming the material; not_found.
  Result<Kept> begin(const std::vector<MaterialId>& materials, const std::string& note,
                     const Change& change);
  /// Errors: not_found.
  [[nodiscard]] Result<Kept> find(const Uuid& id) const;
  /// Newest first, before `before`.
  [[nodiscard]] Result<std::vector<Kept>> list(const std::optional<Uuid>& before, int limit) const;
  /// The materials of the list as they are now; those that the catalogue has lost are left out.
  [[nodiscard]] Result<std::vector<storage::CatalogueEntry>> materials_of(
      const Disposal& disposal) const;

  struct Step {
    DisposalState state = DisposalState::appraised;
    std::string note;
    std::optional<MaterialId> document;  ///< stays from then on, as part of the paper trail
  };
  /// Brings a disposal into its next state, or cancels it. Carrying it out leaves tombstones: so
  /// many a call that no call takes long; its state stays `approved` until none is left. What is
  /// held, was changed since, is no longer due or went by another list is left out, and the list
  /// says so. Errors: those of may_step; precondition_failed.
  Result<Kept> step(const Uuid& id, int expected, const Step& step, const Change& change);

  /// Whether this record is the paper trail of that material's destruction.
  [[nodiscard]] Result<bool> covers(const Uuid& disposal, MaterialId material) const;

 private:
  Result<DisposalStep> prepared(const Disposal& disposal, const Step& step, const Change& change);
  Result<void> keep_document(const Disposal& disposal, DisposalStep& step, const Change& change);
  Result<bool> carry_out(Disposal& disposal, const Change& change);
  Result<std::string> bury(const Disposal& disposal, const DisposalItem& item,
                           const RetentionTable& table, const Change& change);

  Rooms rooms_;
};

/// Notes that a material belongs to the paper trail of `trail`, so that it stays.
/// Errors: conflict, reason "deleted".
Result<Material> keep_as_evidence(Materials& materials, MaterialId id, const Uuid& trail,
                                  const Change& change);

}  // namespace khochung::pipeline

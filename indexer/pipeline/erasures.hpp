#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/materials.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// Erases materials for the sake of personal data: asked for by one person, approved by another.
/// What stays is a skeleton: ids, owner, kind, year, digests, ground, minutes and who did it.
/// Order: the skeleton's revision becomes durable, and with it the truth is that the rest is gone;
/// then go the bytes that no other material keeps, what was derived from them, the earlier
/// revisions and the names in receipts. A process that dies in between goes on at the next start.
/// Threads: safe from many threads.
class Erasures {
 public:
  struct Rooms {
    storage::BlobStore& blobs;
    storage::RecordStore& records;
    storage::DerivativeStore& derivatives;
    storage::Catalogue& catalogue;
    Materials& materials;
    Intake& intake;
    AuditTrail& audit;
    OwedRecords& owed;
  };
  /// `catalogue_file`: copies of its older versions, which lie beside it, go with the first
  /// erasure.
  Erasures(Rooms rooms, std::filesystem::path catalogue_file)
      : rooms_(rooms), catalogue_file_(std::move(catalogue_file)) {}

  /// Asks for it; asking anew takes the place of what was asked for before.
  /// Errors: conflict, reason "held", "erased" or "parts_remain"; precondition_failed.
  Result<Material> ask(MaterialId id, int expected, const std::string& ground, MaterialId minutes,
                       const Change& change);

  struct Outcome {
    Material skeleton;
    std::int64_t blobs = 0, records = 0;  ///< how many went
    std::vector<Digest> kept;  ///< bytes that other materials hold, too: they stay for those
  };
  /// Does it. Errors: conflict, reason "not_asked", or as in ask(); forbidden, reason
  /// "two_persons".
  Result<Outcome> approve(MaterialId id, int expected, const Change& change);

  /// Ends what a process that died had begun; called once at start.
  Result<void> settle();

 private:
  Result<void> may_erase(const Material& material) const;
  Result<Erasure> all_of(const Material& material) const;
  Result<Outcome> carry_out(Material skeleton);
  Result<bool> erase_blob(const Material& skeleton, const Digest& sha256);
  Result<bool> is_kept_elsewhere(MaterialId id, const Digest& sha256) const;
  Result<void> note(const Material& skeleton, std::string_view action, const Digest& what);
  Result<void> remove_older_catalogues() const;

  Rooms rooms_;
  const std::filesystem::path catalogue_file_;
  std::mutex one_at_a_time_;
};

}  // namespace khochung::pipeline

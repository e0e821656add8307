#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/disposals.hpp"
#include "indexer/pipeline/intake.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// In the audit chain: these bytes, or this record, were destroyed; the object is their digest.
constexpr std::string_view blob_destroyed = "blob.destroy";
constexpr std::string_view record_destroyed = "record.destroy";

/// Removes bytes that nothing keeps: those of materials whose tombstones are older than a grace
/// period, with no hold on any of them; what has a retention class goes only with the paper trail
/// of a disposal that was carried out. Catalogue and records must both say so; a blob that only one
/// of them lets go stays. What no material names at all (left by a crash, or by a catalogue that
/// forgot) is counted and left alone. Each removal stands in the audit chain. Threads: safe from
/// many threads.
class Garbage {
 public:
  struct Rooms {
    storage::BlobStore& blobs;
    storage::RecordStore& records;
    storage::DerivativeStore& derivatives;
    storage::Catalogue& catalogue;
    Intake& intake;
    AuditTrail& audit;
    Retention& retention;
    Disposals& disposals;
  };
  explicit Garbage(Rooms rooms) : rooms_(rooms) {}

  struct Options {
    std::chrono::hours grace = std::chrono::hours(24 * 30);
    bool only_tells = false;  ///< what would go
    std::string by;           ///< who asks for it
  };
  struct Report {
    std::int64_t removed = 0;
    std::int64_t bytes = 0;
    std::int64_t orphans = 0;  ///< blobs that no material names
  };
  /// The 256th of the store whose digests begin with the byte `slice`.
  /// Errors: corrupt when a record that decides cannot be trusted; unavailable.
  Result<Report> collect(std::uint8_t slice, const Options& options);

 private:
  Result<bool> may_go(const Digest& sha256, Instant deleted_before,
                      const RetentionTable& table) const;
  Result<bool> has_paper_trail(const Material& material, const RetentionTable& table) const;
  Result<bool> remove(const storage::FixityResult& blob, Instant deleted_before,
                      const Options& options);

  Rooms rooms_;
};

}  // namespace khochung::pipeline

#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// A record file that cannot be trusted; what stands before it counts.
struct DamagedRecord {
  std::string path;
  std::string what;
};

/// How far a rebuild is.
struct RebuildProgress {
  int slices_done = 0;  ///< of 256
  std::int64_t units = 0;
  std::int64_t materials = 0;
  std::int64_t revisions = 0;
  std::int64_t to_read = 0;  ///< materials of which derivatives are missing
  std::vector<DamagedRecord> damaged;
};

/// What has to be made again for this material: jobs for derivatives that are not there.
std::vector<storage::Job> jobs_for_missing(const Material& material,
                                           const storage::DerivativeStore& derivatives);

/// The receipt's lines of a material that is here already.
std::vector<storage::BatchItem> receipt_lines(const Material& material, bool is_being_read);

/// Has everything read that the catalogue knows and whose derivatives are not there: for a
/// catalogue that came without them. Gives how many materials that are. Errors: disk_full;
/// unavailable.
Result<std::int64_t> queue_missing_derivatives(storage::Catalogue& catalogue,
                                               const storage::DerivativeStore& derivatives);

/// Brings a catalogue back from the records alone: units, materials, what keeps which bytes, lines
/// of receipts for what was taken in, and jobs for derivatives that are missing. Derivatives that
/// are there and whole are left as they are. What no record tells of (receipts of refused files,
/// results of fixity checks) is not brought back.
/// The store is gone through in 256 slices; those done are noted in the catalogue, so that a
/// rebuild that was cut off goes on where it stood. Threads: run() uses a few of its own; nothing
/// else may write to the catalogue meanwhile.
class CatalogueRebuild {
 public:
  CatalogueRebuild(const storage::RecordStore& records, const storage::DerivativeStore& derivatives,
                   storage::Catalogue& catalogue)
      : records_(records), derivatives_(derivatives), catalogue_(catalogue) {}

  /// Whether a catalogue is being rebuilt in place, or was when something ended that.
  static Result<bool> is_under_way(const storage::Catalogue& catalogue);
  /// For a rebuild in place: forgets what the catalogue has, unless that is half a rebuild.
  Result<void> begin();
  /// Calls `report` after each slice, one call at a time.
  /// Errors: disk_full; unavailable; also when `stop` asked for an end.
  Result<RebuildProgress> run(unsigned threads, const std::stop_token& stop,
                              const std::function<void(const RebuildProgress&)>& report);

 private:
  using Found = storage::RecordStore::Found;
  struct Slice;

  Result<void> load_done();
  void work(const std::stop_token& stop);
  Result<void> rebuild_slice(std::uint8_t number);
  void take_history(const std::vector<Found>& revisions, Slice& slice) const;
  Result<void> take_newest(const Record& newest, const Digest& seal, Slice& slice) const;
  Result<void> put(Slice& slice);
  Result<void> note_done(std::uint8_t number, Slice slice);
  Result<void> unpack_again();

  const storage::RecordStore& records_;
  const storage::DerivativeStore& derivatives_;
  storage::Catalogue& catalogue_;
  std::function<void(const RebuildProgress&)> report_;

  std::atomic<int> next_slice_ = 0;
  std::mutex mutex_;
  std::array<bool, 256> is_done_{};
  std::set<BatchId> batches_;
  std::vector<MaterialId> archives_;
  RebuildProgress progress_;
  std::optional<Error> error_;
};

}  // namespace khochung::pipeline

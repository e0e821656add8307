#pragma once

#include <shared_mutex>
#include <thread>

#include "indexer/pipeline/bell.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// Brings the records whose bytes the catalogue took into the record store. A change holds from the
/// commit that has its record's bytes: when the disk refuses the file afterwards, the answer is
/// still that it was done, and the file is written as soon as the disk takes it, at the latest at
/// the next start or before a rebuild.
/// Threads: one of its own between start() and stop(); the rest is safe from many threads.
class OwedRecords {
 public:
  OwedRecords(storage::Catalogue& catalogue, storage::RecordStore& records)
      : catalogue_(catalogue), records_(records) {}
  ~OwedRecords() { stop(); }

  /// Writes the file of a record that the catalogue has just taken, and those of the same id that
  /// are still owed; what cannot be written stays owed. The caller is the only one who writes to
  /// this id.
  void write(const Record& record);
  /// Many were taken at once: their files are written meanwhile.
  void write_soon() { bell_.ring(); }
  /// Writes everything that is owed. Errors, of what stays owed: conflict when that does not follow
  /// what the store has (the others are written); disk_full; unavailable.
  Result<void> settle();
  void start();
  void stop();

 private:
  Result<void> append(const Record& record);
  void run(const std::stop_token& stop);

  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  /// Held alone by settle(): what somebody else is writing must not look as if it were there.
  std::shared_mutex writing_;
  Bell bell_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline

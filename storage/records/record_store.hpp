#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "schemas/record.hpp"
#include "schemas/result.hpp"

namespace khochung::storage {

class SyncGroup;  // storage/durable_file.hpp

/// The truth about materials and units: one file a revision, never overwritten.
/// Layout: records/<ab>/<cd>/<id>.r000001.<sha256>.json, ab and cd the last four hex digits of the
/// id; records/tmp/ holds what is being written.
/// Threads: safe from many threads; appends at the same time share one round of fsyncs.
class RecordStore {
 public:
  /// Makes the folder at the first append; removes what a killed process left half written.
  RecordStore(std::filesystem::path folder, SyncGroup& sync);

  /// Writes the record durably and gives its seal (the digest of its bytes). One that is there with
  /// the same bytes is made durable again: the call before may have failed at its last sync.
  /// Errors: conflict when that revision is another one or is being written, or when it does not
  /// follow the newest one (its number and `previous`); disk_full; unavailable.
  Result<Digest> append(const Record& record);
  /// Removes all revisions below `revision`, oldest first, durably; those that are gone already do
  /// not matter. Only an erasure may do this: see may_begin_history. Gives the seals of those that
  /// were there. Errors: unavailable.
  Result<std::vector<Digest>> erase_below(const Uuid& id, int revision);
  /// The newest revision of `id`. Errors: not_found; corrupt (seal or chain broken); unavailable.
  Result<Record> newest(const Uuid& id) const;
  /// All revisions, oldest first, seals and chain checked.
  /// Errors: not_found; corrupt; unavailable.
  Result<std::vector<Record>> history(const Uuid& id) const;

  /// One file found on disk.
  struct Found {
    std::filesystem::path path;
    Uuid id;
    int revision = 0;
    Digest seal;
  };
  /// Calls `visit` with every record file in no stated order, until it returns false.
  Result<void> for_each(const std::function<bool(const Found&)>& visit) const;
  /// The same for the 256th of the store that lies in the first folder of that number.
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const Found&)>& visit) const;
  /// Calls `visit` with all files of one id after another, oldest revision first, of the 256th of
  /// the store; nothing of them is checked. Stops when it returns false.
  Result<void> for_each_id_in(std::uint8_t slice,
                              const std::function<bool(const std::vector<Found>&)>& visit) const;
  /// Whether there is any record. Errors: unavailable.
  [[nodiscard]] Result<bool> has_any() const;
  /// Reads one file that for_each found. Errors: corrupt (its bytes do not have its seal, or tell
  /// of another id or revision); not_found; unavailable.
  static Result<Record> read(const Found& found);

 private:
  class Turn;
  [[nodiscard]] std::filesystem::path folder_of(const Uuid& id) const;
  /// What lies there of `id`, by revision.
  [[nodiscard]] Result<std::vector<Found>> files_of(const Uuid& id) const;
  /// The same, without gaps. Errors: corrupt; unavailable.
  [[nodiscard]] Result<std::vector<Found>> revisions_of(const Uuid& id) const;
  Result<void> prepare();

  std::filesystem::path folder_;
  SyncGroup& sync_;
  std::mutex mutex_;
  bool is_prepared_ = false;
  /// Ids of which a revision is being written just now.
  std::set<Uuid> being_written_;
};

}  // namespace khochung::storage

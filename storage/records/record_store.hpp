#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "schemas/record.hpp"
#include "schemas/result.hpp"

namespace khochung::storage {

class SyncGroup;  // storage/durable_file.hpp

/// The truth about materials and units: one file a revision, never overwritten.
/// Layout: records/<ab>/<cd>/<id>.r000001.<sha256>.json, ab and cd the last four hex digits of the id.
/// Threads: safe from many threads; appends at the same time share one round of fsyncs.
class RecordStore {
 public:
  RecordStore(std::filesystem::path folder, SyncGroup& sync);

  /// Writes the record durably and gives its seal (the digest of its bytes).
  /// Errors: conflict when that revision exists; disk_full; unavailable.
  Result<Digest> append(const Record& record);
  /// The newest revision of `id`. Errors: not_found; corrupt (seal or chain broken); unavailable.
  Result<Record> newest(const Uuid& id) const;
  /// All revisions, oldest first, seals and chain checked.
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

 private:
  std::filesystem::path folder_;
  SyncGroup& sync_;
};

}  // namespace khochung::storage

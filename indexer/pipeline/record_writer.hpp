#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "indexer/pipeline/materials.hpp"
#include "schemas/record.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// Writes revisions of vocabularies and disposals: the catalogue owes the record's bytes and the
/// audit entry in one commit, then the record is written, as in Materials.
/// Threads: safe from many threads.
class RecordWriter {
 public:
  RecordWriter(storage::Catalogue& catalogue, storage::RecordStore& records, OwedRecords& owed)
      : catalogue_(catalogue), records_(records), owed_(owed) {}

  /// `body` as the revision after `expected`; 0: the first. `why` stands in the record alone, the
  /// audit chain is told `action`. Errors: precondition_failed when `expected` is not the newest.
  Result<Record> put(RecordKind kind, const Uuid& id, int expected, const Change& change,
                     boost::json::value body, std::string_view action);
  /// Nothing when there is none.
  [[nodiscard]] Result<std::optional<Record>> newest(const Uuid& id) const;
  /// Ids of a kind, newest first.
  [[nodiscard]] Result<std::vector<Uuid>> ids_before(RecordKind kind,
                                                     const std::optional<Uuid>& before,
                                                     int limit) const {
    return catalogue_.records_before(kind, before, limit);
  }

 private:
  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  OwedRecords& owed_;
  std::mutex writing_;
};

}  // namespace khochung::pipeline

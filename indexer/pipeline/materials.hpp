#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/pipeline/owed_records.hpp"
#include "schemas/material.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::pipeline {

/// Who changes something, through which door and why; stands in the record.
struct Change {
  std::string
      by;  ///< account name, "local" for commands, "reader" for what the program read itself
  std::string from;  ///< "cli", "web", "api", "worker"
  std::string why;
};

/// The reason of a change as records keep it: the Vietnamese sentence of that key.
inline std::string reason_of(std::string_view key) {
  return std::string(sentence(key, Language::vietnamese));
}

/// What goes into the catalogue together with a new revision.
struct Consequences {
  std::vector<storage::Job> jobs;
  std::vector<storage::BatchItem> items;
  std::optional<int> page_count;
  std::vector<storage::FixityResult> fixity;  ///< of blobs that were read whole on their way in
};

/// Writes materials: each change is a new record, the catalogue follows.
/// Order: the catalogue takes the row and the record's bytes in one commit, which is what makes a
/// change hold; then the record's file is written, and only then does the call return. A file that
/// the disk refuses stays owed and takes nothing back.
/// Errors: on error nothing was changed, unless the disk failed in the middle of the catalogue's
/// commit and the process ends before its next one: then either may be found at the next start.
/// Threads: safe from many threads.
class Materials {
 public:
  Materials(storage::Catalogue& catalogue, storage::RecordStore& records, OwedRecords& owed)
      : catalogue_(catalogue), records_(records), owed_(owed) {}

  /// The first revision; id, revision and time are given here.
  Result<Material> create(Material material, const Change& change, Consequences consequences);

  /// A new revision: `edit` changes a copy of the newest one.
  /// Errors: precondition_failed when `expected` is not the newest revision; conflict, reason
  /// "erased", for a skeleton, which changes no more; those of `edit`.
  Result<Material> revise(MaterialId id, std::optional<int> expected, const Change& change,
                          const std::function<Result<void>(Material&)>& edit,
                          Consequences consequences = {});

  /// Takes over those revisions of another archive's history that are not here yet, as they are,
  /// all or none; `consequences` come with the last. Gives how many were new.
  /// Errors: conflict when another history of the same id is here.
  Result<std::size_t> adopt(const storage::PackagedHistory& history, const std::string& by,
                            Consequences consequences);

  /// Every revision, oldest first.
  Result<std::vector<Record>> history(MaterialId id) const { return records_.history(id.uuid()); }

 private:
  Result<void> write(const Material& material, std::optional<Digest> previous, const Change& change,
                     Consequences consequences);
  std::mutex& writing(MaterialId id) {
    return writing_.at(std::hash<std::string>()(id.text()) % writing_.size());
  }

  storage::Catalogue& catalogue_;
  storage::RecordStore& records_;
  OwedRecords& owed_;
  /// One writer a material: by the last byte of its id.
  std::array<std::mutex, 64> writing_;
};

/// How many of the history's first revisions are here already.
/// Errors: conflict when another history of the same id is here; corrupt; unavailable.
Result<std::size_t> revisions_known(const storage::RecordStore& records,
                                    const storage::PackagedHistory& history);

}  // namespace khochung::pipeline

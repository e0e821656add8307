#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "storage/backups/backup_run.hpp"

namespace khochung::storage {

struct DigestHash {
  std::size_t operator()(const Digest& digest) const {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | digest.bytes().at(i);
    return value;
  }
};
using DigestSet = std::unordered_set<Digest, DigestHash>;

/// A backup set: immutable things under their names, kept once, and the runs that name them. A run
/// counts when its last file stands there; whatever else lies there names nothing. Source:
/// schemas/formats.md, "Backup set". Threads: one at a time.
class BackupSet {
 public:
  /// Errors: those of BackupPlace::open.
  static Result<BackupSet> open(const std::string& address, BackupPlace::Use use);

  [[nodiscard]] BackupPlace& place() const { return *place_; }
  /// Ids of the runs that are whole, oldest first. Errors: unavailable.
  [[nodiscard]] Result<std::vector<std::string>> run_ids() const;
  /// The run of this id or number; empty: the newest. Errors: not_found.
  [[nodiscard]] Result<std::string> find(const std::string& wanted) const;
  /// What a run is, held against its own checksums. Errors: not_found; corrupt; unsupported.
  [[nodiscard]] Result<BackupRun> run(const std::string& id) const;
  /// What a run names, as paths of the set, in order. Errors: corrupt; unavailable.
  [[nodiscard]] Result<std::vector<BackupFile>> things(const std::string& id) const;
  /// Digests that the archive had destroyed by the time of the run, for good.
  [[nodiscard]] Result<DigestSet> destroyed(const std::string& id) const;

  /// Makes the run count: what it names is durable before its last file is.
  Result<void> commit(const BackupRun& run, TemporaryFile manifest, const DigestSet& destroyed);
  /// SHA-256 of the last file of a run, which vouches for the others.
  [[nodiscard]] Result<Digest> seal(const std::string& id) const;
  /// The run counts no more; what only it named goes with sweep().
  Result<void> drop(const std::string& id);
  /// Removes what was destroyed, content that no run names any more, and what runs left that never
  /// came to their end. Gives how many blobs and records went.
  Result<std::int64_t> sweep(const DigestSet& destroyed);

  struct Report {
    std::int64_t checked = 0, bytes = 0;
    std::vector<std::string> corrupt, missing;  ///< paths of the set
    [[nodiscard]] bool is_good() const { return corrupt.empty() && missing.empty(); }
  };
  /// Reads everything that a run names. `progress` is told of each thing and its bytes, one call at
  /// a time. Errors: as things(); unavailable.
  using Progress = std::function<void(std::size_t done, std::size_t of, std::int64_t bytes)>;
  Result<Report> check(const std::string& id, const Progress& progress) const;

 private:
  explicit BackupSet(std::unique_ptr<BackupPlace> place) : place_(std::move(place)) {}
  [[nodiscard]] Result<std::string> text_of(const std::string& id, const std::string& name) const;

  std::unique_ptr<BackupPlace> place_;
};

/// How many things are read or written at once.
constexpr std::size_t backup_threads = 4;

}  // namespace khochung::storage

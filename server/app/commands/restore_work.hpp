#pragma once

#include <boost/json/object.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "server/app/commands/restore.hpp"
#include "storage/backups/backup_set.hpp"

namespace khochung::app {

/// Brings the files of a run into a data folder that nobody opens meanwhile.
/// Threads: one at a time; files are copied by a few.
class RestoreWork {
 public:
  RestoreWork(const storage::BackupSet& set, storage::BackupRun run, const DataPaths& paths)
      : set_(set), run_(std::move(run)), paths_(paths) {}

  struct Outcome {
    std::int64_t files = 0, bytes = 0;
    std::int64_t destroyed = 0;  ///< what the archive had destroyed since, and the set let go
    std::int64_t to_read = 0;    ///< materials that have to be read again
    bool fits = true;            ///< the catalogue; else it is to be rebuilt
  };
  /// Errors: conflict, reason "not_empty"; corrupt, reason "backup_damaged", naming the first thing
  /// that is not as it was; locked; disk_full; unavailable. What is there stays for the next try.
  Result<Outcome> run();

 private:
  struct Target {
    std::string from;  ///< path in the set
    std::string to;    ///< path in the data folder
    Digest sha256;
  };

  Result<void> begin();
  Result<void> put_all(const std::vector<Target>& all);
  Result<std::vector<Target>> targets() const;
  Result<void> put(const Target& target);
  Result<bool> is_there(const Target& target) const;
  Result<void> settle_catalogue();
  Result<void> use_catalogue();
  Result<void> finish();

  const storage::BackupSet& set_;
  storage::BackupRun run_;
  const DataPaths& paths_;
  storage::DigestSet destroyed_;
  std::mutex mutex_;
  std::vector<std::string> damaged_;  ///< paths in the set
  Outcome outcome_;
};

}  // namespace khochung::app

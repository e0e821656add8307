#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/app/commands/backup.hpp"
#include "server/app/commands/backup_source.hpp"
#include "storage/backups/backup_set.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::app {

/// One run of a backup, from the catalogue's snapshot to the run's last file.
///
/// The snapshot comes first and says what belongs to the run: all that was acknowledged before it,
/// nothing that came after. Blobs and records are fetched where the set lacks them. The audit chain
/// comes last, since it tells what the archive destroyed meanwhile: only what it says so of leaves
/// the set. Threads: one at a time; things are fetched by a few.
class BackupWork {
 public:
  BackupWork(Client& client, storage::BackupSet& set, const BackupOptions& options)
      : client_(client), source_(client), set_(set), options_(options) {}
  ~BackupWork();
  BackupWork(const BackupWork&) = delete;

  /// Gives what `backup --json` prints.
  /// Errors: conflict, reason "another_archive"; corrupt when the set's disk gives back other
  /// bytes; unavailable, also when it was interrupted; disk_full.
  Result<boost::json::object> run();

 private:
  struct Thing {
    storage::BackupFile file;
    std::string record;  ///< its name; empty: a blob
  };

  using Listing = std::map<std::string, std::uint64_t>;  ///< what the set has: path, length

  Result<void> look_at_runs_before();
  Result<void> take_snapshots();
  Result<void> open_catalogue(const storage::TemporaryFile& snapshot);
  Result<void> keep_content(std::string path, storage::TemporaryFile file);
  Result<void> take_store();
  Result<void> take_slice(int slice);
  Result<std::vector<Thing>> things_of(int slice, const Listing& there);
  Result<bool> belongs(const std::string& name, Thing& record);
  Result<bool> is_material(const std::string& name) const;
  Result<bool> has(const Thing& thing, const Listing& there) const;
  Result<bool> fetch(const Thing& thing);
  Result<void> name(const Thing& thing);
  Result<void> prove_new();
  Result<void> look_for_absent_records();
  Result<void> take_audit_chain();
  Result<void> read_evidence(const storage::TemporaryFile& file);
  Result<void> settle_destroyed();
  Result<void> commit();
  Result<void> let_go();
  Result<void> note_it();

  Client& client_;
  BackupSource source_;
  storage::BackupSet& set_;
  const BackupOptions& options_;

  storage::BackupRun run_;
  std::optional<storage::BackupRun> before_;
  storage::DigestSet trusted_;            ///< what the run before names
  std::filesystem::path catalogue_copy_;  ///< gone when this is
  std::unique_ptr<storage::Catalogue> catalogue_;
  /// The newest revision of each material that the snapshot knows, until its record was seen.
  std::map<Uuid, std::pair<int, Digest>> materials_;
  std::map<Uuid, int> revisions_;
  std::optional<storage::TemporaryFile> manifest_;
  std::mutex mutex_;
  std::vector<storage::BackupFile> new_things_;
  std::vector<Thing> absent_;  ///< the archive gave no good bytes
  std::int64_t fetched_ = 0, fetched_bytes_ = 0;

  storage::DigestSet destroyed_;
  /// Digests that the chain says were destroyed, and by which entry.
  std::map<Digest, std::int64_t> evidence_;
  bool was_erased_ = false;  ///< records went: earlier runs tell of what must be forgotten
  std::int64_t removed_ = 0;
  Digest seal_;
};

}  // namespace khochung::app

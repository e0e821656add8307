#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "storage/backups/backup_place.hpp"

namespace khochung::storage {

/// One state of the archive in a backup set, whole once its last file stands there.
/// Source: schemas/formats.md, "Backup set".
struct BackupRun {
  int number = 1;       ///< counts on from run to run, whatever the clock says
  Instant at{};         ///< when the catalogue's snapshot was taken
  std::string archive;  ///< id of the unit at the root, which no two archives share
  std::int64_t materials = 0, blobs = 0, records = 0, bytes = 0;
  std::int64_t audit_seq = 0;  ///< the newest entry that the catalogue's snapshot knows
  /// Files of the data folder that change, as they were; they lie under their digests.
  std::vector<BackupFile> files;
  /// What the archive itself had no good copy of, nor the set: "blob <64 hex>", "record <name>".
  std::vector<std::string> missing;

  /// "000007-20261127T161500Z".
  [[nodiscard]] std::string id() const;
  /// "runs/<id>/".
  [[nodiscard]] std::string folder() const;
  [[nodiscard]] const BackupFile* find(std::string_view path) const;
};

/// Canonical JSON. Errors of reading: corrupt; unsupported for a newer version.
std::string to_json_text(const BackupRun& run);
Result<BackupRun> backup_run_from(std::string_view text);

/// Where a file that changes lies in a set.
std::string backup_path_of_content(const Digest& sha256);

/// A line as `sha256sum` writes and checks it, with its line feed.
std::string checksum_line(const Digest& sha256, std::string_view path);
/// Errors: corrupt, also for a path that leads out of its folder.
Result<BackupFile> from_checksum_line(std::string_view line);

/// The number of a run's folder; 0 when it is none.
int run_number_of(std::string_view id);

}  // namespace khochung::storage

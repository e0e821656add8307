#pragma once

#include <string>

#include "server/app/client.hpp"

namespace khochung::app {

struct BackupOptions {
  std::string target;            ///< a folder, or s3://BUCKET/PREFIX?endpoint=URL
  std::string run;               ///< with `check`: which one; empty: the newest
  int kept_runs = 30;            ///< older ones go
  bool takes_audit_key = false;  ///< with it, whoever holds the set can sign a forged history
  bool prints_json = false;
};

/// Brings the set up to the archive's present state while it goes on; gives the exit code: corrupt
/// when the archive had no good copy of something, which the run then names.
int backup(Client& client, const BackupOptions& options);

/// Reads everything that a run of the set names, and changes nothing; gives the exit code.
int check_backup(const BackupOptions& options);

}  // namespace khochung::app

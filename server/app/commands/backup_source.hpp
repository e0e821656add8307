#pragma once

#include <string>
#include <vector>

#include "schemas/digest.hpp"
#include "server/app/client.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {

/// What a backup asks of the archive that it is made of.
/// Threads: safe from many threads.
class BackupSource {
 public:
  explicit BackupSource(Client& client) : client_(client) {}

  /// Each writes what it is asked for into `file`, from its beginning.
  /// Errors: those of the API; disk_full.
  Result<void> blob(const Digest& sha256, storage::TemporaryFile& file) const;
  Result<void> record(const std::string& name, storage::TemporaryFile& file) const;
  Result<void> snapshot(const std::string& name, storage::TemporaryFile& file) const;
  Result<void> audit_file(const std::string& name, storage::TemporaryFile& file) const;

  /// Names of the records of a 256th of the store.
  [[nodiscard]] Result<std::vector<std::string>> records(int slice) const;
  struct AuditFile {
    std::string name;
    std::uint64_t size_bytes = 0;
  };
  /// In the order in which they are to be read.
  [[nodiscard]] Result<std::vector<AuditFile>> audit_files() const;

 private:
  Result<void> fetch(const std::string& target, storage::TemporaryFile& file) const;

  Client& client_;
};

}  // namespace khochung::app

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {

/// A file of a backup set, or of the data folder that it was taken of. `path` has no leading slash.
struct BackupFile {
  std::string path;
  Digest sha256;
  std::uint64_t size_bytes = 0;
};

/// Where a backup set lies: files by their paths beneath one root. What is kept there is readable
/// for its owner alone.
/// Threads: safe from many threads.
class BackupPlace {
 public:
  enum class Use { reading, writing };
  /// `address`: a folder, made when it is to be written, or s3://BUCKET/PREFIX?endpoint=URL…, which
  /// takes its credentials from the environment unless it says otherwise.
  /// Errors: bad_input; not_found; locked when another process writes; those of the place.
  static Result<std::unique_ptr<BackupPlace>> open(const std::string& address, Use use);
  virtual ~BackupPlace() = default;

  /// A file to be filled through its descriptor; gone unless it is kept.
  virtual Result<TemporaryFile> begin() = 0;
  /// Gives a file its name, in place of what stood there. It is durable after sync().
  virtual Result<void> keep(TemporaryFile file, const BackupFile& as) = 0;
  /// Errors: not_found; unavailable.
  [[nodiscard]] virtual Result<BlobReader> open(const std::string& path) const = 0;
  /// No error when it is not there.
  virtual Result<void> remove(const std::string& path) = 0;
  using Visit = std::function<bool(const std::string& path, std::uint64_t size_bytes)>;
  /// Every file beneath a folder, in no stated order, until `visit` returns false.
  virtual Result<void> for_each_in(const std::string& folder, const Visit& visit) const = 0;
  /// Makes durable everything that was kept and removed before.
  virtual Result<void> sync() = 0;
  /// Whether what was kept has to be read again to be sure of it; a service that proved what it
  /// has need not be asked twice.
  [[nodiscard]] virtual bool is_to_be_reread() const = 0;
  /// For people and logs: without credentials.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Takes the digest of a file that was filled from its beginning, as the kernel has it.
/// Errors: unavailable.
Result<BackupFile> taken(const TemporaryFile& file, std::string path);
/// Keeps a short text. Gives what stands there then.
Result<BackupFile> keep_text(BackupPlace& place, std::string path, std::string_view text);

/// "store/blobs/sha256/ab/cd/<64 hex>".
std::string backup_path_of_blob(const Digest& sha256);

}  // namespace khochung::storage

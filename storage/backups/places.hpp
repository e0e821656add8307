#pragma once

#include "storage/backups/backup_place.hpp"

namespace khochung::storage {

/// A set in a folder. Nothing is synced by itself; sync() takes the whole file system.
Result<std::unique_ptr<BackupPlace>> open_disk_place(const std::filesystem::path& folder,
                                                     BackupPlace::Use use);
/// A set in a bucket.
Result<std::unique_ptr<BackupPlace>> open_s3_place(const std::string& address,
                                                   BackupPlace::Use use);

}  // namespace khochung::storage

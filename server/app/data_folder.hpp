#pragma once

#include <filesystem>

#include "schemas/result.hpp"

namespace khochung::app {

/// Where everything lies in a data folder. Source: schemas/formats.md.
struct DataPaths {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path blobs() const { return root / "store" / "blobs"; }
  [[nodiscard]] std::filesystem::path records() const { return root / "store" / "records"; }
  [[nodiscard]] std::filesystem::path audit() const { return root / "store" / "audit"; }
  /// What signs the audit chain's checkpoints; no part of the store.
  [[nodiscard]] std::filesystem::path audit_key() const { return root / "audit-key.pem"; }
  [[nodiscard]] std::filesystem::path derived() const { return root / "derived"; }
  [[nodiscard]] std::filesystem::path index() const { return root / "index"; }
  [[nodiscard]] std::filesystem::path catalogue() const { return root / "catalogue.sqlite"; }
  /// A catalogue that is being rebuilt.
  [[nodiscard]] std::filesystem::path unfinished_catalogue() const {
    return root / "catalogue.rebuild.sqlite";
  }
  /// One that is whole and is about to take the place of the catalogue.
  [[nodiscard]] std::filesystem::path finished_catalogue() const {
    return root / "catalogue.new.sqlite";
  }
  /// The one before the last rebuild.
  [[nodiscard]] std::filesystem::path old_catalogue() const {
    return root / "catalogue.sqlite.old";
  }
  [[nodiscard]] std::filesystem::path accounts() const { return root / "accounts.sqlite"; }
  /// What is being sent and has not become a material.
  [[nodiscard]] std::filesystem::path uploads() const { return root / "uploads"; }
  [[nodiscard]] std::filesystem::path config() const { return root / "config.toml"; }
  [[nodiscard]] std::filesystem::path scratch() const { return root / "derived" / "scratch"; }
  /// What is kept here of blobs that lie elsewhere.
  [[nodiscard]] std::filesystem::path cache() const { return root / "derived" / "cache"; }
  /// Stands there while a restore into this folder is not done.
  [[nodiscard]] std::filesystem::path unfinished_restore() const { return root / "restore.json"; }
  [[nodiscard]] std::filesystem::path control_socket() const { return root / "control.sock"; }
};

/// The data folder that a command means: the option, else $KHOCHUNG_DATA, else ./khochung-data.
DataPaths data_paths(const std::string& option);

/// Sole ownership of a data folder, for as long as this lives. A crash releases it.
class DataFolderLock {
 public:
  /// Makes the folder when it is not there.
  /// Errors: locked when another process owns it; corrupt, reason "unfinished_restore";
  /// unavailable; forbidden.
  static Result<DataFolderLock> acquire(const DataPaths& paths);
  /// The same for who restores into it.
  static Result<DataFolderLock> acquire_for_restore(const DataPaths& paths);
  DataFolderLock(DataFolderLock&& other) noexcept;
  DataFolderLock& operator=(DataFolderLock&&) = delete;
  ~DataFolderLock();

 private:
  explicit DataFolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace khochung::app

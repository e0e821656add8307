#pragma once

#include <filesystem>
#include <memory>

#include "storage/accounts/account_store.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

/// A file of accounts in a folder of its own, and a clock that the test moves.
struct AccountsFile {
  TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "accounts.sqlite";
  Instant time = instant_from_rfc3339("2026-11-28T01:00:00Z").value();
  std::unique_ptr<AccountStore> opened = AccountStore::open(file, [this] { return time; }).value();

  void reopen() {
    opened.reset();
    opened = AccountStore::open(file, [this] { return time; }).value();
  }
};

}  // namespace khochung::storage

#pragma once

#include <cstddef>
#include <filesystem>

#include "schemas/result.hpp"

/// Room on the disk for a commit, promised before it begins.
/// Xapian 1.4.22 writes values from a destructor (`~ValueUpdater`, glass_values.cc): a write that
/// fails there ends the process by std::terminate, beyond the reach of any catch. All of those
/// writes go to one file, and what is reserved for it cannot meet a full disk.
namespace khochung::index {

/// What the next commit has to write.
struct PendingChanges {
  std::size_t documents = 0;  ///< put in, put in place of another, or taken out
  std::size_t terms = 0;      ///< of all of them, each as often as a document has it
  std::size_t text_bytes = 0;
};

/// Reserves blocks behind the end of the file of postings for what `pending` may add to it.
/// Errors: disk_full; unavailable. Then nothing may be committed.
/// Source: fallocate(2); file systems that know no reserve are asked what is free.
Result<void> reserve(const std::filesystem::path& database, const PendingChanges& pending);

/// Gives back what was reserved and not written.
void give_back_reserve(const std::filesystem::path& database);

}  // namespace khochung::index

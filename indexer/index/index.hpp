#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "indexer/index/index_document.hpp"
#include "indexer/index/seal.hpp"

namespace khochung::index {

/// The one writer of an index that is in use.
/// A change is seen by searches after the next commit, and durable when commit returns.
/// Threads: safe from many threads; changes are serialised.
class Index {
 public:
  /// Opens the index, or makes an empty one.
  /// Errors: locked (another writer has it); corrupt, and unsupported for one that another version
  /// of the program made (build it anew: rebuild.hpp); unavailable; disk_full.
  static Result<std::unique_ptr<Index>> open(const std::filesystem::path& folder);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// Adds a material, or puts it in place of what the index has of it. What is in quarantine is
  /// taken out instead: it is never searchable. Commits by itself when much has gathered.
  Result<void> add(const IndexDocument& document);
  /// Does nothing when the index does not have it.
  Result<void> remove(MaterialId id);
  /// Makes all changes durable and visible. `mark` is how far the catalogue's sequence of changes
  /// has been followed; it is kept with them. After an error the changes since the last commit
  /// are lost: send them again.
  Result<void> commit(std::int64_t mark);
  /// The mark of the last commit; 0 for a new index.
  Result<std::int64_t> mark() const;
  Result<std::int64_t> document_count() const;

  /// Holds the blocks of the last commit against the sums that were taken with it: one of 256
  /// parts, read from the disk.
  /// Errors: unavailable. Damage is no error: the report has it.
  Result<CheckReport> check(std::uint8_t slice);
  /// As in CheckReport.
  [[nodiscard]] bool may_be_torn() const;

 private:
  struct State;
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace khochung::index

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "indexer/index/index_document.hpp"

namespace khochung::index {

/// Where a rebuild takes its materials from.
class RebuildSource {
 public:
  virtual ~RebuildSource() = default;
  /// The next materials in order of age, at most `limit`; empty at the end. Called by one thread at
  /// a time.
  virtual Result<std::vector<MaterialId>> next(std::size_t limit) = 0;
  /// What the index is told of it; nothing when it is not to be found (quarantine).
  /// Threads: called from several at once.
  virtual Result<std::optional<IndexDocument>> load(MaterialId id) = 0;
};

struct RebuildOptions {
  unsigned writers = 2;
  /// Xapian gathers postings in trees that soon outgrow the processor's cache: 3,000 documents of
  /// 4 KB took 4.9 s of processor time in shards of 100, 5.1 s of 250, 6.4 s of 1,000, 9.3 s of
  /// 3,000 (2026-11-27).
  std::size_t documents_a_shard = 250;
  std::int64_t mark = 0;  ///< kept with the new index, see Index::commit
};

struct RebuildTotals {
  std::int64_t documents = 0;
  std::int64_t bytes = 0;  ///< of text
};

/// Builds the whole index anew beside the old one and makes it the current one. No writer may be
/// open. Searches go on with the old one until then, and when this fails.
/// Each writer makes small databases of its own that are never written twice; merging them costs
/// less than what repeated flushing into one does.
/// Errors: what the source answers; unavailable; disk_full. On error the old index stays.
Result<RebuildTotals> rebuild(const std::filesystem::path& folder, RebuildSource& source,
                              const RebuildOptions& options);

}  // namespace khochung::index

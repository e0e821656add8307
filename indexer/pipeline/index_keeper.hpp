#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "indexer/index/index.hpp"
#include "indexer/index/rebuild.hpp"
#include "indexer/pipeline/index_feeder.hpp"

namespace khochung::pipeline {

/// The index of a data folder in use: keeps it fed from the catalogue, and builds it anew when it
/// is damaged or when asked to. Threads: safe from many threads.
class IndexKeeper {
 public:
  IndexKeeper(std::filesystem::path folder, storage::Catalogue& catalogue,
              const storage::DerivativeStore& derivatives, UnitDirectory& units, Bell& bell);
  ~IndexKeeper() { stop(); }

  /// Opens the index; one that is damaged, or that has less than the catalogue was told, is built
  /// anew from the catalogue and the kept texts.
  Result<void> open();
  void start();
  void stop();
  /// Builds the whole index anew while searches go on with the old one.
  Result<index::RebuildTotals> rebuild();
  /// Whether the index has taken nothing in several tries, so that nobody need wait for it.
  [[nodiscard]] bool is_stuck() const { return refusals_ >= refusals_of_a_stuck_index; }
  /// How many materials the rebuild under way, or the last one, has taken.
  [[nodiscard]] std::int64_t built() const { return built_; }

 private:
  static constexpr int refusals_of_a_stuck_index = 3;

  Result<index::RebuildTotals> build();
  Result<void> feed(const std::stop_token& stop);

  std::filesystem::path folder_;
  storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
  UnitDirectory& units_;
  Bell& bell_;
  std::mutex rebuilding_;
  std::atomic<std::int64_t> built_ = 0;
  std::atomic<int> refusals_ = 0;  ///< one after the other
  std::unique_ptr<index::Index> index_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline

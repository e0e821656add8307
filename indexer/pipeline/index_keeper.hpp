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
#include "schemas/guarded.hpp"
#include "storage/fixity/fixity_check.hpp"

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
  /// Holds a 256th of the index against its seal. Damage is of kind "index" ("torn" where an owner
  /// that was killed may have left a block half written), and has the index built anew in the
  /// background; what was found before, at the start or at rest, comes with the first part.
  /// Errors: unavailable; disk_full.
  Result<storage::FixityReport> check(std::uint8_t slice, const storage::FixityOptions& options);
  /// How many materials the rebuild under way, or the last one, has taken.
  [[nodiscard]] std::int64_t built() const { return built_; }

 private:
  static constexpr int refusals_of_a_stuck_index = 3;

  Result<index::RebuildTotals> build();
  Result<void> open_or_build();
  Result<void> feed(const std::stop_token& stop);
  Result<void> make_ready();
  void look_before_building(bool is_damaged, bool may_be_torn);
  void keep_for_later(storage::FixityReport report);
  storage::FixityReport take_in(const index::CheckReport& found);

  std::filesystem::path folder_;
  storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
  UnitDirectory& units_;
  Bell& bell_;
  std::mutex rebuilding_;
  std::atomic<std::int64_t> built_ = 0;
  std::atomic<int> refusals_ = 0;  ///< one after the other
  /// Held while the index is opened, closed or built, and while a part of it is checked. Feeding
  /// needs none: it is the thread's own, which alone closes the index while it runs.
  std::mutex opening_;
  std::atomic<bool> is_building_ = false;
  std::unique_ptr<index::Index> index_;
  /// Something was found that has the index built anew.
  std::atomic<bool> is_damaged_ = false;
  /// Ends the feeding, so that the index is built anew.
  Guarded<std::stop_source> feeding_;
  /// Found when nobody asked.
  Guarded<storage::FixityReport> found_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline

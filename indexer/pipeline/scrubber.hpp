#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

#include "indexer/pipeline/bell.hpp"
#include "indexer/pipeline/index_keeper.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/fixity/fixity_check.hpp"

namespace khochung::pipeline {

/// How far the background check is; kept in the catalogue, so that a restart goes on.
struct ScrubState {
  int slice = 0;                        ///< the next of 256
  Instant began{};                      ///< of this round
  std::int64_t checked = 0, bytes = 0;  ///< in this round
  std::int64_t damaged = 0;             ///< in this round, those that were mended not among them
  std::int64_t mended = 0;              ///< in this round
  std::optional<Instant> last_round_ended;
  std::int64_t last_damaged = 0;  ///< in the round before
  std::int64_t last_mended = 0;
};

boost::json::value to_json(const ScrubState& state);
ScrubState scrub_state_from(std::string_view json);

/// Reads the whole store again and again in the background: all of it once in a period, and never
/// more than a share of the time, so that a scrub is no more than that share of what the disk can
/// do. What is damaged is named in the log and kept in the catalogue; a blob is mended from another
/// copy where there is one, a damaged derivative is removed and made again, a damaged index is
/// built anew. Threads: one of its own; the rest is safe from many threads.
class Scrubber {
 public:
  struct Settings {
    std::chrono::hours period = std::chrono::hours(24 * 30);
    double share = 0.1;  ///< of the time, 0 to 1
  };
  Scrubber(const storage::FixityCheck& check, storage::CheckedBlobs& blobs,
           storage::Catalogue& catalogue, storage::AccountStore& accounts, IndexKeeper& index)
      : check_(check), blobs_(blobs), catalogue_(catalogue), accounts_(accounts), index_(index) {}
  ~Scrubber() { stop(); }

  void start(Settings settings);
  void stop();
  [[nodiscard]] Result<ScrubState> state() const;
  [[nodiscard]] const Settings& settings() const { return settings_; }

  /// Checks a slice and sees to what was found. Errors: unavailable.
  Result<storage::FixityReport> check(std::uint8_t slice, const storage::FixityOptions& options,
                                      const std::stop_token& stop = {});

 private:
  void run(const std::stop_token& stop);
  Result<void> step(const std::stop_token& stop);
  Result<storage::FixityReport> check_slowly(std::uint8_t slice, const std::stop_token& stop);
  Result<void> note(ScrubState state, const storage::FixityReport& report);
  [[nodiscard]] Instant due(const ScrubState& state) const;
  Result<storage::FixityReport> check_store(std::uint8_t slice,
                                            const storage::FixityOptions& options,
                                            const std::stop_token& stop);
  Result<void> mend(storage::FixityReport& report);
  Result<void> make_again(const storage::Damage& derivative);

  const storage::FixityCheck& check_;
  storage::CheckedBlobs& blobs_;
  storage::Catalogue& catalogue_;
  storage::AccountStore& accounts_;
  IndexKeeper& index_;
  Settings settings_;
  Bell rests_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline

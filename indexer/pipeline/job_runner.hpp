#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "indexer/pipeline/bell.hpp"
#include "indexer/pipeline/refusals.hpp"
#include "indexer/pipeline/slow_reader.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::pipeline {

/// Takes jobs from the catalogue's queue and has them done, each lane on threads of its own. A job
/// that a dead process left behind is taken again; one whose reader was stopped twice is given up
/// and the receipt says so.
class JobRunner {
 public:
  struct Threads {
    int quick = 1;
    int slow = 2;
  };
  JobRunner(storage::Catalogue& catalogue, SlowReader& reader, Bell& index_bell);

  void start(Threads threads);
  /// Wakes the lanes: new jobs stand in the queue.
  void ring();
  /// Ends after the jobs under way, which are put back when they take too long.
  void stop();
  /// Whether the queue has given no job, or taken the end of none, for several tries, so that
  /// nobody need wait for one.
  [[nodiscard]] bool is_stuck() const { return refusals_.is_stuck(); }

 private:
  void work(storage::Lane lane, const std::stop_token& stop);
  void perform(const storage::Job& job, const std::stop_token& stop);
  void give_up_or_put_back(const storage::Job& job, const Error& error,
                           const std::stop_token& stop);
  void note_end(const storage::Job& job, const std::stop_token& stop,
                const std::function<Result<void>()>& note);

  storage::Catalogue& catalogue_;
  SlowReader& reader_;
  Bell& index_bell_;
  Refusals refusals_;
  std::vector<std::unique_ptr<Bell>> bells_;
  std::vector<std::jthread> threads_;
};

}  // namespace khochung::pipeline

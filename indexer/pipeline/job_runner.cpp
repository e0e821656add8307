#include "indexer/pipeline/job_runner.hpp"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr std::chrono::seconds lease{3'600};
constexpr std::chrono::seconds pause_before_retry{30};
constexpr std::chrono::milliseconds longest_nap{5'000};
constexpr std::chrono::milliseconds pause_after_trouble{1'000};
constexpr int most_attempts = 2;

Refusals::Part part_of(storage::Lane lane) {
  return lane == storage::Lane::quick ? Refusals::Part::quick_lane : Refusals::Part::slow_lane;
}

}  // namespace

JobRunner::JobRunner(storage::Catalogue& catalogue, SlowReader& reader, Bell& index_bell)
    : catalogue_(catalogue), reader_(reader), index_bell_(index_bell) {}

void JobRunner::start(Threads threads) {
  const auto begin = [this](storage::Lane lane) {
    bells_.push_back(std::make_unique<Bell>());
    threads_.emplace_back([this, lane, bell = bells_.back().get()](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        work(lane, stop);
        bell->wait(stop, longest_nap);
      }
    });
  };
  for (int i = 0; i < threads.quick; ++i) begin(storage::Lane::quick);
  for (int i = 0; i < threads.slow; ++i) begin(storage::Lane::slow);
}

void JobRunner::ring() {
  for (const auto& bell : bells_) bell->ring();
}

void JobRunner::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void JobRunner::work(storage::Lane lane, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto job = catalogue_.claim_job(lane, lease);
    if (!job) {
      spdlog::error("the queue gives no job: {}", job.error().message);
      refusals_.refused(part_of(lane));
      return;
    }
    refusals_.went_well(part_of(lane));
    const auto& claimed = *job;
    if (!claimed) return;
    perform(*claimed, stop);
  }
}

void JobRunner::perform(const storage::Job& job, const std::stop_token& stop) {
  const auto done = reader_.perform(job, stop);
  if (!done && stop.stop_requested()) {
    if (!catalogue_.put_back_job(job.id, std::chrono::seconds(0)))
      spdlog::warn("job {} keeps its lease", job.id);
    return;
  }
  if (!done) return give_up_or_put_back(job, done.error(), stop);
  note_end(job, stop, [&] { return catalogue_.finish_job(job); });
  index_bell_.ring();
}

void JobRunner::give_up_or_put_back(const storage::Job& job, const Error& error,
                                    const std::stop_token& stop) {
  spdlog::warn("{} of {} failed (attempt {}): {}", job.task, job.material.text(), job.attempts,
               error.message);
  const bool is_file_bad =
      !face_of(error.code).retry_can_help && error.code != ErrorCode::disk_full;
  if (!is_file_bad && job.attempts < most_attempts) {
    note_end(job, stop, [&] { return catalogue_.put_back_job(job.id, pause_before_retry); });
    return;
  }
  const auto reason = error.reason.empty() ? face_of(error.code).name : error.reason;
  note_end(job, stop, [&]() -> Result<void> {
    if (job.is_awaited) {
      KHOCHUNG_CHECK(catalogue_.set_item_state(job.material, storage::ItemState::failed, reason));
    }
    return catalogue_.finish_job(job);
  });
  index_bell_.ring();
}

/// A job whose end is not noted is nobody's until its lease ends, and whoever waits for it waits as
/// long: `note` is tried until the catalogue takes it or a stop is wanted.
void JobRunner::note_end(const storage::Job& job, const std::stop_token& stop,
                         const std::function<Result<void>()>& note) {
  Bell nobody_rings;
  while (true) {
    const auto noted = note();
    if (noted) return refusals_.went_well(Refusals::Part::ends);
    spdlog::error("the end of job {} cannot be noted: {}", job.id, noted.error().message);
    refusals_.refused(Refusals::Part::ends);
    if (stop.stop_requested()) return;
    nobody_rings.rest(stop, pause_after_trouble);
  }
}

}  // namespace khochung::pipeline

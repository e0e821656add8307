#include "indexer/pipeline/copy_keeper.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace khochung::pipeline {
namespace {

/// Between two slices, so that copying is not all that the disk does.
constexpr std::chrono::milliseconds breath{10};
constexpr std::chrono::seconds between_looks{30};

}  // namespace

void CopyKeeper::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void CopyKeeper::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void CopyKeeper::run(const std::stop_token& stop) {
  std::uint64_t copied = 0;
  while (!stop.stop_requested()) {
    const auto behind = copies_.behind();
    for (std::size_t slice = 0; slice < behind.size() && !stop.stop_requested(); ++slice) {
      if (!behind.test(slice)) continue;
      const auto done = copies_.catch_up(static_cast<std::uint8_t>(slice));
      if (done) copied += *done;
      if (!done) spdlog::error("copies of slice {} are not made: {}", slice, done.error().message);
      // A replica that is down stays so for the other slices, too.
      if (!done || copies_.behind().test(slice)) break;
      rests_.rest(stop, breath);
    }
    if (copied > 0) spdlog::info("{} blobs were copied to replicas that lacked them", copied);
    copied = 0;
    rests_.rest(stop, between_looks);
  }
}

}  // namespace khochung::pipeline

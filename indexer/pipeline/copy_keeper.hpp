#pragma once

#include <stop_token>
#include <thread>

#include "indexer/pipeline/bell.hpp"
#include "storage/blobs/replicating_store.hpp"

namespace khochung::pipeline {

/// Brings to the replicas what they missed while they were down, and at a start what a crash may
/// have kept from them: a 256th of the store after the other, with rests between.
/// Threads: one of its own.
class CopyKeeper {
 public:
  /// `copies` outlives it.
  explicit CopyKeeper(storage::ReplicatingBlobStore& copies) : copies_(copies) {}
  ~CopyKeeper() { stop(); }

  void start();
  void stop();

 private:
  void run(const std::stop_token& stop);

  storage::ReplicatingBlobStore& copies_;
  Bell rests_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline

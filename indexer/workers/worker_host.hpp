#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/workers/protocol.hpp"
#include "schemas/result.hpp"

namespace khochung::workers {

/// One run of a worker: a fresh process for one file.
struct Run {
  std::string program;  ///< "pdf" for khochung-worker-pdf
  boost::json::object request;
  int input = -1;  ///< readable and seekable; stays the caller's, its offset too
  FrameLimits limits;
  std::chrono::milliseconds wall{60'000};
};

/// What `--probe` of one worker says, for `doctor`.
struct WorkerProbe {
  std::string program;
  bool is_usable = false;
  int landlock = 0;
  bool has_namespaces = false;
  std::vector<std::string> missing;
};

/// Starts worker programs, watches them, and ends every process of a run when the run ends.
/// Threads: safe from many threads; a run takes the thread that asks for it, for as long as it
/// lasts. SIGPIPE and SIGCHLD are left alone (SIGCHLD must not be ignored).
class WorkerHost {
 public:
  /// `programs`: the folder of the khochung-worker-… programs. `scratch`: where each run gets a
  /// folder of its own, removed with the run.
  WorkerHost(std::filesystem::path programs, std::filesystem::path scratch);

  /// Runs a worker and hands each of its frames to `visit`; an Error of `visit` ends the run
  /// and comes back (bad_input without a reason: the frame is bad output).
  /// Errors: what the worker says about the file (unsupported or too_large, with its reason);
  ///         unsupported "worker_stopped" when it crashed, passed a limit or wrote bad output;
  ///         unavailable "worker_unusable" when it cannot work on this machine;
  ///         unavailable when `stop` was asked for.
  Result<void> run(const Run& run, const FrameParser::Visitor& visit,
                   const std::stop_token& stop = {}) const;

  /// What holds on this machine, for each of the worker programs.
  [[nodiscard]] std::vector<WorkerProbe> probe() const;

 private:
  std::filesystem::path programs_;
  std::filesystem::path scratch_;
};

}  // namespace khochung::workers

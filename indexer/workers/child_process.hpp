#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::workers {

/// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// A folder of its own for one run; removed with everything in it.
class ScratchFolder {
 public:
  /// Errors: unavailable.
  static Result<ScratchFolder> make(const std::filesystem::path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// A started program in a session of its own, with pipes for its output. Killed with its whole
/// group, and reaped, when this object goes.
/// Threads: one at a time.
class ChildProcess {
 public:
  struct Start {
    std::filesystem::path program;
    std::string argument;
    std::string working_folder;
    int input = -1;
  };
  /// Errors: unavailable "worker_unusable" when the program cannot be started.
  static Result<ChildProcess> start(const Start& start);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  [[nodiscard]] int output() const { return output_.number(); }
  [[nodiscard]] int complaints() const { return complaints_.number(); }
  /// Becomes readable when the program itself has ended.
  [[nodiscard]] int end_signal() const { return end_signal_.number(); }
  void close_output() { output_.close(); }
  void close_complaints() { complaints_.close(); }
  /// Waits until the program has ended by itself, at most until `deadline`; then kills the group.
  /// Says how it ended, in words for the log; empty: exit code 0.
  std::string finish(std::chrono::steady_clock::time_point deadline);
  /// Ends the program and whatever it has started.
  void kill_group();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  Descriptor end_signal_;
  Descriptor output_;
  Descriptor complaints_;
};

/// `descriptor` opened again, read-only, with an offset of its own.
/// Errors: unavailable.
Result<Descriptor> reopen_read_only(int descriptor);

/// Becomes readable when `stop` is asked for.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop);
  [[nodiscard]] int descriptor() const { return event_.number(); }

 private:
  struct Raise {
    int descriptor;
    void operator()() const;
  };
  Descriptor event_;
  std::stop_callback<Raise> callback_;
};

}  // namespace khochung::workers

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace khochung::app {

/// A line that tells how far long work is: a bar, counts, MB/s and the time left. Draws on standard
/// error, and only when that is a terminal. Threads: one at a time.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  struct Step {
    std::uint64_t done = 0, total = 0;
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
  };
  void show(const Step& step);

 private:
  std::string what_;
  bool is_terminal_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_drawn_{};
};

/// "2,4 MB": decimal comma, powers of 1,024.
std::string size_in_words(std::uint64_t bytes);

}  // namespace khochung::app

#include "server/app/access_log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

namespace khochung::app {
namespace {

constexpr std::size_t most_waiting_bytes = std::size_t{4} << 20U;
/// What is written at once, however short ago the last time was.
constexpr std::size_t much_waiting_bytes = std::size_t{1} << 20U;
/// So that a busy server writes a few times a second, not once a request.
constexpr std::chrono::milliseconds gathering_time{250};

}  // namespace

AccessLog::AccessLog(Write write)
    : write_(std::move(write)), writer_([this](const std::stop_token& stop) { write_on(stop); }) {}

AccessLog::~AccessLog() {
  writer_.request_stop();
  writer_.join();
}

void AccessLog::add(const net::AccessLogLine& line) {
  const auto text = net::to_json(line);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= most_waiting_bytes) {
    ++dropped_;
    return;
  }
  const bool was_empty = waiting_.empty();
  const bool was_much = waiting_.size() >= much_waiting_bytes;
  waiting_ += text;
  waiting_ += '\n';
  const bool is_much = waiting_.size() >= much_waiting_bytes;
  if (was_empty || is_much != was_much) added_.notify_one();
}

void AccessLog::write_on(const std::stop_token& stop) {
  std::string lines;  // and waiting_ take turns, so that neither grows anew each time
  std::unique_lock lock(mutex_);
  while (true) {
    added_.wait(lock, stop, [this] { return !waiting_.empty(); });
    if (waiting_.empty()) return;
    added_.wait_for(lock, stop, gathering_time,
                    [this] { return waiting_.size() >= much_waiting_bytes; });
    lines.clear();
    std::swap(lines, waiting_);
    if (const auto dropped = std::exchange(dropped_, 0); dropped > 0)
      lines += fmt::format("{{\"dropped_log_lines\":{}}}\n", dropped);
    lock.unlock();
    write_(lines);
    lock.lock();
  }
}

AccessLog::Write to_descriptor(int descriptor) {
  return [descriptor](std::string_view lines) {
    while (!lines.empty()) {
      const auto written = ::write(descriptor, lines.data(), lines.size());
      if (written < 0 && errno == EINTR) continue;
      // Nobody takes the log any more: there is nobody to tell.
      if (written <= 0) return;
      lines.remove_prefix(static_cast<std::size_t>(written));
    }
  };
}

Result<AccessLog::Write> to_rotating_file(const std::filesystem::path& file, std::size_t file_bytes,
                                          std::size_t files) {
  try {
    const auto sink =
        std::make_shared<spdlog::sinks::rotating_file_sink_st>(file.string(), file_bytes, files);
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%v", spdlog::pattern_time_type::utc, std::string()));
    return [sink](std::string_view lines) {
      try {
        sink->log({"", spdlog::level::info, spdlog::string_view_t(lines.data(), lines.size())});
        sink->flush();
      } catch (const spdlog::spdlog_ex& problem) {
        spdlog::error("access log: {}", problem.what());
      }
    };
  } catch (const spdlog::spdlog_ex& problem) {
    return fail(ErrorCode::unavailable, std::string("access log: ") + problem.what());
  }
}

}  // namespace khochung::app

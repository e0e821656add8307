#include "server/app/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

namespace khochung::app {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::size_t bar_width = 24;

std::string bar(double share) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_width));
  std::string text;
  for (std::size_t i = 0; i < bar_width; ++i) text += i < filled ? "█" : "░";
  return text;
}

std::string time_in_words(double seconds) {
  const auto whole = std::llround(seconds);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string size_in_words(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"B", "KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  auto text = unit == 0 ? fmt::format("{}", bytes) : fmt::format("{:.1f}", value);
  std::ranges::replace(text, '.', ',');
  return text + " " + std::string(units.at(unit));
}

ProgressBar::ProgressBar(std::string what)
    : what_(std::move(what)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
  if (is_terminal_ && last_drawn_.time_since_epoch().count() != 0) std::fputs("\n", stderr);
}

void ProgressBar::show(const Step& step) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_end = step.done == step.total;
  if (!is_terminal_ || (!is_end && now - last_drawn_ < between_drawings)) return;
  last_drawn_ = now;
  const double seconds = std::max(0.001, std::chrono::duration<double>(now - begin_).count());
  const double share =
      step.total == 0 ? 1 : static_cast<double>(step.done) / static_cast<double>(step.total);
  auto line = fmt::format("\r\033[K{} {} {}/{}", what_, bar(share), step.done, step.total);
  if (step.pages > 0) line += fmt::format(" · {} trang", step.pages);
  if (step.bytes > 0) {
    line += fmt::format(
        " · {}/s",
        size_in_words(static_cast<std::uint64_t>(static_cast<double>(step.bytes) / seconds)));
  }
  if (step.done > 0 && !is_end)
    line += fmt::format(" · còn {}", time_in_words(seconds / share * (1 - share)));
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace khochung::app

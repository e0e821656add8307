#include "server/app/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>

namespace khochung::app {
namespace {

std::atomic<bool> interrupted = false;
std::atomic<bool> asked_to_reload = false;
std::atomic<int> wake_descriptor = -1;

void on_signal(int number) {
  (number == SIGHUP ? asked_to_reload : interrupted) = true;
  const std::uint64_t one = 1;
  const auto ignored = ::write(wake_descriptor, &one, sizeof one);
  static_cast<void>(ignored);
}

}  // namespace

void catch_interrupts() {
  wake_descriptor = ::eventfd(0, EFD_CLOEXEC);
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() {
  return interrupted;
}

void wait_for_interrupt(const std::function<void()>& reload) {
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGHUP, &action, nullptr);
  while (!interrupted) {
    pollfd waiting{wake_descriptor, POLLIN, 0};
    ::poll(&waiting, 1, -1);
    std::uint64_t count = 0;
    if (!interrupted) static_cast<void>(::read(wake_descriptor, &count, sizeof count));
    if (asked_to_reload.exchange(false)) reload();
  }
}

}  // namespace khochung::app

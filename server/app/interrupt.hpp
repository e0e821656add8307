#pragma once

#include <functional>

namespace khochung::app {

/// From here on SIGINT and SIGTERM only set a flag, and SIGPIPE is ignored.
void catch_interrupts();

/// Whether one of them came.
bool is_interrupted();

/// Returns when one of them came. Calls `reload` for each SIGHUP meanwhile.
void wait_for_interrupt(const std::function<void()>& reload);

}  // namespace khochung::app

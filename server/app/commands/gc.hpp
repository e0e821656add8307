#pragma once

#include <optional>

#include "server/app/client.hpp"

namespace khochung::app {

struct GcOptions {
  std::optional<int> grace_days;
  bool only_tells = false;
  bool prints_json = false;
};

/// Removes bytes that nothing keeps; gives the exit code.
int collect_garbage(Client& client, const GcOptions& options);

}  // namespace khochung::app

#pragma once

#include "indexer/workers/sandbox.hpp"

namespace khochung::workers {

/// Leaves this process its working directory (to write in where the profile allows files) and the
/// profile's readable paths; paths that do not exist are passed over. Returns the version of
/// Landlock that is in force, 0 for none.
/// Source: Linux, Documentation/userspace-api/landlock.rst.
int restrict_files(const SandboxProfile& profile);

}  // namespace khochung::workers

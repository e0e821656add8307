#pragma once

#include "indexer/workers/sandbox.hpp"

namespace khochung::workers {

/// Leaves this process the system calls that reading a file needs; the dangerous ones end it with
/// SIGSYS, the rest are answered "not implemented". With programs of its own everything but the
/// dangerous ones stays. False when the filter cannot be had.
bool filter_system_calls(Children children);

}  // namespace khochung::workers

#pragma once

#include <cstdint>

#include "schemas/instant.hpp"

namespace khochung::storage {

/// An instant as the tables of the accounts hold it.
inline std::int64_t milliseconds_of(Instant instant) {
  return instant.time_since_epoch().count();
}

}  // namespace khochung::storage

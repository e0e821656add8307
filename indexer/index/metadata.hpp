#pragma once

#include <xapian.h>

#include <cstdint>

#include "schemas/result.hpp"

/// What a database says of itself. These throw what Xapian throws.
namespace khochung::index {

void set_format(Xapian::WritableDatabase& database);
/// Errors: corrupt when another version of the program made it.
Result<void> check_format(const Xapian::Database& database);

void set_mark(Xapian::WritableDatabase& database, std::int64_t mark);
std::int64_t mark_of(const Xapian::Database& database);

}  // namespace khochung::index

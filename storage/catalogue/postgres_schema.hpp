#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace khochung::storage {

/// A migration of schemas/sql, which is written for SQLite, in the words of PostgreSQL. What
/// differs between the two, differs here alone:
/// - types and keys by the table in the .cpp;
/// - a line that begins with `--postgresql ` is a statement (or a part of one) for PostgreSQL
/// alone,
///   and a comment to SQLite.
std::string postgres_schema(std::string_view script);

/// The number under which PostgreSQL knows an advisory lock of this name.
std::int64_t postgres_lock_number(std::string_view name);

}  // namespace khochung::storage

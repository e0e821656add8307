#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

struct sqlite3;

namespace khochung::storage {

/// What a check of a database's pages showed.
struct CheckedPages {
  std::string file;
  std::int64_t pages = 0;
  std::vector<std::uint32_t> damaged;  ///< their numbers, from 1 on
};

}  // namespace khochung::storage

/// Every page of an SQLite file with a sum of our own. SQLite keeps none: of 300 flipped bits its
/// integrity check saw 91, and 175 gave other data without an error.
///
/// A layer under SQLite (a VFS) writes the sum into bytes that SQLite leaves free at the end of
/// each page and holds it against each page that is read from the file; a page that is not as it
/// was written is an error (SQLITE_IOERR_DATA), never data. What still stands in the write-ahead
/// log has the sums of SQLite alone, and so no sum of ours when another program empties the log
/// (as `sqlite3` does when it is the last to close the file): such pages are taken. Source:
/// sqlite.org/vfs.html; schemas/formats.md, "Pages of SQLite files".
namespace khochung::storage::checked_pages {

inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::size_t sum_bytes = 8;
/// Stands in the header of a file whose pages have sums: "KCHS".
inline constexpr std::uint32_t application_id = 0x4B434853;

/// The name of the layer, to open files with. It is made known to SQLite at the first call.
/// Errors: internal.
Result<const char*> layer();

/// The sum of a page with its number, from 1 on.
std::uint32_t sum_of(std::string_view page, std::uint32_t number);
/// Whether a page has its sum.
bool is_whole(std::string_view page, std::uint32_t number);

/// Whether the pages of an open file have sums: a file without them is from an older program.
bool has_sums(sqlite3* connection);
/// Tells SQLite to leave the bytes for the sum free in what it makes anew through this connection:
/// a new file, or one for VACUUM INTO. Errors: unavailable.
Result<void> leave_room(sqlite3* connection);

/// Reads a 256th of the pages of the file, as it stands, without the write-ahead log. Nobody may
/// write meanwhile. Errors: unavailable.
Result<CheckedPages> check(sqlite3* connection, std::uint8_t slice);

}  // namespace khochung::storage::checked_pages

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace khochung::index {

/// The tables of a Xapian database, in the order in which its version file has them.
inline constexpr std::array<std::string_view, 6> table_names = {"postlist.glass", "docdata.glass",
                                                                "termlist.glass", "position.glass",
                                                                "spelling.glass", "synonym.glass"};

/// A place in a table's list of free blocks, which is a chain of blocks itself.
struct FreeListPlace {
  std::uint32_t block = 0;
  std::uint32_t offset = 0;  ///< 0: there is no list yet
  bool operator==(const FreeListPlace&) const = default;
};

/// One table as of a revision. A block that the next revision writes is taken from the front of the
/// list, or lies beyond the end; one that it no longer needs goes to the back.
struct TableState {
  std::uint32_t root = 0;
  std::uint32_t blocks = 0;  ///< of which the last may never have been written
  FreeListPlace front;
  FreeListPlace back;
};

/// What Xapian's version file (iamglass) says of the revision that was committed last.
/// Source: Xapian 1.4, backends/glass/glass_version.cc and glass_freelist.h.
struct VersionFile {
  static constexpr std::string_view name = "iamglass";

  std::uint32_t revision = 0;
  std::array<TableState, table_names.size()> tables;
};

/// Nothing for bytes that are no version file, or one of a table with other blocks than ours.
std::optional<VersionFile> version_file_from(std::string_view bytes);

}  // namespace khochung::index

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung::storage {

/// A file that is to stand in a ZIP as it is: what has to be known of it beforehand.
struct ZipEntry {
  std::string path;  ///< UTF-8, '/' between folders
  std::uint64_t size_bytes = 0;
  std::uint32_t crc32 = 0;
};

/// Where everything stands in a ZIP whose files are stored, not compressed. The same entries and
/// time give the same bytes, so that any part of it can be made at any time without the rest.
/// ZIP64 where sizes or numbers ask for it. Holds about 100 bytes an entry.
/// Threads: immutable.
/// Source: APPNOTE.TXT 6.3.10 of PKWARE; Info-ZIP's extra field 0x5455 for times.
class ZipLayout {
 public:
  /// Part of an entry's bytes.
  struct EntryRange {
    std::size_t entry = 0;  ///< its place in entries()
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  /// What stands at some place: bytes of the ZIP's own, or bytes of a file.
  using Piece = std::variant<std::string, EntryRange>;

  /// Every entry is dated `modified`.
  /// Errors: bad_input for a path that could leave its folder, is empty, too long, no UTF-8, or
  /// stands there twice.
  static Result<ZipLayout> of(std::vector<ZipEntry> entries, Instant modified);

  [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// The piece that holds the byte at `offset` (below size_bytes()), from there on. What is the
  /// ZIP's own comes in pieces of at most 64 KiB and a header.
  [[nodiscard]] Piece piece_at(std::uint64_t offset) const;

 private:
  ZipLayout() = default;

  [[nodiscard]] std::string local_header(std::size_t entry) const;
  [[nodiscard]] std::string central_header(std::size_t entry) const;
  [[nodiscard]] std::string central_directory_from(std::uint64_t offset) const;
  [[nodiscard]] std::string end_of_directory() const;

  std::vector<ZipEntry> entries_;
  std::vector<std::uint64_t> starts_;          ///< of each local header
  std::vector<std::uint64_t> central_starts_;  ///< of each header of the directory
  std::uint64_t directory_ = 0;                ///< where the directory begins
  std::uint64_t end_ = 0;                      ///< where its end record begins
  std::uint64_t size_bytes_ = 0;
  Instant modified_{};
};

/// A small ZIP of path and bytes each, all of it in memory.
/// Errors: as ZipLayout::of().
Result<std::string> stored_zip(const std::vector<std::pair<std::string, std::string>>& files,
                               Instant modified);

}  // namespace khochung::storage

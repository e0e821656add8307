#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace khochung::http {

/// A part of a file; never empty.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;

  bool operator==(const ByteRange&) const = default;
};

/// What a Range field asks of a file.
struct RangeSelection {
  enum class Kind {
    whole,         ///< no range, or one that is to be ignored
    partial,       ///< `ranges`: ascending, apart from one another
    unsatisfiable  ///< nothing of it lies in the file
  };
  Kind kind = Kind::whole;
  std::vector<ByteRange> ranges;
};

/// More ranges than this get the whole file: many small ones are an attack (CVE-2011-3192).
inline constexpr std::size_t max_ranges = 4;

/// Reads `field` for a file of `size_bytes`. Overlapping and touching ranges are joined; what is
/// not a byte range at all is ignored.
/// Source: RFC 9110, 14.1.2 and 14.2.
RangeSelection select_ranges(std::string_view field, std::uint64_t size_bytes);

/// "bytes 0-99/1234".
std::string content_range(const ByteRange& range, std::uint64_t size_bytes);

}  // namespace khochung::http

#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How BagIt writes its lines. Source: RFC 8493, 2.1.3.
namespace khochung::storage {

/// A path as a manifest has it: CR, LF and % as %0D, %0A and %25.
std::string bag_encoded(std::string_view path);

/// The path that stands in a manifest. Before version 1.0 only CR and LF were encoded.
enum class BagVersion { v0_97, v1_0 };
std::string bag_decoded(std::string_view path, BagVersion version);

/// One line of a manifest.
struct BagLine {
  std::string digest;  ///< in lower case
  std::string path;    ///< decoded
};
/// Nothing when it is no such line.
std::optional<BagLine> bag_line(std::string_view line, BagVersion version);

}  // namespace khochung::storage

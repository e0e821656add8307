#include "storage/packages/bag_format.hpp"

#include <algorithm>
#include <cctype>

#include "storage/packages/digests.hpp"

namespace khochung::storage {

std::string bag_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    switch (c) {
      case '\n': out += "%0A"; break;
      case '\r': out += "%0D"; break;
      case '%': out += "%25"; break;
      default: out += c;
    }
  }
  return out;
}

std::string bag_decoded(std::string_view path, BagVersion version) {
  std::string out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const auto code = path.substr(at, 3);
    char letter = '\0';
    if (code == "%0A" || code == "%0a") letter = '\n';
    if (code == "%0D" || code == "%0d") letter = '\r';
    if (code == "%25" && version == BagVersion::v1_0) letter = '%';
    out += letter == '\0' ? path[at] : letter;
    if (letter != '\0') at += 2;
  }
  return out;
}

std::optional<BagLine> bag_line(std::string_view line, BagVersion version) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto end = line.find_first_of(" \t");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const auto digest = line.substr(0, end);
  if (digest.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
    return std::nullopt;
  auto begin = line.find_first_not_of(" \t", end);
  if (begin == std::string_view::npos) return std::nullopt;
  // md5sum and its kin mark what they read as binary.
  if (line[begin] == '*') ++begin;
  if (begin == line.size()) return std::nullopt;
  return BagLine{lower_hex(digest), bag_decoded(line.substr(begin), version)};
}

}  // namespace khochung::storage

#pragma once

#include <string_view>

namespace khochung::access {

/// Equal in a time that does not tell where two texts differ.
inline bool equal_secrets(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    difference |= static_cast<unsigned>(left[i] ^ right[i]);
  return difference == 0;
}

}  // namespace khochung::access

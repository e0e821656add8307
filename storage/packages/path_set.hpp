#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"

namespace khochung::storage {

/// A set of paths that keeps 128 bits of each one's SHA-256: five million paths in 80 MB. Paths are
/// added, then sorted once, then asked for.
/// Threads: one at a time.
class PathSet {
 public:
  using Key = std::array<std::uint8_t, 16>;

  void add(std::string_view path) { keys_.push_back(key_of(path)); }
  void sort() { std::ranges::sort(keys_); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] bool contains(std::string_view path) const {
    return std::ranges::binary_search(keys_, key_of(path));
  }
  /// What was added more than once.
  [[nodiscard]] PathSet twice() const {
    PathSet found;
    for (std::size_t i = 1; i < keys_.size(); ++i) {
      if (keys_[i] == keys_[i - 1]) found.keys_.push_back(keys_[i]);
    }
    return found;
  }

 private:
  static Key key_of(std::string_view path) {
    Key key{};
    const auto digest = Digest::of(path);
    std::copy_n(digest.bytes().begin(), key.size(), key.begin());
    return key;
  }
  std::vector<Key> keys_;
};

}  // namespace khochung::storage

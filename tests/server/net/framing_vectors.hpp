#pragma once

#include <string>
#include <vector>

namespace khochung::test {

/// A request as raw bytes, and the status it must get.
struct Vector {
  std::string name;
  std::string bytes;
  int status;
};

/// Requests that two programs could read in two ways, and some that look like them and are fine.
std::vector<Vector> framing_vectors();

}  // namespace khochung::test

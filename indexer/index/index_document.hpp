#pragma once

#include <string>
#include <vector>

#include "schemas/access/policy.hpp"
#include "schemas/material.hpp"

namespace khochung::index {

/// What the index is told about one material.
struct IndexDocument {
  Material material;
  access::Standing standing;
  /// The text of each page, as it is searched and shown.
  std::vector<std::string> page_texts;
  /// What the reader had read before its text was repaired, where it differs: found too.
  std::vector<std::string> raw_page_texts;
};

}  // namespace khochung::index

#pragma once

#include <string>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/material.hpp"
#include "schemas/result.hpp"

namespace khochung::search {

/// What can be read of one material.
struct MaterialTexts {
  std::vector<std::string> fields;  ///< searched_fields of it
  std::vector<std::string> pages;
};

/// Gives the texts of the few materials that a search shows or has to look at.
class TextSource {
 public:
  virtual ~TextSource() = default;
  /// Errors: not_found: the hit is shown without a snippet.
  virtual Result<MaterialTexts> texts(MaterialId id) = 0;
};

/// The fields whose words are found, title first.
inline std::vector<std::string> searched_fields(const Material& material) {
  std::vector<std::string> fields;
  for (const auto& field : material_fields) {
    if (field.is_searched) fields.push_back(material.*field.text);
  }
  return fields;
}

}  // namespace khochung::search

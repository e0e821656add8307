#pragma once

#include "schemas/json_reader.hpp"
#include "server/pages/format.hpp"

/// What a material is described by, in words: as the archive's vocabularies call it where the
/// answer says so, else as the program does.
namespace khochung::pages {

inline std::string kind_of(const JsonReader& material, Language language) {
  const auto label = material.string("kind_label");
  return label.empty() ? kind_text(material.string("kind"), language) : label;
}

inline std::string theme_of(const JsonReader& material, Language language) {
  const auto label = material.string("theme_label");
  return label.empty() ? theme_text(material.string("theme"), language) : label;
}

}  // namespace khochung::pages

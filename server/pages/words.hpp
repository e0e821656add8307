#pragma once

#include <boost/json/array.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/vocabulary.hpp"
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

/// What a form offers: {value, label, is_chosen} for each concept that is in use, the narrower ones
/// after their wider one; and for what is chosen, in use or not.
boost::json::array concept_options(const Vocabulary& vocabulary, const std::string& chosen,
                                   Language language);

}  // namespace khochung::pages

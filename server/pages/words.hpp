#pragma once

#include <boost/json/array.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

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

/// The concepts that a field of `material` holds, in one line.
std::string concepts_text(const JsonReader& material, std::string_view field, Language language);

/// {value, address}: each of these concepts with the search that finds it.
boost::json::array concept_links(const JsonReader& material, std::string_view field,
                                 Language language);

/// What a form offers: {value, label, name, deep, is_chosen} for each concept that is in use, the
/// narrower ones after their wider one; and for what is chosen, in use or not. `label` shows by
/// dashes how deep it stands, `name` does not.
boost::json::array concept_options(const Vocabulary& vocabulary,
                                   const std::vector<std::string>& chosen, Language language);

/// The vocabularies of forms, by the field that takes their concepts.
using ConceptChoices = std::map<std::string, std::shared_ptr<const Vocabulary>, std::less<>>;

}  // namespace khochung::pages

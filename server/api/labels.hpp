#pragma once

#include <boost/json/object.hpp>

#include "server/api/services.hpp"

namespace khochung::api {

/// Adds `kind_label` and `theme_label` to a material: what the vocabularies call its kind and
/// theme.
inline void add_labels(boost::json::object& material, const Services& services, Language language) {
  const auto add = [&](const char* field, const char* member, std::string_view vocabulary) {
    const auto* id = material.if_contains(field);
    if (id == nullptr || !id->is_string() || id->get_string().empty()) return;
    const std::string known(id->get_string());
    material[member] = services.vocabularies.label(vocabulary, known, language);
  };
  add("kind", "kind_label", "kinds");
  add("theme", "theme_label", "themes");
}

}  // namespace khochung::api

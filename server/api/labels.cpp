#include "server/api/labels.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/material.hpp"

namespace khochung::api {

void add_labels(boost::json::object& material, const Services& services, Language language) {
  const auto text_of = [&](std::string_view name) {
    const auto* text = material.if_contains(name);
    return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
  };
  if (const auto kind = text_of("kind"); !kind.empty())
    material["kind_label"] = services.vocabularies.label("kinds", kind, language);
  boost::json::object concepts;
  for (const auto& field : concept_fields) {
    boost::json::array list;
    std::string line;
    for (const auto& id : concepts_in(text_of(field.name))) {
      const auto label = services.vocabularies.label(field.vocabulary, id, language);
      line += (line.empty() ? "" : "; ") + label;
      list.push_back(boost::json::object{{"id", id}, {"label", label}});
    }
    if (list.empty()) continue;
    material[std::string(field.name) + "_label"] = line;
    concepts[field.name] = std::move(list);
  }
  if (!concepts.empty()) material["concepts"] = std::move(concepts);
}

}  // namespace khochung::api

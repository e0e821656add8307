#include "server/pages/words.hpp"

#include <algorithm>
#include <boost/json/object.hpp>

#include "schemas/material.hpp"
#include "server/pages/links.hpp"

namespace khochung::pages {
namespace {

/// {id, label}: as the answer calls them, else as the program does.
std::vector<std::pair<std::string, std::string>> labelled(const JsonReader& material,
                                                          std::string_view field,
                                                          Language language) {
  std::vector<std::pair<std::string, std::string>> concepts;
  if (const auto* all = material.find("concepts"); all != nullptr && all->is_object()) {
    const auto* list = JsonReader(*all).find(field);
    if (list != nullptr && list->is_array()) {
      for (const auto& one : list->get_array()) {
        const JsonReader read(one);
        concepts.emplace_back(read.string("id"), read.string("label"));
      }
    }
    return concepts;
  }
  const auto shipped = shipped_vocabulary(find_concept_field(field)->vocabulary);
  for (const auto& id : concepts_in(material.string(field))) {
    const auto* entry = shipped.find(id);
    concepts.emplace_back(id, entry == nullptr ? id : entry->label.in(language));
  }
  return concepts;
}

}  // namespace

std::string concepts_text(const JsonReader& material, std::string_view field, Language language) {
  std::string line;
  for (const auto& [id, label] : labelled(material, field, language))
    line += (line.empty() ? "" : "; ") + label;
  return line;
}

boost::json::array concept_links(const JsonReader& material, std::string_view field,
                                 Language language) {
  const auto* place = std::ranges::find(search_fields, field, &SearchField::name);
  boost::json::array links;
  for (const auto& [id, label] : labelled(material, field, language)) {
    SearchParameters search;
    search.*place->value = id;
    links.push_back(boost::json::object{{"value", label}, {"address", search_address(search)}});
  }
  return links;
}

boost::json::array concept_options(const Vocabulary& vocabulary,
                                   const std::vector<std::string>& chosen, Language language) {
  boost::json::array options;
  const auto add = [&](const std::string& id, const std::string& name, int depth) {
    std::string dashes;
    for (int i = 0; i < depth; ++i) dashes += "– ";
    options.push_back(boost::json::object{{"value", id},
                                          {"label", dashes + name},
                                          {"name", name},
                                          {"deep", std::min(depth, 3)},
                                          {"is_chosen", std::ranges::count(chosen, id) > 0}});
  };
  for (const auto& [entry, depth] : in_tree_order(vocabulary)) {
    if (!entry->is_retired || std::ranges::count(chosen, entry->id) > 0)
      add(entry->id, entry->label.in(language), depth);
  }
  for (const auto& id : chosen) {
    if (vocabulary.find(id) == nullptr) add(id, id, 0);
  }
  return options;
}

}  // namespace khochung::pages

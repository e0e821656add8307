#include "server/pages/words.hpp"

#include <boost/json/object.hpp>

namespace khochung::pages {

boost::json::array concept_options(const Vocabulary& vocabulary, const std::string& chosen,
                                   Language language) {
  boost::json::array options;
  const auto add = [&](const std::string& id, std::string label) {
    options.push_back(boost::json::object{
        {"value", id}, {"label", std::move(label)}, {"is_chosen", id == chosen}});
  };
  bool is_offered = chosen.empty();
  for (const auto& [entry, depth] : in_tree_order(vocabulary)) {
    if (entry->is_retired && entry->id != chosen) continue;
    std::string label;
    for (int i = 0; i < depth; ++i) label += "– ";
    is_offered = is_offered || entry->id == chosen;
    add(entry->id, label + entry->label.in(language));
  }
  if (!is_offered) add(chosen, chosen);
  return options;
}

}  // namespace khochung::pages

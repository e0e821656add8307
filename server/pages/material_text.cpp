#include "server/pages/material_text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "server/pages/highlight.hpp"

namespace khochung::pages {

boost::json::array paragraphs(std::string_view plain, std::string_view query) {
  constexpr std::string_view break_between = "\n\n";
  const auto html = highlighted(plain, query);
  std::string_view rest = html;
  boost::json::array found;
  while (!rest.empty()) {
    const auto paragraph = rest.substr(0, rest.find(break_between));
    rest.remove_prefix(std::min(paragraph.size() + break_between.size(), rest.size()));
    if (paragraph.find_first_not_of(" \t\r\n\f") == std::string_view::npos) continue;
    found.push_back(boost::json::object{{"html", paragraph}});
  }
  return found;
}

}  // namespace khochung::pages

#include "server/pages/material_text.hpp"

#include <boost/json.hpp>

#include "server/pages/template_engine.hpp"

namespace khochung::pages {

boost::json::array paragraphs(std::string_view page_text) {
  boost::json::array found;
  while (!page_text.empty()) {
    const auto paragraph = page_text.substr(0, page_text.find("\n\n"));
    page_text.remove_prefix(std::min(paragraph.size() + 2, page_text.size()));
    if (paragraph.find_first_not_of(" \t\r\n\f") == std::string_view::npos) continue;
    found.push_back(boost::json::object{{"html", escape(paragraph)}});
  }
  return found;
}

}  // namespace khochung::pages

#pragma once

#include <boost/json/array.hpp>
#include <string_view>

namespace khochung::pages {

/// The text of a page as paragraphs for the template: [{"html": …}], escaped.
boost::json::array paragraphs(std::string_view page_text);

}  // namespace khochung::pages

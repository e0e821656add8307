#pragma once

#include <boost/json/array.hpp>
#include <string_view>

namespace khochung::pages {

/// A text as paragraphs for a template: [{"html": …}], with the words of `query` marked.
boost::json::array paragraphs(std::string_view plain, std::string_view query);

}  // namespace khochung::pages

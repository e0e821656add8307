#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "schemas/error.hpp"

namespace khochung::pages {

/// Fills the template "templates/<name>.mustache" with a view.
/// Shape:   `{{name}}` is escaped, `{{{name}}}` is not; null, false, "" and [] leave a section out.
///          `[[key]]` in a template is the text of that key, `[[>name]]` another template; both are
///          put in once, when the templates are first read.
/// Threads: safe from many threads.
std::string render(std::string_view name, const boost::json::object& view, Language language);

/// `text` as it may stand in HTML text or in an attribute.
std::string escape(std::string_view text);

/// HTML that is escaped but for `<mark>`, as search answers carry it; any other tag is escaped.
std::string with_marks_only(std::string_view html);

}  // namespace khochung::pages

#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace khochung::delivery {

/// `text` without the characters that XML 1.0 cannot hold, not even escaped.
/// Shape:  UTF-8 in and out.
/// Source: XML 1.0, 2.2.
std::string xml_text(std::string_view text);

/// Adds <name>text</name>; escaping is the library's.
pugi::xml_node add_element(pugi::xml_node parent, const char* name, std::string_view text);

void add_attribute(pugi::xml_node element, const char* name, std::string_view value);

/// The document as UTF-8 with its declaration.
std::string to_text(pugi::xml_document& document);

}  // namespace khochung::delivery

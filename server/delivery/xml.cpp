#include "server/delivery/xml.hpp"

#include <sstream>

namespace khochung::delivery {
namespace {

/// U+FFFE and U+FFFF, as UTF-8.
bool is_noncharacter(std::string_view rest) {
  return rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF");
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    if (is_noncharacter(text)) {
      text.remove_prefix(3);
      continue;
    }
    if (!is_control(text.front())) clean += text.front();
    text.remove_prefix(1);
  }
  return clean;
}

pugi::xml_node add_element(pugi::xml_node parent, const char* name, std::string_view text) {
  auto element = parent.append_child(name);
  element.append_child(pugi::node_pcdata).set_value(xml_text(text).c_str());
  return element;
}

void add_attribute(pugi::xml_node element, const char* name, std::string_view value) {
  element.append_attribute(name).set_value(xml_text(value).c_str());
}

std::string to_text(pugi::xml_document& document) {
  auto declaration = document.prepend_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  std::ostringstream text;
  document.save(text, "", pugi::format_raw, pugi::encoding_utf8);
  return text.str();
}

}  // namespace khochung::delivery

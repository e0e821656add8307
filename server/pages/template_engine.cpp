#include "server/pages/template_engine.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <kainjow/mustache.hpp>
#include <map>
#include <memory>

#include "server/pages/texts.hpp"
#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

data to_data(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    data result(data::type::object);
    for (const auto& member : *object)
      result.set(std::string(member.key()), to_data(member.value()));
    return result;
  }
  if (const auto* array = value.if_array()) {
    data result(data::type::list);
    for (const auto& item : *array) result.push_back(to_data(item));
    return result;
  }
  if (const auto* string = value.if_string()) {
    return string->empty() ? data(false) : data(std::string(*string));
  }
  if (value.is_bool()) return data(value.get_bool());
  if (value.is_null()) return data(false);
  return data(boost::json::serialize(value));
}

/// The source of a template without indentation, with texts and other templates put in.
std::string expand(std::string_view name, Language language) {
  auto source = web::asset("templates/" + std::string(name) + ".mustache").bytes;
  std::string result;
  bool at_line_begin = true;
  while (!source.empty()) {
    if (source.starts_with("[[")) {
      const auto end = source.find("]]");
      if (end == std::string_view::npos) std::abort();
      const auto key = source.substr(2, end - 2);
      result +=
          key.starts_with('>') ? expand(key.substr(1), language) : escape(text(language, key));
      source.remove_prefix(end + 2);
      at_line_begin = false;
      continue;
    }
    const char c = source.front();
    source.remove_prefix(1);
    if (at_line_begin && c == ' ') continue;
    at_line_begin = c == '\n';
    result += c;
  }
  return result;
}

using Templates = std::map<std::string, std::unique_ptr<mustache>, std::less<>>;

Templates read_templates(Language language) {
  constexpr std::string_view folder = "templates/";
  constexpr std::string_view extension = ".mustache";
  Templates templates;
  for (const auto& asset : web::assets()) {
    if (!asset.name.starts_with(folder)) continue;
    auto name = asset.name.substr(folder.size());
    name.remove_suffix(extension.size());
    auto parsed = std::make_unique<mustache>(expand(name, language));
    if (!parsed->is_valid()) std::abort();
    templates.emplace(name, std::move(parsed));
  }
  return templates;
}

}  // namespace

std::string render(std::string_view name, const boost::json::object& view, Language language) {
  static const auto vietnamese = read_templates(Language::vietnamese);
  static const auto english = read_templates(Language::english);
  const auto& templates = language == Language::vietnamese ? vietnamese : english;
  const auto found = templates.find(name);
  if (found == templates.end()) std::abort();
  std::string html;
  found->second->render(to_data(view), [&html](const std::string& piece) { html += piece; });
  return html;
}

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string with_marks_only(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t i = 0; i < html.size(); ++i) {
    const auto rest = html.substr(i);
    const bool is_mark = rest.starts_with("<mark>") || rest.starts_with("</mark>");
    result += html[i] == '<' && !is_mark ? "&lt;" : std::string(1, html[i]);
  }
  return result;
}

}  // namespace khochung::pages

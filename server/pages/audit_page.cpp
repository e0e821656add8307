#include "server/pages/audit_page.hpp"

#include <boost/json.hpp>
#include <ranges>

#include "schemas/identifier.hpp"
#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::object;

/// `name` itself where there is no text for it.
std::string text_or_name(const std::string& group, const std::string& name, Language language) {
  return has_text(group + name) ? std::string(text(language, group + name)) : name;
}

/// "network 10.0.0.1, unit tld": the members of an entry's detail, without digests.
std::string detail_text(const boost::json::value* detail, Language language) {
  if (detail == nullptr || !detail->is_object()) return {};
  std::string line;
  for (const auto& [name, value] : detail->get_object()) {
    if (name == "sha256" || value.is_structured() || value.is_null()) continue;
    const auto shown = value.is_string() ? std::string(value.get_string()) : serialize(value);
    if (!shown.empty())
      line +=
          (line.empty() ? "" : ", ") + text_or_name("audit.detail.", name, language) + " " + shown;
  }
  return line;
}

object entry_view(const boost::json::value& value, Language language) {
  const JsonReader entry(value);
  const auto about = entry.string("object");
  const auto action = entry.string("action");
  const bool is_material = action.starts_with("material.") && MaterialId::parse(about).has_value();
  const auto by = entry.string("by");
  return {{"seq", entry.integer("seq")},
          {"at", instant_text(entry.string("at"))},
          {"by", by.empty() ? std::string(text(language, "audit.nobody"))
                            : text_or_name("history.by.", by, language)},
          {"from", text_or_name("history.from.", entry.string("from"), language)},
          {"action", text_or_name("audit.action.", action, language)},
          {"about", about},
          {"address", is_material ? material_address(about, "", 1) + "/history" : std::string()},
          {"detail", detail_text(entry.find("detail"), language)}};
}

}  // namespace

std::string audit_page(const PageContext& context, const AuditView& view) {
  const auto language = context.language;
  boost::json::array entries;
  for (const auto& entry : std::views::reverse(view.entries))
    entries.push_back(entry_view(entry, language));
  const object shown{
      {"is_empty", entries.empty()},
      {"entries", std::move(entries)},
      {"older", view.before > 0 ? "/audit?before=" + std::to_string(view.before) : std::string()},
      {"newest", view.is_newest ? "" : "/audit"}};
  Frame frame;
  frame.tab_title = text(language, "audit.title");
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("audit", shown, language));
}

}  // namespace khochung::pages

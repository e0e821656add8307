#include "server/pages/call_pages.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

Frame call_frame(std::string_view title, bool is_open) {
  Frame frame;
  frame.tab_title = title;
  frame.is_hidden_from_robots = !is_open;
  frame.second_style = "officer.css";
  return frame;
}

std::string unit_of(const value& call, Language language) {
  const auto* unit = JsonReader(call).find("unit");
  return unit == nullptr ? std::string() : unit_name(*unit, language);
}

object call_view(const value& call, Language language) {
  const JsonReader read(call);
  return {{"id", read.string("id")},
          {"address", "/call/" + encoded(read.string("id"))},
          {"title", read.string("title")},
          {"text", read.string("text")},
          {"unit", unit_of(call, language)},
          {"until", text(language, "call.until", {{"at", instant_text(read.string("ends_at"))}})},
          {"count", text(language, "call.count",
                         {{"received", number_text(read.integer("received"), language)},
                          {"limit", number_text(read.integer("limit"), language)}})}};
}

array call_views(const array& calls, Language language) {
  array views;
  for (const auto& call : calls) views.push_back(call_view(call, language));
  return views;
}

array kind_choices(const std::string& chosen, Language language) {
  array views;
  for (const std::string kind : {"anh", "video", "bai_viet", "poster", "infographic", "khac"})
    views.push_back(object{{"value", kind},
                           {"label", kind_text(kind, language)},
                           {"is_chosen", kind == chosen || (chosen.empty() && views.empty())}});
  return views;
}

array unit_options(const array& units, const std::string& chosen, Language language) {
  array views;
  for (const auto& unit : units)
    views.push_back(object{{"value", unit_key(unit)},
                           {"label", unit_name(unit, language)},
                           {"is_chosen", unit_key(unit) == chosen}});
  return views;
}

}  // namespace

std::string calls_page(const PageContext& context, const CallsView& view) {
  const auto language = context.language;
  const auto& typed = view.typed;
  object shown{
      {"csrf", context.csrf_token},
      {"has_open", !view.open.empty()},
      {"open", call_views(view.open, language)},
      {"may_make", !view.units.empty()},
      {"has_own", !view.own.empty()},
      {"own", call_views(view.own, language)},
      {"made_url", view.made.empty() ? "" : context.origin + "/call/" + encoded(view.made)},
      {"error", typed.error},
      {"units", unit_options(view.units, typed.unit, language)},
      {"kinds", kind_choices(typed.kind, language)},
      {"title", typed.title},
      {"text", typed.text},
      {"ends_on", typed.ends_on},
      {"is_listed", typed.is_listed}};
  return in_frame(context, call_frame(text(language, "calls.title"), true),
                  render("calls", shown, language));
}

std::string call_page(const PageContext& context, const value& call, const CallSaid& said) {
  const auto language = context.language;
  auto shown = call_view(call, language);
  shown["name"] = said.name;
  shown["contact"] = said.contact;
  shown["note"] = said.note;
  shown["agrees"] = said.agrees;
  shown["has_consent"] = said.has_consent;
  shown["error"] = said.error;
  auto frame = call_frame(JsonReader(call).string("title"), JsonReader(call).boolean("is_listed"));
  frame.card_title = frame.tab_title;
  frame.card_text = JsonReader(call).string("text");
  frame.card_path = "/call/" + encoded(JsonReader(call).string("id"));
  return in_frame(context, frame, render("call", shown, language));
}

std::string thanks_page(const PageContext& context, const value& call, std::int64_t files) {
  const auto language = context.language;
  auto shown = call_view(call, language);
  shown["received"] =
      text(language, files == 1 ? "call.thanks.one" : "call.thanks.many",
           {{"count", number_text(files, language)}, {"unit", unit_of(call, language)}});
  return in_frame(context, call_frame(text(language, "call.thanks"), false),
                  render("thanks", shown, language));
}

}  // namespace khochung::pages

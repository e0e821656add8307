#include "server/pages/history_pages.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/changes.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

constexpr std::array<std::string_view, 4> common_reasons{"duplicate", "by_mistake", "wrong_copy",
                                                         "not_ours"};

std::string number_of(const JsonReader& revision, Language language) {
  return text(language, "material.version",
              {{"number", number_text(revision.integer("revision"), language)}});
}

/// Accounts by their name, the program's own hands in words.
std::string who_text(const std::string& by, Language language) {
  const auto key = "history.by." + by;
  return has_text(key) ? std::string(text(language, key)) : by;
}

std::string where_text(const std::string& from, Language language) {
  const auto key = "history.from." + from;
  return has_text(key) ? std::string(text(language, key)) : from;
}

std::string about_line(const JsonReader& revision, Language language) {
  return joined({instant_text(revision.string("at")), who_text(revision.string("by"), language),
                 where_text(revision.string("from"), language)});
}

std::string revision_address(const Subject& subject, std::int64_t number) {
  return "/m/" + encoded(subject.id) + "/history/" + std::to_string(number);
}

/// What every page and form about a material holds.
boost::json::object view_of(const PageContext& context, const Subject& subject) {
  return {{"title", subject.title},
          {"address", material_address(subject.id, "", 1)},
          {"history_address", "/m/" + encoded(subject.id) + "/history"},
          {"folder", "/m/" + encoded(subject.id)},
          {"csrf", context.csrf_token},
          {"newest", subject.revision}};
}

std::string in_officer_frame(const PageContext& context, std::string_view name,
                             std::string_view tab_title, const boost::json::object& view) {
  Frame frame;
  frame.tab_title = tab_title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render(name, view, context.language));
}

const boost::json::value& material_of(const boost::json::value& revision) {
  static const boost::json::value none;
  const auto* material = JsonReader(revision).find("material");
  return material == nullptr ? none : *material;
}

void add_changes(boost::json::object& view, const boost::json::value& was,
                 const boost::json::value& is, Language language) {
  const bool are_known = was.is_object() && is.is_object();
  auto changes = are_known ? changes_between(was, is, language) : boost::json::array();
  view["has_changes"] = !changes.empty();
  view["changes"] = std::move(changes);
}

boost::json::object entry_view(const History& history, const boost::json::value& revision,
                               const boost::json::value& before, Language language) {
  const JsonReader read(revision);
  const auto number = read.integer("revision");
  const bool is_newest = number == history.subject.revision;
  const bool is_seen = material_of(revision).is_object();
  boost::json::object view{
      {"label", number_of(read, language)},
      {"number", number},
      {"is_newest", is_newest},
      {"about", about_line(read, language)},
      {"why", in_language(read.string("why"), language)},
      {"see", is_seen ? revision_address(history.subject, number) : ""},
      {"can_restore", history.may_restore && is_seen && !is_newest &&
                          JsonReader(material_of(revision)).string("state") != "deleted"}};
  add_changes(view, material_of(before), material_of(revision), language);
  return view;
}

/// Newest first; each told apart from the one before it.
boost::json::array entry_views(const History& history, Language language) {
  static const boost::json::value none;
  const auto& revisions = array_of(history.revisions, "revisions");
  boost::json::array views;
  for (auto at = revisions.size(); at > 0; --at) {
    const auto& before = at > 1 ? revisions[at - 2] : none;
    views.push_back(entry_view(history, revisions[at - 1], before, language));
  }
  return views;
}

/// Why a form was not carried out, and what somebody else did meanwhile.
void add_sent(boost::json::object& view, const Sent& sent, Language language) {
  const JsonReader newest(sent.newest);
  boost::json::object meanwhile{{"label", number_of(newest, language)},
                                {"about", about_line(newest, language)}};
  add_changes(meanwhile, material_of(sent.seen), material_of(sent.newest), language);
  view["error"] = sent.error;
  view["typed"] = sent.typed;
  view["has_meanwhile"] = sent.seen.is_object();
  view["meanwhile"] = std::move(meanwhile);
}

boost::json::array reason_choices(std::string_view chosen, Language language) {
  boost::json::array views;
  for (const auto key : common_reasons) {
    views.push_back({{"value", key},
                     {"label", text(language, "remove.reason." + std::string(key))},
                     {"is_chosen", key == chosen}});
  }
  return views;
}

}  // namespace

std::string history_page(const PageContext& context, const History& history) {
  auto view = view_of(context, history.subject);
  const auto done = "history.done." + history.done;
  view["done"] = has_text(done) ? text(context.language, done) : "";
  view["entries"] = entry_views(history, context.language);
  return in_officer_frame(context, "history", text(context.language, "history.title"), view);
}

std::string revision_page(const PageContext& context, const RevisionView& shown) {
  const auto language = context.language;
  const JsonReader read(shown.revision);
  const auto number = read.integer("revision");
  const auto label = number_of(read, language);
  const auto& then = material_of(shown.revision);
  const bool is_newest = number == shown.subject.revision;
  auto view = view_of(context, shown.subject);
  view["label"] = label;
  view["about"] = about_line(read, language);
  view["why"] = in_language(read.string("why"), language);
  view["fields"] = field_rows(then, language);
  view["is_newest"] = is_newest;
  view["are_bytes_gone"] = shown.are_bytes_gone;
  view["can_restore"] = shown.may_restore && !is_newest && !shown.are_bytes_gone &&
                        JsonReader(then).string("state") != "deleted";
  view["restore_address"] = revision_address(shown.subject, number) + "/restore";
  view["compare_title"] = text(language, "revision.compare", {{"revision", label}});
  add_changes(view, material_of(shown.newest), then, language);
  add_sent(view, shown.sent, language);
  return in_officer_frame(context, "revision", label, view);
}

std::string removal_page(const PageContext& context, const RemovalView& shown) {
  auto view = view_of(context, shown.subject);
  view["facts_line"] = shown.facts_line;
  view["hold"] = shown.hold;
  view["reasons"] = reason_choices(shown.sent.chosen, context.language);
  view["is_other"] = shown.sent.chosen.empty() && !shown.sent.typed.empty();
  add_sent(view, shown.sent, context.language);
  return in_officer_frame(context, "remove", text(context.language, "remove.title"), view);
}

std::string hold_page(const PageContext& context, const HoldView& shown) {
  auto view = view_of(context, shown.subject);
  view["hold"] = shown.hold;
  add_sent(view, shown.sent, context.language);
  const auto* key = shown.hold.empty() ? "hold.title" : "hold.end.title";
  view["heading"] = text(context.language, key);
  return in_officer_frame(context, "hold", text(context.language, key), view);
}

std::string reason_text(std::string_view chosen, std::string_view typed, Language language) {
  const bool is_common = std::ranges::find(common_reasons, chosen) != common_reasons.end();
  if (!is_common) return std::string(typed);
  auto reason = std::string(text(language, "remove.reason." + std::string(chosen)));
  return typed.empty() ? reason : reason + ": " + std::string(typed);
}

}  // namespace khochung::pages

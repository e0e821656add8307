#include "server/pages/review_pages.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/kit.hpp"
#include "server/pages/choices.hpp"
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

const value& member(const value& json, std::string_view name) {
  static const value none;
  const auto* found = JsonReader(json).find(name);
  return found == nullptr ? none : *found;
}

/// "hôm nay", "1 ngày", "12 ngày": how long it has waited.
std::string waiting_text(const std::string& since, Instant now, Language language) {
  const auto begun = instant_from_rfc3339(since);
  if (!begun) return {};
  const auto days = std::chrono::duration_cast<std::chrono::days>(now - *begun).count();
  if (days <= 0) return std::string(text(language, "review.waits.today"));
  return text(language, days == 1 ? "review.waits.day" : "review.waits.days",
              {{"count", number_text(days, language)}});
}

/// For whom it waits, in a sentence.
std::string awaits_text(const value& review, Language language) {
  const JsonReader read(review);
  const auto awaits = read.string("awaits");
  if (awaits.empty()) return std::string(text(language, "review.awaits.nobody"));
  return text(
      language, "review.awaits." + awaits,
      {{"unit", unit_name(member(review, "to"), language)}, {"name", read.string("submitted_by")}});
}

std::string due_text(const JsonReader& review, Language language) {
  const auto due = review.string("due");
  if (due.empty()) return {};
  const auto* key = review.boolean("is_overdue") ? "review.due.over" : "review.due.until";
  return text(language, key, {{"day", date_text(due)}});
}

std::string way_address(const JsonReader& material) {
  return "/m/" + encoded(material.string("id")) + "/review";
}

std::string title_of(const JsonReader& material, Language language) {
  const auto title = material.string("title");
  return title.empty() ? std::string(text(language, "review.untitled")) : title;
}

object line_view(const value& line, Instant now, Language language) {
  const JsonReader material(line);
  const auto& review = member(line, "review");
  const JsonReader way(review);
  object view{
      {"address", way_address(material)},
      {"title", title_of(material, language)},
      {"facts", joined({kind_text(material.string("kind"), language),
                        unit_name(member(line, "unit"), language), way.string("submitted_by")})},
      {"awaits", awaits_text(review, language)},
      {"waits", waiting_text(way.string("since"), now, language)},
      {"due", due_text(way, language)},
      {"is_overdue", way.boolean("is_overdue")}};
  add_thumbnail(view, line, Loading::lazy);
  return view;
}

array line_views(const array& lines, Instant now, Language language) {
  array views;
  for (const auto& line : lines) views.push_back(line_view(line, now, language));
  return views;
}

Frame officer_frame(std::string_view title) {
  Frame frame;
  frame.tab_title = title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return frame;
}

std::string done_text(const std::string& step, Language language) {
  const auto key = "review.done." + step;
  return has_text(key) ? std::string(text(language, key)) : std::string();
}

// -- the way of one material

constexpr std::array<std::string_view, 4> stages{"draft", "submitted", "approved", "published"};

array stage_views(const std::string& state, Language language) {
  const auto here = std::ranges::find(stages, state) - stages.begin();
  array views;
  for (std::ptrdiff_t i = 0; i < std::ssize(stages); ++i) {
    const auto* place = i < here ? "past" : i == here ? "here" : "ahead";
    views.push_back(
        {{"label",
          text(language, "review.stage." + std::string(stages.at(static_cast<std::size_t>(i))))},
         {"place", place},
         {"is_here", i == here}});
  }
  return views;
}

/// What was said and agreed, oldest first.
array events_of(const value& review, Language language) {
  struct Event {
    std::string at, by, what, text;
  };
  std::vector<Event> events;
  for (const auto& item : array_of(review, "remarks")) {
    const JsonReader remark(item);
    events.push_back({remark.string("at"), remark.string("by"),
                      std::string(text(language, "review.event." + remark.string("step"))),
                      remark.string("text")});
  }
  for (const auto& item : array_of(review, "approvals")) {
    const JsonReader approval(item);
    const auto* key = approval.string("as") == "spokesperson" ? "review.event.approve_spokesperson"
                                                              : "review.event.approve";
    const auto is_said = std::ranges::any_of(events, [&](const Event& event) {
      return event.at == approval.string("at") && event.by == approval.string("by");
    });
    if (!is_said)
      events.push_back(
          {approval.string("at"), approval.string("by"), std::string(text(language, key)), {}});
  }
  std::ranges::stable_sort(events, {}, &Event::at);
  array views;
  for (const auto& event : events)
    views.push_back(object{{"what", event.what},
                           {"about", joined({event.by, instant_text(event.at)})},
                           {"text", event.text}});
  return views;
}

array missing_views(const value& review, Language language) {
  array views;
  for (const auto& missing : array_of(review, "missing"))
    views.push_back(
        object{{"label", text(language, "review.missing." + std::string(missing.as_string()))}});
  return views;
}

}  // namespace

std::string review_page(const PageContext& context, const ReviewView& view, Instant now) {
  const auto language = context.language;
  array lists;
  for (const auto& waiting : view.waiting) {
    const auto key = unit_key(waiting.unit);
    const auto here = "/review?unit=" + encoded(key);
    lists.push_back(
        object{{"unit", unit_name(waiting.unit, language)},
               {"is_empty", waiting.lines.empty()},
               {"lines", line_views(waiting.lines, now, language)},
               {"next", waiting.next.empty() ? "" : here + "&after=" + encoded(waiting.next)}});
  }
  object shown{
      {"done", done_text(view.done, language)},
      {"decides", view.decides},
      {"waiting", std::move(lists)},
      {"has_contributed", !view.contributed.empty()},
      {"contributed", line_views(view.contributed, now, language)},
      {"next_contributed",
       view.next_contributed.empty() ? "" : "/review?before=" + encoded(view.next_contributed)},
      {"may_upload", context.may_upload}};
  return in_frame(context, officer_frame(text(language, "review.title")),
                  render("review", shown, language));
}

std::string way_page(const PageContext& context, const WayView& view, Instant now) {
  const auto language = context.language;
  const JsonReader material(view.material);
  const auto& review = member(view.material, "review");
  const JsonReader way(review);
  const auto unit = unit_name(member(view.material, "unit"), language);
  const auto steps = way.strings("steps");
  const auto can = [&](std::string_view step) { return std::ranges::count(steps, step) > 0; };
  const auto& typed = view.typed;
  const bool is_kit = material.string("kind") == kit_kind;
  const auto visibility =
      typed.visibility.empty() ? material.string("visibility") : typed.visibility;
  const auto embargo = material.string("embargo_until");
  object shown{
      {"csrf", context.csrf_token},
      {"address", way_address(material)},
      {"material_address", material_address(material.string("id"), "", 1)},
      {"edit_address", view.may_edit
                           ? (is_kit ? "/kit/" : "/m/") + encoded(material.string("id")) + "/edit"
                           : std::string()},
      {"title", title_of(material, language)},
      {"facts", facts_line(view.material, language)},
      {"extent", extent_line(view.material, language)},
      {"description", material.string("description")},
      {"visibility_words", visibility_text(material.string("visibility"), unit, language)},
      {"embargo_words", embargo.empty()
                            ? std::string()
                            : text(language, "review.embargo", {{"at", instant_text(embargo)}})},
      {"revision", material.integer("revision")},
      {"done", done_text(view.done, language)},
      {"error", typed.error},
      {"stages", stage_views(material.string("state"), language)},
      {"is_on_its_way", !way.string("awaits").empty()},
      {"awaits", awaits_text(review, language)},
      {"waits", waiting_text(way.string("since"), now, language)},
      {"due", due_text(way, language)},
      {"is_overdue", way.boolean("is_overdue")},
      {"missing", missing_views(review, language)},
      {"text", typed.text},
      {"can_submit", can("submit")},
      {"can_comment", can("comment")},
      {"can_approve", can("approve")},
      {"can_return", can("return")},
      {"can_publish", can("publish") && !is_kit},
      {"publishes_kit", can("publish") && is_kit},
      {"to", unit_choices(view.above, typed.to, language)},
      {"due_field", typed.due},
      {"owners", unit_choices(view.owners, typed.unit, language)},
      {"visibilities", visibility_choices(visibility, unit, language)},
      {"embargo_field", typed.error.empty() ? local_field(embargo) : typed.embargo}};
  auto events = events_of(review, language);
  shown["has_events"] = !events.empty();
  shown["events"] = std::move(events);
  // That an editor has not looked yet is what the line above says.
  shown["has_missing"] = material.string("state") == "submitted" &&
                         way.strings("missing") != std::vector<std::string>{"check"};
  add_thumbnail(shown, view.material, Loading::eager);
  return in_frame(context, officer_frame(title_of(material, language)),
                  render("way", shown, language));
}

}  // namespace khochung::pages

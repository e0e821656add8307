#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <vector>

#include "indexer/text/vietnamese.hpp"
#include "schemas/json_reader.hpp"
#include "server/pages/choices.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

Frame plain_frame(std::string_view tab_title) {
  Frame frame;
  frame.tab_title = tab_title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return frame;
}

// -- upload

/// The words that app.js needs, so that it holds none of its own.
std::string script_texts(Language language) {
  constexpr std::string_view prefix = "upload.js.";
  boost::json::object words;
  for (const auto& entry : texts(language)) {
    if (entry.key.starts_with(prefix)) words[entry.key.substr(prefix.size())] = entry.value;
  }
  return boost::json::serialize(words);
}

boost::json::array visibility_choices(Language language) {
  constexpr std::array<std::string_view, 4> choices{"unit", "branch", "union", "public"};
  boost::json::array views;
  for (const auto choice : choices) {
    const auto key = "upload.visibility." + std::string(choice);
    views.push_back({{"value", choice},
                     {"label", text(language, key)},
                     {"more", text(language, key + ".more")},
                     {"is_chosen", choice == choices.front()}});
  }
  return views;
}

boost::json::array unit_choices(const boost::json::value& units, Language language) {
  boost::json::array views;
  for (const auto& unit : array_of(units, "units")) {
    views.push_back({{"id", JsonReader(unit).string("id")},
                     {"name", unit_name(unit, language)},
                     {"is_chosen", views.empty()}});
  }
  return views;
}

/// Uploads of which something came and something is missing.
boost::json::array unfinished_views(const boost::json::value& uploads, Language language) {
  boost::json::array views;
  for (const auto& value : array_of(uploads, "uploads")) {
    const JsonReader upload(value);
    const auto offset = upload.integer("offset_bytes");
    const auto size = std::max<std::int64_t>(1, upload.integer("size_bytes"));
    if (offset == 0) continue;
    const auto percent = std::to_string(100 * offset / size) + "\u00a0%";
    views.push_back({{"id", upload.string("id")},
                     {"name", upload.string("name")},
                     {"part", text(language, "upload.unfinished.part",
                                   {{"percent", percent},
                                    {"day", instant_text(upload.string("expires_at"))}})}});
  }
  return views;
}

/// What is asked of every file of a form: its kind, and its themes.
void add_concepts(boost::json::object& view, const ConceptChoices& choices, Language language) {
  if (const auto kinds = choices.find("kind"); kinds != choices.end()) {
    view["has_kinds"] = true;
    view["kinds"] = kind_choices(*kinds->second, "", language);
  }
  const auto themes = choices.find("theme");
  if (themes == choices.end()) return;
  auto boxes = concept_boxes("theme", *themes->second, "", language);
  // What is ticked later shows in the boxes alone.
  boxes["chosen"] = "";
  view["themes"] = std::move(boxes);
}

// -- receipt

std::string item_path(const JsonReader& item) {
  const auto path = item.string("path");
  return path.substr(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/') + 1);
}

/// Why an item is not simply done: the sentence of its reason, or what the answer says itself.
std::string reason_text(const JsonReader& item, Language language) {
  const auto known = sentence(item.string("reason"), language);
  if (!known.empty()) return std::string(known);
  const auto message = item.string("message");
  return message.empty() ? item.string("reason") : message;
}

/// Whether nothing of a file was kept: it failed at the door and became no material.
bool is_refused(const JsonReader& item) {
  return item.string("state") == "failed" && item.string("id").empty();
}

boost::json::object item_view(const boost::json::value& value, Language language) {
  const JsonReader item(value);
  const auto id = item.string("id");
  const auto state = is_refused(item) ? "refused" : item.string("state");
  const auto pages = item.integer("pages");
  const auto size = item.integer("size_bytes");
  return {{"path", item_path(item)},
          {"state", state},
          {"state_label", text(language, "batch.state." + state)},
          {"reason", reason_text(item, language)},
          {"pages", pages > 0 ? number_text(pages, language) : ""},
          {"size", size > 0 ? size_text(size, language) : ""},
          {"sha256", item.string("sha256")},
          {"material", id},
          {"can_choose", !id.empty() && state != "duplicate"},
          {"address", id.empty() ? std::string() : material_address(id, "", 1)}};
}

/// How far a batch is, counted from its lines.
struct Progress {
  std::int64_t files = 0, done = 0, waiting = 0, bad = 0, refused = 0, pages = 0, bytes = 0;
};

Progress progress_of(const boost::json::array& items) {
  Progress progress;
  for (const auto& value : items) {
    const JsonReader item(value);
    const auto state = item.string("state");
    ++progress.files;
    progress.pages += item.integer("pages");
    progress.bytes += item.integer("size_bytes");
    if (state == "queued" || state == "reading") ++progress.waiting;
    if (state == "done" || state == "duplicate") ++progress.done;
    if (state == "failed" || state == "quarantined") ++progress.bad;
    if (is_refused(item)) ++progress.refused;
  }
  return progress;
}

/// "A_2" before "A_10": names as people number their sheets.
bool is_before(std::string_view left, std::string_view right) {
  const auto number_at = [](std::string_view text) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    return text.substr(0, end);
  };
  while (!left.empty() && !right.empty()) {
    const auto a = number_at(left);
    const auto b = number_at(right);
    if (a.empty() || b.empty()) {
      if (left.front() != right.front()) return left.front() < right.front();
      left.remove_prefix(1);
      right.remove_prefix(1);
      continue;
    }
    const auto bare_a = a.substr(std::min(a.find_first_not_of('0'), a.size()));
    const auto bare_b = b.substr(std::min(b.find_first_not_of('0'), b.size()));
    if (bare_a.size() != bare_b.size()) return bare_a.size() < bare_b.size();
    if (bare_a != bare_b) return bare_a < bare_b;
    left.remove_prefix(a.size());
    right.remove_prefix(b.size());
  }
  return left.size() < right.size();
}

/// The lines of a receipt in the order of their paths: files are sent side by side and arrive in
/// any order, but sheets are merged in the order that is shown.
std::vector<std::pair<std::string, const boost::json::value*>> in_order(
    const boost::json::array& items) {
  std::vector<std::pair<std::string, const boost::json::value*>> lines;
  for (const auto& item : items)
    lines.emplace_back(text::folded_form(JsonReader(item).string("path")), &item);
  std::ranges::stable_sort(lines, is_before,
                           &std::pair<std::string, const boost::json::value*>::first);
  return lines;
}

std::string verdict_text(const Progress& progress, Language language) {
  const auto* key = progress.files == 0    ? "batch.verdict.empty"
                    : progress.waiting > 0 ? "batch.verdict.working"
                    : progress.refused > 0 ? "batch.verdict.refused"
                    : progress.bad > 0     ? "batch.verdict.bad"
                                           : "batch.verdict.done";
  return text(language, key,
              {{"total", number_text(progress.files, language)},
               {"done", number_text(progress.done, language)},
               {"waiting", number_text(progress.waiting, language)},
               {"bad", number_text(progress.bad, language)},
               {"kept", number_text(progress.files - progress.refused, language)},
               {"refused", number_text(progress.refused, language)}});
}

std::string_view error_heading(int status) {
  if (status == 404 || status == 410) return "error.heading.not_found";
  if (status == 401 || status == 403) return "error.heading.forbidden";
  if (status == 503 || status == 507) return "error.heading.busy";
  return "error.heading.other";
}

}  // namespace

std::string upload_page(const PageContext& context, const boost::json::value& units,
                        const boost::json::value& unfinished, const ConceptChoices& choices) {
  auto owners = unit_choices(units, context.language);
  auto waiting = unfinished_views(unfinished, context.language);
  auto frame = plain_frame(text(context.language, "upload.title"));
  frame.scripts = {"tus.min.js", "upload.js"};
  boost::json::object view{{"csrf", context.csrf_token},
                           {"has_unfinished", !waiting.empty()},
                           {"unfinished", std::move(waiting)},
                           {"script_texts", script_texts(context.language)},
                           {"has_units", !owners.empty()},
                           {"units", std::move(owners)},
                           {"visibilities", visibility_choices(context.language)}};
  add_concepts(view, choices, context.language);
  return in_frame(context, frame, render("upload", view, context.language));
}

std::string batch_page(const PageContext& context, const boost::json::value& batch) {
  const JsonReader read(batch);
  const auto language = context.language;
  const auto& items = array_of(batch, "items");
  const auto progress = progress_of(items);
  boost::json::array views;
  for (const auto& [path, item] : in_order(items)) views.push_back(item_view(*item, language));
  const auto id = read.string("id");
  const boost::json::object view{{"id", id},
                                 {"csrf", context.csrf_token},
                                 {"verdict", verdict_text(progress, language)},
                                 {"created_at", instant_text(read.string("created_at"))},
                                 {"creator", read.string("creator")},
                                 {"totals", text(language, "batch.totals",
                                                 {{"files", number_text(progress.files, language)},
                                                  {"pages", number_text(progress.pages, language)},
                                                  {"size", size_text(progress.bytes, language)}})},
                                 {"is_open", progress.waiting > 0},
                                 {"can_merge", context.may_upload && progress.files > 1},
                                 {"csv_address", "/api/v1/batches/" + encoded(id) + "?format=csv"},
                                 {"may_upload", context.may_upload},
                                 {"items", std::move(views)}};
  return in_frame(context, plain_frame(text(language, "batch.tab")),
                  render("batch", view, language));
}

std::string sign_in_page(const PageContext& context, const SignIn& sign_in) {
  const boost::json::object view{
      {"csrf", context.csrf_token},
      {"name", sign_in.name},
      {"next", sign_in.next},
      {"error", sign_in.error},
      {"asks_code", sign_in.asks_code},
      {"done", sign_in.done.empty() ? "" : text(context.language, sign_in.done)},
      {"offers_recovery", sign_in.offers_recovery},
      {"provider", sign_in.provider.empty()
                       ? std::string()
                       : text(context.language, "sign_in.provider", {{"name", sign_in.provider}})},
      {"provider_address", "/sign-in/provider?next=" + encoded(sign_in.next)}};
  return in_frame(context, plain_frame(text(context.language, "sign_in.title")),
                  render("sign_in", view, context.language));
}

std::string error_page(const PageContext& context, int status, std::string_view sentence) {
  const auto heading = text(context.language, error_heading(status));
  const boost::json::object view{
      {"heading", heading},
      {"sentence", sentence},
      {"offers_sign_in",
       context.user_name.empty() &&
           (status == 401 || (!context.has_session && (status == 403 || status == 404)))},
      {"sign_in_address", "/sign-in?next=" + encoded(context.path_and_query)}};
  auto frame = plain_frame(heading);
  frame.has_search_in_header = false;
  return in_frame(context, frame, render("error", view, context.language));
}

}  // namespace khochung::pages

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "indexer/pipeline/drawn_size.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/material.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/material_text.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {
namespace {

constexpr int small_width = 600;
constexpr int middle_width = 840;
constexpr int large_width = 1200;
constexpr int strip_width = 200;
constexpr int strip_height_for_a4 = 283;
constexpr int pages_beside_the_open_one = 4;

/// Reads a material for one page; keeps what every part of the page asks for.
struct Reading {
  const PageContext& context;
  const boost::json::value& material;
  const MaterialView& view;
  JsonReader read{material};
  std::string id = read.string("id");
  std::string title = read.string("title");
  std::string unit = read.find("unit") == nullptr ? std::string()
                                                  : unit_name(*read.find("unit"), context.language);
  int page_count = static_cast<int>(read.integer("page_count"));

  [[nodiscard]] Language language() const { return context.language; }
  [[nodiscard]] const boost::json::array& files() const { return array_of(material, "files"); }
};

std::string file_what(const boost::json::value& file, Language language) {
  const JsonReader read(file);
  return joined({format_text(read.string("media_type"), language),
                 size_text(read.integer("size_bytes"), language)});
}

std::string address_of_file(const Reading& reading, const boost::json::value& file) {
  const JsonReader read(file);
  const auto given = read.string("url");
  return given.starts_with("/") ? given : file_address(reading.id, read.string("name"));
}

const boost::json::value* first_file(const Reading& reading, std::string_view role) {
  for (const auto& file : reading.files()) {
    if (JsonReader(file).string("role") == role) return &file;
  }
  return nullptr;
}

bool is_original(const boost::json::value& file) {
  return JsonReader(file).string("role") == "original";
}

/// What "Tải về" gives: the searchable PDF of several sheets, else the original.
const boost::json::value* main_file(const Reading& reading) {
  const auto* whole = first_file(reading, "searchable_pdf");
  const bool has_sheets = std::ranges::count_if(reading.files(), is_original) > 1;
  return has_sheets && whole != nullptr ? whole : first_file(reading, "original");
}

/// Of several sheets a file is the first alone, and the button says so.
boost::json::value download_view(const Reading& reading, const boost::json::value* file) {
  if (file == nullptr) return nullptr;
  const auto sheets = std::ranges::count_if(reading.files(), is_original);
  const auto sheet = is_original(*file) && sheets > 1
                         ? text(reading.language(), "material.sheet_of",
                                {{"count", number_text(sheets, reading.language())}})
                         : std::string();
  return {{"address", address_of_file(reading, *file)},
          {"what", joined({sheet, file_what(*file, reading.language())})}};
}

boost::json::value light_view(const Reading& reading) {
  const auto* file = first_file(reading, "light");
  if (file == nullptr) return nullptr;
  const auto size = size_text(JsonReader(*file).integer("size_bytes"), reading.language());
  return {{"address", address_of_file(reading, *file)},
          {"what", text(reading.language(), "material.light.what", {{"size", size}})}};
}

boost::json::array other_files(const Reading& reading) {
  boost::json::array views;
  for (const auto& file : reading.files()) {
    const auto role = JsonReader(file).string("role");
    if (&file == main_file(reading) || role == "light" || role == "thumbnail") continue;
    const auto key = "material.role." + role;
    const auto name = JsonReader(file).string("name");
    const bool is_original = role == "original" || !has_text(key);
    views.push_back({{"address", address_of_file(reading, file)},
                     {"name", is_original ? name : std::string(text(reading.language(), key))},
                     {"what", file_what(file, reading.language())}});
  }
  return views;
}

std::string credit_text(const Reading& reading) {
  const auto credit = reading.read.string("credit");
  return credit.empty() ? text(reading.language(), "material.credit.none", {{"unit", reading.unit}})
                        : credit;
}

bool is_taken_out(std::string_view state) {
  return state == "deleted" || state == "withdrawn";
}

/// Who sees it now, with the way to look through their eyes where that shows something.
boost::json::array seen_by_views(const Reading& reading) {
  boost::json::array views;
  if (!reading.view.seen_by.is_array()) return views;
  for (const auto& one : reading.view.seen_by.get_array()) {
    const JsonReader read(one);
    const auto who = read.string("who");
    const bool has_eyes = who == "anonymous" || who == "press" || who == "union";
    views.push_back(boost::json::object{
        {"label", text(reading.language(), "as." + who, {{"unit", reading.unit}})},
        {"verdict", text(reading.language(), read.boolean("sees") ? "as.sees" : "as.sees_not")},
        {"sees", read.boolean("sees")},
        {"address", has_eyes && read.boolean("sees")
                        ? material_address(reading.id, "", 1) + "?as=" + who
                        : std::string()}});
  }
  return views;
}

void add_taking(boost::json::object& view, const Reading& reading) {
  auto others = other_files(reading);
  view["download"] = download_view(reading, main_file(reading));
  view["light"] = light_view(reading);
  view["share_address"] = reading.context.origin + material_address(reading.id, "", 1);
  view["shares_address"] = reading.read.string("shares_page");
  view["review_address"] = reading.read.string("review_page");
  const bool may_edit = reading.view.may_edit && !is_taken_out(reading.read.string("state"));
  const bool may_be_put = reading.context.may_upload &&
                          !array_of(reading.material, "files").empty() &&
                          !is_taken_out(reading.read.string("state"));
  view["kits_address"] = may_be_put ? "/kits?ids=" + encoded(reading.id) : std::string();
  view["edit_address"] = may_edit ? "/m/" + encoded(reading.id) + "/edit" : std::string();
  view["qr_address"] = is_open_to_all(reading.material, reading.view.now)
                           ? "/m/" + encoded(reading.id) + "/qr"
                           : std::string();
  view["seen_by"] = seen_by_views(reading);
  view["has_seen_by"] = !view["seen_by"].get_array().empty();
  view["visibility"] =
      visibility_text(reading.read.string("visibility"), reading.unit, reading.language());
  view["credit"] = credit_text(reading);
  view["terms"] = terms_text(reading.material, reading.unit, reading.language());
  view["has_other_files"] = !others.empty();
  view["other_files"] = std::move(others);
}

boost::json::array box_views(const MaterialView& view) {
  boost::json::array boxes;
  for (const auto& box : view.boxes) {
    const double margin = box.h * 0.14;
    boxes.push_back({{"x", static_cast<std::int64_t>(box.x - margin)},
                     {"y", static_cast<std::int64_t>(box.y - margin)},
                     {"w", static_cast<std::int64_t>(box.w + 2 * margin)},
                     {"h", static_cast<std::int64_t>(box.h + 2 * margin)},
                     {"r", static_cast<std::int64_t>(margin)}});
  }
  return boxes;
}

std::string caption_text(const Reading& reading) {
  if (reading.view.boxes.empty()) {
    return std::string(text(reading.language(), "material.page.caption.none"));
  }
  const auto count =
      number_text(static_cast<std::int64_t>(reading.view.boxes.size()), reading.language());
  return text(reading.language(), "material.page.caption",
              {{"count", count}, {"query", reading.view.query}});
}

boost::json::value page_picture_view(const Reading& reading) {
  const auto& view = reading.view;
  if (view.page_width <= 0 || view.page_height <= 0) return nullptr;
  const auto page = number_text(view.page, reading.language());
  const auto* alt = reading.page_count > 1 ? "material.page.alt" : "material.page.alt.one";
  return {{"small", page_picture_address(reading.id, view.page, small_width)},
          {"middle", page_picture_address(reading.id, view.page, middle_width)},
          {"large", page_picture_address(reading.id, view.page, large_width)},
          {"width", view.page_width},
          {"height", view.page_height},
          {"alt", text(reading.language(), alt, {{"page", page}, {"title", reading.title}})},
          {"has_boxes", !view.boxes.empty()},
          {"boxes", box_views(view)},
          {"caption", caption_text(reading)}};
}

std::string page_address(const Reading& reading, int page) {
  return material_address(reading.id, reading.view.query, page) + "#page";
}

bool has_hit(const MaterialView& view, int page) {
  return std::ranges::binary_search(view.hit_pages, page);
}

/// Which pages the strip shows: the first, the last, those around the open one, those with hits.
std::vector<int> strip_pages(const Reading& reading) {
  std::vector<int> pages;
  for (int page = 1; page <= reading.page_count; ++page) {
    const bool is_near = std::abs(page - reading.view.page) <= pages_beside_the_open_one;
    const bool is_end = page == 1 || page == reading.page_count;
    if (is_near || is_end || has_hit(reading.view, page)) pages.push_back(page);
  }
  return pages;
}

boost::json::array strip_views(const Reading& reading) {
  const auto& view = reading.view;
  const int height =
      view.page_width > 0 ? strip_width * view.page_height / view.page_width : strip_height_for_a4;
  boost::json::array views;
  int last = 0;
  for (const int page : strip_pages(reading)) {
    if (page != last + 1) views.push_back(boost::json::object{{"is_gap", true}});
    last = page;
    views.push_back({{"is_gap", false},
                     {"address", page_address(reading, page)},
                     {"picture", page_picture_address(reading.id, page, strip_width)},
                     {"width", strip_width},
                     {"height", height},
                     {"label", number_text(page, reading.language())},
                     {"is_current", page == view.page},
                     {"has_hit", has_hit(view, page)}});
  }
  return views;
}

boost::json::array hit_page_views(const Reading& reading) {
  boost::json::array views;
  for (const int page : reading.view.hit_pages) {
    views.push_back({{"address", page_address(reading, page)},
                     {"number", number_text(page, reading.language())},
                     {"is_current", page == reading.view.page}});
  }
  return views;
}

/// The address of the original when it is of that class ("audio/"), for the player.
boost::json::value player_view(const Reading& reading, std::string_view media_class) {
  const auto* file = first_file(reading, "original");
  if (file == nullptr || !JsonReader(*file).string("media_type").starts_with(media_class))
    return nullptr;
  const auto* poster = first_file(reading, "thumbnail");
  return {{"address", address_of_file(reading, *file)},
          {"poster", poster == nullptr ? std::string() : address_of_file(reading, *poster)}};
}

void add_pages(boost::json::object& view, const Reading& reading) {
  const bool has_several = reading.page_count > 1;
  const bool has_picture = reading.view.page_width > 0;
  const int page = reading.view.page;
  view["sound"] = player_view(reading, "audio/");
  view["film"] = player_view(reading, "video/");
  view["page_picture"] = page_picture_view(reading);
  view["still_drawing"] = reading.view.is_layout_waiting;
  view["has_pages"] = has_several;
  view["previous"] = page > 1 ? page_address(reading, page - 1) : "";
  view["next"] = page < reading.page_count ? page_address(reading, page + 1) : "";
  view["page_of"] = text(reading.language(), "material.page.of",
                         {{"page", number_text(page, reading.language())},
                          {"count", number_text(reading.page_count, reading.language())}});
  view["has_strip"] = has_several && has_picture;
  view["strip"] = has_several && has_picture ? strip_views(reading) : boost::json::array();
  view["has_hit_pages"] = has_several && !reading.view.hit_pages.empty();
  view["hit_pages"] = hit_page_views(reading);
}

boost::json::array part_views(const Reading& reading) {
  boost::json::array views;
  for (const auto& part : array_of(reading.view.parts, "parts")) {
    const JsonReader read(part);
    views.push_back({{"address", material_address(read.string("id"), "", 1)},
                     {"title", read.string("title")},
                     {"what", extent_line(part, reading.language())}});
  }
  return views;
}

boost::json::array revision_views(const Reading& reading) {
  boost::json::array views;
  for (const auto& revision : array_of(reading.view.revisions, "revisions")) {
    const JsonReader read(revision);
    const auto number = number_text(read.integer("revision"), reading.language());
    views.push_back({{"label", text(reading.language(), "material.version", {{"number", number}})},
                     {"what", joined({instant_text(read.string("at")), read.string("by")})},
                     {"why", in_language(read.string("why"), reading.language())}});
  }
  return views;
}

void add_words(boost::json::object& view, const Reading& reading) {
  auto parts = part_views(reading);
  auto revisions = revision_views(reading);
  auto page_text = paragraphs(reading.view.page_text, reading.view.query);
  const auto page = number_text(reading.view.page, reading.language());
  view["description"] = paragraphs(reading.read.string("description"), "");
  view["has_description"] = !reading.read.string("description").empty();
  view["parts_title"] =
      text(reading.language(), "material.parts",
           {{"count", number_text(static_cast<std::int64_t>(parts.size()), reading.language())}});
  view["has_parts"] = !parts.empty();
  view["parts"] = std::move(parts);
  view["text_title"] =
      text(reading.language(), reading.page_count > 1 ? "material.text" : "material.text.one",
           {{"page", page}});
  view["has_text"] = !page_text.empty();
  view["paragraphs"] = std::move(page_text);
  view["is_untrusted"] = reading.view.is_machine_read;
  const auto language = reading.read.string("language");
  view["language"] = language.empty() ? "vi" : language;
  view["has_revisions"] = !revisions.empty();
  view["revisions"] = std::move(revisions);
}

/// The list of facts; each but the empty ones.
class Facts {
 public:
  explicit Facts(Language language) : language_(language) {}
  void add(std::string_view key, std::string_view value, std::string_view address = {}) {
    if (value.empty()) return;
    rows_.push_back({{"label", text(language_, "material.fact." + std::string(key))},
                     {"value", value},
                     {"address", address}});
  }
  void add_links(std::string_view key, boost::json::array links) {
    if (links.empty()) return;
    for (std::size_t i = 0; i + 1 < links.size(); ++i) links[i].as_object()["rest"] = ";";
    rows_.push_back({{"label", text(language_, "material.fact." + std::string(key))},
                     {"has_links", true},
                     {"fact_links", std::move(links)}});
  }
  boost::json::array take() { return std::move(rows_); }

 private:
  Language language_;
  boost::json::array rows_;
};

std::string unit_address(const Reading& reading) {
  const auto* unit = reading.read.find("unit");
  SearchParameters parameters;
  if (unit != nullptr) parameters.unit = unit_key(*unit);
  return search_address(parameters);
}

boost::json::array fact_rows(const Reading& reading) {
  const auto& read = reading.read;
  const auto language = reading.language();
  Facts facts(language);
  facts.add("kind", kind_of(read, language));
  facts.add("number", read.string("number"));
  facts.add("date", date_text(read.string("date")));
  facts.add("issuer", read.string("issuer"));
  facts.add("signer", read.string("signer"));
  facts.add("unit", reading.unit, unit_address(reading));
  for (const auto& field : concept_fields)
    facts.add_links(field.name, concept_links(read, field.name, language));
  facts.add("language", language_text(read.string("language"), language));
  if (reading.page_count > 0) facts.add("pages", number_text(reading.page_count, language));
  facts.add("state", state_text(read.string("state"), language));
  facts.add("created_at", instant_text(read.string("created_at")));
  if (const auto* file = first_file(reading, "original"); file != nullptr) {
    facts.add("file", JsonReader(*file).string("name"));
    facts.add("sha256", JsonReader(*file).string("sha256"));
  }
  facts.add("id", reading.id);
  return facts.take();
}

/// That it was deleted and when, or that it was withdrawn; the reason beside it is its notice.
std::string tombstone_text(const boost::json::value& material, Language language) {
  const JsonReader read(material);
  if (read.string("state") != "deleted") return std::string(text(language, "withdrawn.title"));
  static const boost::json::value none;
  const auto* deletion = read.find("deletion");
  const auto at = JsonReader(deletion == nullptr ? none : *deletion).string("at");
  return text(language, "deleted.title", {{"at", instant_text(at)}});
}

std::string taken_out_text(const boost::json::value& material, Language language) {
  const auto notice = JsonReader(material).string("notice");
  const auto reason =
      notice.empty() ? std::string() : text(language, "material.reason", {{"reason", notice}});
  return tombstone_text(material, language) + " " + reason;
}

/// Why not everyone sees this page; empty when it is published.
std::string state_note(const Reading& reading) {
  const auto refused = reading.read.string("use_refused");
  if (!refused.empty()) return std::string(sentence(refused, reading.language()));
  const auto embargo = instant_text(reading.read.string("embargo_until"));
  if (!embargo.empty()) return text(reading.language(), "state.note.embargo", {{"at", embargo}});
  const auto state = reading.read.string("state");
  if (is_taken_out(state)) return taken_out_text(reading.material, reading.language());
  const auto key = "state.note." + state;
  return has_text(key) ? std::string(text(reading.language(), key)) : std::string();
}

void add_splitting(boost::json::object& view, const Reading& reading) {
  const auto sheets = std::ranges::count_if(reading.files(), is_original);
  view["can_split"] = reading.view.may_edit && sheets > 1;
  view["split_address"] = "/m/" + encoded(reading.id) + "/split";
  view["csrf"] = reading.context.csrf_token;
  view["sheet_count"] = number_text(sheets, reading.language());
}

void add_upkeep(boost::json::object& view, const Reading& reading) {
  const auto folder = "/m/" + encoded(reading.id);
  const bool is_deleted = reading.read.string("state") == "deleted";
  const bool may_remove = reading.view.may_remove && !is_deleted;
  const bool may_hold = reading.view.may_hold && !is_deleted;
  view["is_deleted"] = is_deleted;
  view["history_address"] = folder + "/history";
  view["hold"] = reading.view.may_edit ? reading.read.string("hold") : std::string();
  view["has_upkeep"] = may_remove || may_hold;
  view["remove_address"] = may_remove ? folder + "/delete" : "";
  view["hold_address"] = may_hold ? folder + "/hold" : "";
}

/// Link previews tell of public, published materials only; others get a neutral card.
Frame frame_of(const Reading& reading) {
  Frame frame;
  frame.tab_title = reading.title;
  frame.query = reading.view.query;
  frame.second_style = "material.css";
  if (!is_open_to_all(reading.material, reading.view.now)) {
    frame.is_hidden_from_robots = true;
    return frame;
  }
  const auto description = reading.read.string("description");
  frame.card_title = reading.title;
  frame.card_text =
      joined({reading.unit, description.empty() ? facts_line(reading.material, reading.language())
                                                : description});
  frame.card_path = material_address(reading.id, "", 1);
  const auto* original = first_file(reading, "original");
  const auto media_type =
      original == nullptr ? std::string() : JsonReader(*original).string("media_type");
  const auto size = pipeline::drawn_size(media_type, reading.view.page_width,
                                         reading.view.page_height, large_width);
  if (size.width > 0) {
    frame.card_picture = page_picture_address(reading.id, 1, large_width);
    frame.card_width = size.width;
    frame.card_height = size.height;
  } else if (const auto* thumbnail = first_file(reading, "thumbnail")) {
    frame.card_picture = address_of_file(reading, *thumbnail);
  }
  frame.card_alt = text(reading.language(), "card.alt.material", {{"title", reading.title}});
  frame.card_type = "article";
  frame.may_be_embedded = true;
  if (const auto* unit = reading.read.find("unit"); unit != nullptr) {
    SearchParameters of_unit;
    of_unit.unit = unit_key(*unit);
    frame.feeds = {
        {text(reading.language(), "feed.unit", {{"unit", reading.unit}}), feed_address(of_unit)}};
  }
  frame.linked_data =
      linked_data_of_material(reading.context, reading.material, frame.card_picture);
  return frame;
}

boost::json::object crumbs(const Reading& reading) {
  SearchParameters parameters;
  parameters.q = reading.view.query;
  const JsonReader whole(reading.view.whole);
  boost::json::value above;
  if (!whole.string("id").empty()) {
    above = {{"address", material_address(whole.string("id"), "", 1)},
             {"title", whole.string("title")}};
  }
  return {
      {"whole", std::move(above)},
      {"back", reading.view.query.empty() ? std::string() : search_address(parameters)},
      {"back_label", text(reading.language(), "material.back", {{"query", reading.view.query}})},
      {"title", reading.title},
      {"facts_line", facts_line(reading.material, reading.language())},
      {"state_note", state_note(reading)}};
}

}  // namespace

std::string material_page(const PageContext& context, const boost::json::value& material,
                          const MaterialView& view) {
  const Reading reading{context, material, view};
  auto page = crumbs(reading);
  add_taking(page, reading);
  add_pages(page, reading);
  add_words(page, reading);
  add_splitting(page, reading);
  add_upkeep(page, reading);
  page["facts"] = fact_rows(reading);
  return in_frame(context, frame_of(reading), render("material", page, context.language));
}

std::string withdrawn_page(const PageContext& context, const boost::json::value& material) {
  const JsonReader read(material);
  SearchParameters parameters;
  parameters.q = read.string("title");
  const bool is_deleted = read.string("state") == "deleted";
  const auto* label = is_deleted ? "deleted.label" : "withdrawn.label";
  const boost::json::object view{{"label", text(context.language, label)},
                                 {"title", read.string("title")},
                                 {"sentence", tombstone_text(material, context.language)},
                                 {"facts_line", facts_line(material, context.language)},
                                 {"reason", read.string("notice")},
                                 {"search_address", search_address(parameters)}};
  Frame frame;
  frame.tab_title = text(context.language, label);
  frame.is_hidden_from_robots = true;
  return in_frame(context, frame, render("withdrawn", view, context.language));
}

}  // namespace khochung::pages

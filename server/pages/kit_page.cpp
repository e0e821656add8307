#include "server/pages/kit_page.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;

/// Reads a kit for one page.
struct KitReading {
  const PageContext& context;
  const boost::json::value& kit;
  JsonReader read{kit};
  std::string id = read.string("id");
  std::string unit = read.find("unit") == nullptr ? std::string()
                                                  : unit_name(*read.find("unit"), context.language);

  [[nodiscard]] std::string said(std::string_view key) const {
    return std::string(text(context.language, key));
  }
  [[nodiscard]] std::string address() const { return "/kit/" + id; }
};

/// Paragraphs as people part them, by empty lines.
array paragraphs(std::string_view text) {
  array views;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) views.push_back(object{{"text", std::exchange(paragraph, {})}});
  };
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") == line.npos) {
      end_paragraph();
    } else {
      paragraph += (paragraph.empty() ? "" : "\n") + std::string(line);
    }
    begin = end + 1;
  }
  end_paragraph();
  return views;
}

object item_view(const boost::json::value& item, const KitReading& reading) {
  const JsonReader read(item);
  const auto media_type = read.string("media_type");
  return {{"address", read.string("url")},
          {"material_address", material_address(read.string("material"), "", 1)},
          {"thumbnail", read.string("thumbnail_url")},
          {"letters", format_letters(media_type)},
          {"caption", read.string("caption")},
          {"credit", read.string("credit")},
          {"terms", read.string("terms")},
          {"what", joined({format_text(media_type, reading.context.language),
                           size_text(read.integer("size_bytes"), reading.context.language)})}};
}

void add_items(object& view, const KitReading& reading) {
  array pictures;
  array documents;
  for (const auto& item : array_of(reading.kit, "items")) {
    const bool is_picture = JsonReader(item).string("media_type").starts_with("image/");
    (is_picture ? pictures : documents).push_back(item_view(item, reading));
  }
  view["has_pictures"] = !pictures.empty();
  view["pictures_title"] =
      text(reading.context.language, "kit.pictures",
           {{"count", number_text(std::ssize(pictures), reading.context.language)}});
  view["pictures"] = std::move(pictures);
  view["has_documents"] = !documents.empty();
  view["documents"] = std::move(documents);
}

void add_versions(object& view, const KitReading& reading) {
  array views;
  const auto& versions = array_of(reading.kit, "versions");
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    const JsonReader read(*version);
    views.push_back(
        {{"address", read.string("zip_url")},
         {"label",
          text(reading.context.language, "kit.version",
               {{"number", number_text(read.integer("number"), reading.context.language)}})},
         {"at", instant_text(read.string("at"))},
         {"note", read.string("note")}});
  }
  view["is_draft"] = views.empty();
  view["has_versions"] = views.size() > 1;
  if (views.size() > 1) {
    const JsonReader newest(views.front());
    // A draft of a correction does not say yet what it corrects.
    const bool has_note = !newest.string("note").empty();
    view["correction"] =
        text(reading.context.language, has_note ? "kit.corrected" : "kit.correcting",
             {{"version", newest.string("label")},
              {"at", newest.string("at")},
              {"note", newest.string("note")}});
  }
  view["facts_line"] =
      joined({kind_text(reading.read.string("kind"), reading.context.language),
              views.empty() ? std::string() : JsonReader(views.front()).string("at"),
              views.size() > 1 ? JsonReader(views.front()).string("label") : std::string()});
  view["versions"] = std::move(views);
}

void add_zip(object& view, const KitReading& reading) {
  const auto* zip = reading.read.find("zip");
  view["zip"] = nullptr;
  if (zip == nullptr || !zip->is_object()) return;
  const JsonReader read(*zip);
  const auto files =
      text(reading.context.language, "kit.files",
           {{"count", number_text(read.integer("files"), reading.context.language)}});
  view["zip"] = object{
      {"address", read.string("url")},
      {"what",
       joined({"ZIP", files, size_text(read.integer("size_bytes"), reading.context.language)})}};
}

std::string embargo_text(const KitReading& reading, Instant now) {
  const auto until = reading.read.string("embargo_until");
  const auto instant = instant_from_rfc3339(until);
  if (!instant || *instant <= now) return {};
  return text(reading.context.language, "kit.embargo", {{"until", instant_text(until)}});
}

/// That it is a look ahead, and what of the draft the press will not get.
void add_preview(object& view, const KitReading& reading) {
  const auto* preview = reading.read.find("preview");
  view["preview"] = nullptr;
  if (preview == nullptr) return;
  array closed;
  for (const auto& item : array_of(*preview, "closed")) {
    const JsonReader read(item);
    const auto title = read.string("title");
    closed.push_back(
        {{"title", title.empty() ? reading.said("kits.item.unknown") : title},
         {"why", reading.said("kits.hindrance." + read.string("hindrance"))},
         {"address",
          title.empty() ? std::string() : material_address(read.string("material"), "", 1)}});
  }
  view["preview"] = object{{"edit_address", reading.address() + "/edit"},
                           {"has_closed", !closed.empty()},
                           {"closed", std::move(closed)}};
}

/// The first of its pictures stands for the kit.
void add_card_picture(Frame& frame, const KitReading& reading) {
  for (const auto& item : array_of(reading.kit, "items")) {
    const auto* picture = JsonReader(item).find("picture");
    if (picture == nullptr || !picture->is_object()) continue;
    const JsonReader read(*picture);
    frame.card_picture = read.string("url");
    frame.card_width = static_cast<int>(read.integer("width"));
    frame.card_height = static_cast<int>(read.integer("height"));
    frame.card_alt = JsonReader(item).string("caption");
    return;
  }
}

/// Link previews tell of what everybody may see.
Frame frame_of(const KitReading& reading, Instant now) {
  Frame frame;
  frame.tab_title = reading.read.string("title");
  frame.second_style = "material.css";
  if (reading.read.find("preview") != nullptr) {
    frame.is_hidden_from_robots = true;
    return frame;
  }
  frame.feeds = {{text(reading.context.language, "feed.kit", {{"title", frame.tab_title}}),
                  reading.read.string("feed_url")}};
  if (!is_open_to_all(reading.kit, now)) {
    frame.is_hidden_from_robots = true;
    return frame;
  }
  const auto description = reading.read.string("description");
  frame.card_title = reading.read.string("title");
  frame.card_text =
      joined({reading.unit, description.empty() ? facts_line(reading.kit, reading.context.language)
                                                : description});
  frame.card_path = reading.address();
  frame.card_type = "article";
  frame.may_be_embedded = true;
  add_card_picture(frame, reading);
  frame.linked_data = linked_data_of_kit(reading.context, reading.kit, frame.card_picture);
  return frame;
}

}  // namespace

std::string kit_page(const PageContext& context, const boost::json::value& kit, Instant now) {
  const KitReading reading{context, kit};
  const auto embargo = embargo_text(reading, now);
  SearchParameters of_unit;
  if (const auto* unit = reading.read.find("unit")) of_unit.unit = unit_key(*unit);
  object view{{"title", reading.read.string("title")},
              {"unit", reading.unit},
              {"unit_address", search_address(of_unit)},
              {"embargo", embargo},
              {"feed_address", reading.read.string("feed_url")},
              {"notices_address", reading.read.string("notices_page")},
              {"shares_address", reading.read.string("shares_page")},
              {"review_address", reading.read.string("review_page")},
              {"edit_address", reading.read.string("edit_page")},
              {"qr_address", is_open_to_all(kit, now) ? "/m/" + encoded(reading.id) + "/qr" : ""},
              {"share_address", context.origin + reading.address()},
              {"terms", terms_text(kit, reading.unit, context.language)},
              {"visibility",
               visibility_text(reading.read.string("visibility"), reading.unit, context.language)}};
  auto contact = paragraphs(reading.read.string("contact"));
  view["has_contact"] = !contact.empty();
  view["contact"] = std::move(contact);
  auto release = paragraphs(reading.read.string("release"));
  view["has_release"] = !release.empty();
  view["release"] = std::move(release);
  view["quotes"] = array_of(kit, "quotes");
  add_items(view, reading);
  add_versions(view, reading);
  add_zip(view, reading);
  add_preview(view, reading);
  return in_frame(context, frame_of(reading, now), render("kit", view, context.language));
}

}  // namespace khochung::pages

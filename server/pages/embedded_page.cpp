#include <boost/json.hpp>

#include "indexer/pipeline/drawn_size.hpp"
#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

constexpr int picture_width = 840;

std::string thumbnail_of(const boost::json::value& material) {
  for (const auto& file : array_of(material, "files")) {
    const JsonReader read(file);
    if (read.string("role") == "thumbnail") return read.string("url");
  }
  return {};
}

/// The picture of a kit is that of its first part that has one.
std::string picture_of_kit(const boost::json::value& kit) {
  for (const auto& item : array_of(kit, "items")) {
    const auto* picture = JsonReader(item).find("picture");
    if (picture != nullptr && picture->is_object()) return JsonReader(*picture).string("url");
  }
  return {};
}

void add_picture(boost::json::object& page, const boost::json::value& material,
                 const MaterialView& view) {
  const JsonReader read(material);
  const auto& files = array_of(material, "files");
  const auto media_type =
      files.empty() ? std::string() : JsonReader(files.front()).string("media_type");
  const auto size =
      pipeline::drawn_size(media_type, view.page_width, view.page_height, picture_width);
  if (size.width > 0) {
    page["picture"] = page_picture_address(read.string("id"), 1, picture_width);
    page["width"] = size.width;
    page["height"] = size.height;
    return;
  }
  page["picture"] =
      read.find("versions") == nullptr ? thumbnail_of(material) : picture_of_kit(material);
  page["width"] = nullptr;
}

}  // namespace

std::string embedded_page(const PageContext& context, const boost::json::value& material,
                          const MaterialView& view) {
  const JsonReader read(material);
  const auto language = context.language;
  const bool is_kit = read.find("versions") != nullptr;
  const auto path =
      is_kit ? "/kit/" + encoded(read.string("id")) : material_address(read.string("id"), "", 1);
  const auto* unit = read.find("unit");
  boost::json::object page{
      {"title", read.string("title")},
      {"address", context.origin + path},
      {"facts", is_kit ? std::string(text(language, "embed.kit")) : facts_line(material, language)},
      {"unit", unit == nullptr ? std::string() : unit_name(*unit, language)},
      {"alt", text(language, "card.alt.material", {{"title", read.string("title")}})},
      {"site_name", context.site_name},
      {"style", web::asset("embed.css").bytes}};
  add_picture(page, material, view);
  return render("embedded", page, language);
}

std::string embedded_error(const PageContext& context, std::string_view sentence) {
  const boost::json::object page{{"title", context.site_name},
                                 {"sentence", sentence},
                                 {"style", web::asset("embed.css").bytes}};
  return render("embedded", page, context.language);
}

}  // namespace khochung::pages

#include "server/delivery/embed_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/parse.hpp>

#include "indexer/pipeline/drawn_size.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/revision.hpp"
#include "server/delivery/text_answer.hpp"
#include "server/delivery/xml.hpp"
#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using api::Site;
using boost::json::object;
using http::Request;
using http::Response;

constexpr std::chrono::minutes kept_by_caches{5};
constexpr int usual_width = 480;
constexpr int usual_height = 480;
constexpr int least_side = 160;
constexpr int thumbnail_width = 600;

/// The id in an address of a page of ours; whether it says http or https is the proxy's matter.
/// Errors: bad_input; not_found for any other address.
Result<std::string> id_in(const std::string& address, const std::string& origin) {
  const auto url = boost::urls::parse_uri(address);
  const auto ours = boost::urls::parse_uri(origin);
  if (!url) return fail(ErrorCode::bad_input, "url is not an address");
  const auto segments = url->segments();
  const bool is_web = url->scheme() == "http" || url->scheme() == "https";
  const bool is_ours = ours && is_web && url->encoded_authority() == ours->encoded_authority() &&
                       segments.size() == 2;
  const auto kind = is_ours ? *segments.begin() : std::string();
  if (kind != "m" && kind != "kit" && kind != "embed")
    return fail(ErrorCode::not_found, "not ours: " + address);
  return std::string(*std::next(segments.begin()));
}

/// A length in pixels that the other site can give. Errors: bad_input.
Result<int> side(const Request& request, std::string_view name, int usual) {
  const auto asked = request.query_value(name);
  if (asked.empty()) return usual;
  const auto pixels = api::whole_number(asked);
  if (!pixels) return fail(ErrorCode::bad_input, std::string(name) + " is a number of pixels");
  return std::clamp(*pixels, least_side, usual);
}

void add_thumbnail(object& answer, const Services& services, const Material& material,
                   const std::string& origin) {
  const auto place = pipeline::locate_page(material, 1, services.derivatives);
  if (!place) return;
  const auto page = services.derivatives.page(place->file->sha256, place->page);
  if (!page) return;
  const auto size =
      pipeline::drawn_size(place->file->media_type, page->width, page->height, thumbnail_width);
  if (size.width == 0) return;
  answer["thumbnail_url"] = origin + api::page_picture_url(material.id, 1, thumbnail_width);
  answer["thumbnail_width"] = size.width;
  answer["thumbnail_height"] = size.height;
}

/// `text` as it may stand in an attribute.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : xml_text(text)) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

Result<object> answer_to(const Services& services, const Site& site, const Request& request) {
  const auto origin = api::origin_of(request, site);
  const auto id = KHOCHUNG_TRY(id_in(request.query_value("url"), origin));
  const auto width = KHOCHUNG_TRY(side(request, "maxwidth", usual_width));
  const auto height = KHOCHUNG_TRY(side(request, "maxheight", usual_height));
  const auto readable = KHOCHUNG_TRY(api::find_readable(services, id, access::Viewer::anonymous()));
  const auto& material = readable.entry->material;
  const Unit* unit = readable.tree->find(material.unit);
  const auto frame = "<iframe src=\"" + origin + "/embed/" + material.id.text() + "\" title=\"" +
                     escaped(material.title) + "\" width=\"" + std::to_string(width) +
                     "\" height=\"" + std::to_string(height) +
                     "\" style=\"border:0\" loading=\"lazy\" "
                     "referrerpolicy=\"no-referrer\"></iframe>";
  object answer{{"version", "1.0"},
                {"type", "rich"},
                {"title", material.title},
                {"author_name", unit == nullptr ? "" : unit->name_vi},
                {"provider_name", site.name},
                {"provider_url", origin + "/"},
                {"cache_age", std::chrono::seconds(kept_by_caches).count()},
                {"html", frame},
                {"width", width},
                {"height", height}};
  add_thumbnail(answer, services, material, origin);
  return answer;
}

std::string xml_of(const object& answer) {
  pugi::xml_document document;
  auto root = document.append_child("oembed");
  for (const auto& [name, value] : answer) {
    const auto text =
        value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    add_element(root, std::string(name).c_str(), text);
  }
  return to_text(document);
}

Result<Response> oembed(const Services& services, const Site& site, const Request& request) {
  const auto format = request.query_value("format");
  if (!format.empty() && format != "json" && format != "xml")
    return fail(ErrorCode::unsupported, "format_unknown", "no such format: " + format);
  const auto answer = KHOCHUNG_TRY(answer_to(services, site, request));
  TextToSend text{"application/json", {}, {}, kept_by_caches};
  if (format == "xml") {
    text = {"text/xml; charset=utf-8", xml_of(answer), {}, kept_by_caches};
  } else {
    text.body = boost::json::serialize(answer);
  }
  auto response = text_answer(request, std::move(text));
  response.fields.set("Access-Control-Allow-Origin", "*");
  return response;
}

}  // namespace

void add_embed_routes(http::Router& router, const Services& services, const Site& site) {
  const auto answer = [&services, &site](const Request& request) {
    return oembed(services, site, request);
  };
  router.add({http::Method::get, "/oembed", http::BodyKind::none, answer, {}, 0});
}

}  // namespace khochung::delivery

#include "server/pages/embed_site.hpp"

#include <boost/json.hpp>

#include "indexer/pipeline/page_map.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/delivery/kit_json.hpp"
#include "server/http/compression.hpp"
#include "server/http/problem.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using http::Request;
using http::Response;

/// In the frame of another site there is nobody who chose a language here.
Language language_of_frame(const Request& request) {
  const auto asked = request.query_value("lang");
  if (asked.empty()) return http::preferred_language(request);
  return asked.starts_with("en") ? Language::english : Language::vietnamese;
}

Response framed(const Request& request, int status, std::string html) {
  auto response = Response::text(status, "text/html; charset=utf-8", std::move(html));
  response.fields.set("Content-Security-Policy", embed_security_policy());
  // What says the same in the words of older browsers has no word for "everybody".
  response.fields.set("X-Frame-Options", "ALLOWALL");
  response.fields.set("Cross-Origin-Resource-Policy", "cross-origin");
  response.fields.set("Cache-Control", status == 200 ? "public, max-age=300" : "no-cache");
  response.fields.add("Vary", "Accept-Language");
  http::compress_for(request, response);
  return response;
}

Result<std::string> html_for(const Services& services, const PageContext& context,
                             const std::string& id) {
  const auto viewer = access::Viewer::anonymous();
  const auto readable = KHOCHUNG_TRY(api::find_readable(services, id, viewer));
  const auto& entry = *readable.entry;
  auto json = entry.material.kit
                  ? KHOCHUNG_TRY(delivery::kit_json(services, readable, viewer))
                  : api::material_json(entry, *readable.tree, services.derivatives, viewer);
  if (const Unit* unit = readable.tree->find(entry.material.unit))
    json["unit"] = api::unit_json(*unit, *readable.tree, context.language);
  MaterialView view;
  if (const auto place = pipeline::locate_page(entry.material, 1, services.derivatives)) {
    if (const auto kept = services.derivatives.page(place->file->sha256, place->page)) {
      view.page_width = kept->width;
      view.page_height = kept->height;
    }
  }
  return embedded_page(context, json, view);
}

}  // namespace

void add_embed_page(http::Router& router, const Services& services, const Site& site) {
  const auto answer = [&services, &site](const Request& request) -> Result<Response> {
    const auto language = language_of_frame(request);
    const auto context = context_of(request, site, {}, language);
    const auto html = html_for(services, context, request.parameter("id"));
    if (html) return framed(request, 200, *html);
    const auto status = http::status_of(html.error());
    // One sentence for what is gone, closed or was never there.
    const bool is_absent = status == 404 || status == 410;
    const auto sentence =
        is_absent ? text(language, "embed.none") : sentence_for(html.error(), language);
    return framed(request, status, embedded_error(context, sentence));
  };
  router.add({http::Method::get, "/embed/{id}", http::BodyKind::none, answer, {}, 0});
}

}  // namespace khochung::pages

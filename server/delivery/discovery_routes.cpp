#include "server/delivery/discovery_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "server/delivery/sitemap.hpp"
#include "server/delivery/text_answer.hpp"
#include "server/delivery/xml.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using api::Site;
using http::Request;
using http::Response;

constexpr std::chrono::hours kept_by_caches{1};
constexpr std::size_t most_suggestions = 10;

/// Programs that fetch one link because a person sent it.
/// Source: what Facebook, X and LinkedIn say of their previews.
constexpr std::string_view link_previews =
    "User-agent: facebookexternalhit\nUser-agent: Twitterbot\nUser-agent: LinkedInBot\n"
    "Disallow: /sign-in\n"
    "Disallow: /s/\n\n";

/// Searches and feeds of searches are without number, and the forms are nobody's page. Pictures and
/// files stay open, for they are what a page shows.
constexpr std::string_view everybody =
    "User-agent: *\n"
    "Disallow: /search?\n"
    "Disallow: /feed.atom?\n"
    "Disallow: /*?q=\n"
    "Disallow: /api/v1/search\n"
    "Disallow: /api/v1/suggest\n"
    "Disallow: /opensearch/\n"
    "Disallow: /oembed\n"
    "Disallow: /embed/\n"
    "Disallow: /sign-in\n"
    "Disallow: /upload\n"
    "Disallow: /batches/\n"
    "Disallow: /m/*/history\n"
    "Disallow: /m/*/delete\n"
    "Disallow: /m/*/hold\n"
    "Disallow: /m/*/shares\n"
    "Disallow: /s/\n\n";

/// Source: RFC 9309; the sitemaps protocol, "Specifying the Sitemap location".
Response robots(const Site& site, const Request& request) {
  const auto origin = api::origin_of(request, site);
  std::string text(link_previews);
  text += everybody;
  text += "Sitemap: " + origin + "/sitemap.xml\n";
  return text_answer(request, {"text/plain; charset=utf-8", std::move(text), {}, kept_by_caches});
}

void add_address(pugi::xml_node parent, std::string_view type, std::string_view rel,
                 std::string_view address) {
  auto url = parent.append_child("Url");
  add_attribute(url, "type", type);
  if (!rel.empty()) add_attribute(url, "rel", rel);
  add_attribute(url, "template", address);
}

/// In letters, as OpenSearch counts.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// How a browser searches here from its address bar. Source: OpenSearch 1.1, draft 6.
Response description(const Site& site, const Request& request) {
  constexpr std::size_t longest_long_name = 48;
  const auto origin = api::origin_of(request, site);
  pugi::xml_document document;
  auto root = document.append_child("OpenSearchDescription");
  add_attribute(root, "xmlns", "http://a9.com/-/spec/opensearch/1.1/");
  add_element(root, "ShortName", "Kho Chung");
  const auto long_name = "Kho Chung – " + site.name;
  if (length_of(long_name) <= longest_long_name) add_element(root, "LongName", long_name);
  add_element(root, "Description", "Kho tư liệu công đoàn – " + site.name);
  add_address(root, "text/html", {}, origin + "/search?q={searchTerms}");
  add_address(root, "application/atom+xml", {},
              origin + "/feed.atom?q={searchTerms}&offset={startIndex?}&limit={count?}");
  add_address(root, "application/x-suggestions+json", "suggestions",
              origin + "/opensearch/suggest?q={searchTerms}");
  add_address(root, "application/opensearchdescription+xml", "self", origin + "/opensearch.xml");
  add_element(root, "Language", "vi");
  add_element(root, "Language", "en");
  add_element(root, "InputEncoding", "UTF-8");
  add_element(root, "OutputEncoding", "UTF-8");
  return text_answer(request, {"application/opensearchdescription+xml; charset=utf-8",
                               to_text(document),
                               {},
                               kept_by_caches});
}

/// Shape: [typed, [titles], [], [addresses]]. Source: the OpenSearch suggestions extension.
Result<Response> suggest(const Services& services, const Site& site, const Request& request) {
  const auto typed = request.query_value("q");
  boost::json::array titles;
  boost::json::array addresses;
  for (const auto& one : KHOCHUNG_TRY(services.searcher.suggest(typed, now(), most_suggestions))) {
    titles.emplace_back(one.title);
    addresses.emplace_back(api::origin_of(request, site) + "/m/" + one.id.text());
  }
  const boost::json::array answer{typed, std::move(titles), boost::json::array(),
                                  std::move(addresses)};
  return Response::text(200, "application/x-suggestions+json", boost::json::serialize(answer));
}

Response sitemap_answer(const Request& request, std::string body) {
  return text_answer(request,
                     {"application/xml; charset=utf-8", std::move(body), {}, kept_by_caches});
}

Result<Response> index(const Services& services, const Site& site, const Request& request) {
  const auto newest = KHOCHUNG_TRY(services.catalogue.newest_arrival());
  return sitemap_answer(request, sitemap_index(api::origin_of(request, site), newest));
}

Result<Response> part(const Services& services, const Site& site, const Request& request) {
  const auto newest = KHOCHUNG_TRY(services.catalogue.newest_arrival());
  const auto range = KHOCHUNG_TRY(sitemap_range(request.parameter("n"), newest));
  const auto entries = KHOCHUNG_TRY(services.catalogue.arrivals(range.first, range.last));
  return sitemap_answer(
      request, sitemap(api::origin_of(request, site), entries, *services.units.tree(), now()));
}

}  // namespace

void add_discovery_routes(http::Router& router, const Services& services, const Site& site) {
  const auto add = [&](const char* pattern, auto handler) {
    router.add(
        {http::Method::get, pattern, http::BodyKind::none, handler, {}, 0, {}, http::Load::search});
  };
  add("/robots.txt",
      [&site](const Request& request) -> Result<Response> { return robots(site, request); });
  add("/opensearch.xml",
      [&site](const Request& request) -> Result<Response> { return description(site, request); });
  add("/opensearch/suggest",
      [&services, &site](const Request& request) { return suggest(services, site, request); });
  add("/sitemap.xml",
      [&services, &site](const Request& request) { return index(services, site, request); });
  add("/sitemap/{n}.xml",
      [&services, &site](const Request& request) { return part(services, site, request); });
}

}  // namespace khochung::delivery

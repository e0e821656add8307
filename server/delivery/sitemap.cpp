#include "server/delivery/sitemap.hpp"

#include <algorithm>

#include "schemas/access/policy.hpp"
#include "server/api/revision.hpp"
#include "server/delivery/xml.hpp"

namespace khochung::delivery {
namespace {

constexpr const char* name_space = "http://www.sitemaps.org/schemas/sitemap/0.9";

std::int64_t sitemaps_for(std::int64_t newest_arrival) {
  return std::max<std::int64_t>(1, (newest_arrival + arrivals_a_sitemap - 1) / arrivals_a_sitemap);
}

bool is_for_everybody(const Material& material, const UnitTree& tree, Instant now) {
  const auto standing = access::Standing::of(material, tree);
  return standing && standing->state == State::published &&
         access::may(access::Viewer::anonymous(), access::Action::read, *standing, tree, now);
}

void add_page(pugi::xml_node parent, const std::string& address, const std::string& changed) {
  auto url = parent.append_child("url");
  add_element(url, "loc", address);
  if (!changed.empty()) add_element(url, "lastmod", changed);
}

}  // namespace

Result<ArrivalRange> sitemap_range(std::string_view number, std::int64_t newest_arrival) {
  const std::int64_t n = KHOCHUNG_TRY(api::whole_number(number));
  if (n > sitemaps_for(newest_arrival)) return fail(ErrorCode::not_found, "no such sitemap");
  return ArrivalRange{(n - 1) * arrivals_a_sitemap + 1, n * arrivals_a_sitemap};
}

std::string sitemap_index(const std::string& origin, std::int64_t newest_arrival) {
  pugi::xml_document document;
  auto root = document.append_child("sitemapindex");
  add_attribute(root, "xmlns", name_space);
  for (std::int64_t n = 1; n <= sitemaps_for(newest_arrival); ++n)
    add_element(root.append_child("sitemap"), "loc",
                origin + "/sitemap/" + std::to_string(n) + ".xml");
  return to_text(document);
}

std::string sitemap(const std::string& origin, const std::vector<storage::CatalogueEntry>& entries,
                    const UnitTree& tree, Instant now) {
  pugi::xml_document document;
  auto root = document.append_child("urlset");
  add_attribute(root, "xmlns", name_space);
  add_page(root, origin + "/", {});
  for (const auto& entry : entries) {
    const auto& material = entry.material;
    if (!is_for_everybody(material, tree, now)) continue;
    add_page(root, origin + (material.kit ? "/kit/" : "/m/") + material.id.text(),
             to_rfc3339(material.announced_at()));
  }
  return to_text(document);
}

}  // namespace khochung::delivery

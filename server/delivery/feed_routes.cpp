#include "server/delivery/feed_routes.hpp"

#include <algorithm>
#include <initializer_list>
#include <ranges>

#include "schemas/language_code.hpp"
#include "schemas/vocabularies/kinds.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/search_answer.hpp"
#include "server/delivery/atom.hpp"
#include "server/delivery/kit_json.hpp"
#include "server/delivery/text_answer.hpp"

namespace khochung::delivery {
namespace {

using access::Doorkeeper;
using api::SearchParameters;
using http::Request;
using http::Response;

constexpr std::chrono::minutes kept_by_caches{5};
constexpr std::string_view atom_type = "application/atom+xml";

/// What a feed's handler knows.
struct Asking {
  const api::Services& services;
  const api::Site& site;
  const Request& request;
  access::Viewer viewer;
  Language language;
  std::string origin;

  [[nodiscard]] std::string_view in(std::string_view vietnamese, std::string_view english) const {
    return language == Language::english ? english : vietnamese;
  }
};

Result<Asking> asking(const api::Services& services, const api::Site& site,
                      const Request& request) {
  auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  return Asking{services,
                site,
                request,
                std::move(viewer),
                api::language_of(request),
                api::origin_of(request, site)};
}

std::string unit_name(const Unit* unit, Language language) {
  if (unit == nullptr) return {};
  return language == Language::english && !unit->name_en.empty() ? unit->name_en : unit->name_vi;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string line;
  for (const auto part : parts) {
    if (!line.empty() && !part.empty()) line += " · ";
    line += part;
  }
  return line;
}

std::string kind_label(const std::string& key, Language language) {
  const auto* kind = find_kind(key);
  if (kind == nullptr) return key;
  return std::string(language == Language::english ? kind->en : kind->vi);
}

/// When the newest revision was made; it may be told only from its announcement on.
Instant updated_at(const api::Services& services, const Material& material) {
  const auto record = services.records.newest(material.id.uuid());
  const auto announced = material.announced_at();
  return record ? std::max(record->at, announced) : announced;
}

void add_enclosures(AtomEntry& entry, const Material& material, const std::string& origin) {
  constexpr std::size_t most_files = 20;
  for (const auto& file : material.files) {
    if (file.role != "original" || entry.links.size() > most_files) continue;
    entry.links.push_back({"enclosure", origin + api::file_url(material.id, file.name),
                           file.media_type, file.name, file.size_bytes});
  }
  if (!material.kit || material.kit->versions.empty()) return;
  const auto layout = kits::layout_of(*material.kit);
  if (!layout) return;
  entry.links.push_back({"enclosure", origin + kit_zip_url(material.id), "application/zip",
                         material.title + ".zip", layout->size_bytes()});
}

/// What every entry about a material says; its author is the unit that owns it.
AtomEntry entry_about(const Material& material, const UnitTree& tree, const Asking& asking) {
  const Unit* unit = tree.find(material.unit);
  AtomEntry entry;
  entry.title = material.title;
  entry.author = unit_name(unit, asking.language);
  if (unit != nullptr) {
    SearchParameters of_unit;
    of_unit.unit = unit->code;
    entry.author_uri = asking.origin + "/search" + api::query_text(of_unit);
  }
  entry.rights = material.terms;
  entry.language = material.language;
  const auto kind = kind_label(material.kind, asking.language);
  if (!material.kind.empty()) entry.categories.push_back({material.kind, kind});
  for (const auto& field : concept_fields) {
    for (const auto& id : concepts_in(material.*field.ids))
      entry.categories.push_back(
          {id, asking.services.vocabularies.label(field.vocabulary, id, asking.language)});
  }
  const auto path = (material.kit ? "/kit/" : "/m/") + material.id.text();
  entry.links.push_back({"alternate", asking.origin + path, "text/html"});
  entry.summary = !material.description.empty()
                      ? material.description
                      : joined({material.number, kind, material.issuer, material.date});
  return entry;
}

AtomEntry entry_of(const Material& material, const UnitTree& tree, const Asking& asking) {
  auto entry = entry_about(material, tree, asking);
  entry.id = "urn:uuid:" + material.id.text();
  entry.updated = updated_at(asking.services, material);
  entry.published = material.announced_at();
  add_enclosures(entry, material, asking.origin);
  const bool has_thumbnail =
      !material.files.empty() &&
      asking.services.derivatives.rendition(material.files.front().sha256, "thumbnail.jpg");
  if (has_thumbnail) entry.thumbnail = asking.origin + api::file_url(material.id, "thumbnail.jpg");
  return entry;
}

/// "“tiền lương” · Quyết định · LĐLĐ tỉnh Nghệ An – Công đoàn Việt Nam".
std::string title_of(const SearchParameters& parameters, const UnitTree& tree,
                     const Asking& asking) {
  const Unit* unit = parameters.unit.empty() ? nullptr : tree.find(parameters.unit);
  auto title =
      joined({parameters.q.empty() ? "" : "“" + parameters.q + "”",
              kind_label(parameters.kind, asking.language), unit_name(unit, asking.language),
              parameters.year, parameters.language, parameters.media_type});
  for (const auto& field : concept_fields) {
    const auto* filter =
        std::ranges::find(SearchParameters::filters(), field.name, &SearchParameters::Filter::name);
    if (const auto& id = parameters.*(filter->value); !id.empty())
      title = joined(
          {title, asking.services.vocabularies.label(field.vocabulary, id, asking.language)});
  }
  if (title.empty()) title = asking.in("Mới công bố", "Newly published");
  return title + " – " + asking.site.name;
}

/// The archive's own name in ids, the same on every server and after every move.
std::string archive_id(const UnitTree& tree) {
  return tree.root() == nullptr ? std::string() : tree.root()->id.text();
}

std::string language_in_address(const Request& request) {
  return std::string(request.query_value("lang").empty() ? "" : code_of(api::language_of(request)));
}

/// Addresses of a paged feed: the same search, another part of it.
class Pages {
 public:
  Pages(const Asking& asking, const SearchParameters& parameters)
      : asking_(asking), parameters_(parameters) {}

  [[nodiscard]] std::string address(int offset) const {
    auto shown = parameters_;
    shown.offset = offset;
    auto query = api::query_text(shown);
    if (const auto language = language_in_address(asking_.request); !language.empty())
      query += (query.empty() ? "?lang=" : "&lang=") + language;
    return asking_.origin + "/feed.atom" + query;
  }
  [[nodiscard]] AtomLink link(std::string rel, int offset) const {
    return {std::move(rel), address(offset), std::string(atom_type)};
  }
  /// Source: RFC 5005, 3.
  void add_to(AtomFeed& feed, std::int64_t total) const {
    const auto [limit, offset] = std::pair(parameters_.limit, parameters_.offset);
    feed.links.push_back(link("self", offset));
    feed.links.push_back(link("first", 0));
    if (offset > 0) feed.links.push_back(link("previous", std::max(0, offset - limit)));
    if (offset + limit < total) feed.links.push_back(link("next", offset + limit));
  }

 private:
  const Asking& asking_;
  const SearchParameters& parameters_;
};

/// Only what everybody gets may stand in everybody's caches.
Response feed_answer(const Request& request, const AtomFeed& feed) {
  TextToSend text{std::string(atom_type) + "; charset=utf-8", to_xml(feed)};
  if (!feed.entries.empty()) text.last_modified = feed.updated();
  if (Doorkeeper::shows_no_credentials(request)) text.kept = kept_by_caches;
  auto response = text_answer(request, std::move(text));
  response.fields.add("Vary", "Cookie, Authorization, Accept-Language");
  return response;
}

Result<Response> search_feed(const Asking& asking) {
  auto parameters = KHOCHUNG_TRY(SearchParameters::of(asking.request));
  auto by_age = parameters;
  // What is new comes first, whatever fits best.
  if (by_age.sort.empty()) by_age.sort = "newest";
  const auto found = KHOCHUNG_TRY(
      api::find_materials(asking.services, by_age, asking.viewer, api::Facets::left_out));
  AtomFeed feed;
  const Pages pages(asking, parameters);
  auto whole = parameters;
  whole.offset = 0;
  whole.limit = SearchParameters().limit;
  feed.id = named_urn("feed " + archive_id(*found.tree) + " " + api::query_text(whole) + " " +
                      language_in_address(asking.request));
  feed.title = title_of(parameters, *found.tree, asking);
  feed.author = asking.site.name;
  feed.language = code_of(asking.language);
  feed.links.push_back(
      {"alternate", asking.origin + "/search" + api::query_text(whole), "text/html"});
  pages.add_to(feed, found.answer.total);
  if (found.answer.total_is_exact) feed.total = found.answer.total;
  for (const auto& [hit, entry] : found.materials)
    feed.entries.push_back(entry_of(entry.material, *found.tree, asking));
  return feed_answer(asking.request, feed);
}

/// A version of a press kit; a correction says what it is about.
AtomEntry entry_of_version(const KitVersion& version, const Kit& kit, const api::Readable& readable,
                           const Asking& asking) {
  const auto& material = readable.entry->material;
  auto entry = entry_about(material, *readable.tree, asking);
  const auto number = std::to_string(version.number);
  entry.id = named_urn("kit " + material.id.text() + " version " + number);
  if (version.number > 1) {
    entry.title +=
        std::string(asking.in(" – đính chính, bản ", " – correction, version ")) + number;
    entry.summary = version.note;
  }
  const auto embargo = material.embargo_until.value_or(version.at);
  entry.updated = std::max(version.at, embargo);
  entry.published = entry.updated;
  AtomLink zip{"enclosure", asking.origin + kit_zip_url(material.id, version.number),
               "application/zip", material.title + ".zip"};
  if (version.number == kit.versions.back().number) {
    if (const auto layout = kits::layout_of(kit)) zip.size_bytes = layout->size_bytes();
  }
  entry.links.push_back(std::move(zip));
  return entry;
}

Result<Response> kit_feed(const Asking& asking) {
  const auto readable = KHOCHUNG_TRY(
      api::find_readable(asking.services, asking.request.parameter("id"), asking.viewer));
  const auto& material = readable.entry->material;
  if (!material.kit) return fail(ErrorCode::not_found, material.id.text() + " is no press kit");
  AtomFeed feed;
  feed.id = named_urn("kit " + material.id.text());
  feed.title = material.title + " – " + asking.site.name;
  feed.author = unit_name(readable.tree->find(material.unit), asking.language);
  feed.language = code_of(asking.language);
  feed.links.push_back({"self", asking.origin + kit_feed_url(material.id), std::string(atom_type)});
  feed.links.push_back({"alternate", asking.origin + "/kit/" + material.id.text(), "text/html"});
  for (const auto& version : std::views::reverse(material.kit->versions))
    feed.entries.push_back(entry_of_version(version, *material.kit, readable, asking));
  return feed_answer(asking.request, feed);
}

}  // namespace

void add_feed_routes(http::Router& router, const api::Services& services, const api::Site& site) {
  const auto add = [&](std::string pattern, Result<Response> (*handler)(const Asking&)) {
    const auto answer = [&services, &site, handler](const Request& request) -> Result<Response> {
      return handler(KHOCHUNG_TRY(asking(services, site, request)));
    };
    router.add({http::Method::get,
                std::move(pattern),
                http::BodyKind::none,
                answer,
                {},
                0,
                {},
                http::Load::search});
  };
  add("/feed.atom", search_feed);
  add("/kits/{id}.atom", kit_feed);
}

}  // namespace khochung::delivery

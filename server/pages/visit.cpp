#include "server/pages/visit.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "schemas/language_code.hpp"
#include "server/api/material_json.hpp"
#include "server/api/preservation.hpp"
#include "server/api/readable.hpp"
#include "server/http/compression.hpp"
#include "server/http/cookies.hpp"
#include "server/http/encoding.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"

namespace khochung::pages {
namespace {

using http::Request;
using http::Response;

constexpr std::chrono::seconds language_is_remembered{365 * 24 * 3'600};

std::string path_and_query(const Request& request) {
  std::string text = request.path;
  char separator = '?';
  for (const auto& [name, text_value] : request.query) {
    if (name == "lang") continue;
    text += separator + http::percent_encode(name) + "=" + http::percent_encode(text_value);
    separator = '&';
  }
  return text;
}

/// Whether the person may take something in somewhere.
bool may_upload(const access::Viewer& viewer) {
  return viewer.kind == access::AccountKind::local_administrator ||
         std::ranges::any_of(viewer.grants, [](const access::Grant& grant) {
           return grant.role >= access::Role::contributor;
         });
}

/// Through whose eyes somebody of the union looks at a page: "anonymous", "press" or "union" in its
/// address. Each of them sees less than every person of the union, so that nothing is gained.
std::string wanted_eyes(const Request& request, const access::Viewer& viewer) {
  const auto eyes = request.query_value("as");
  const bool is_known = eyes == "anonymous" || eyes == "press" || eyes == "union";
  const bool may_look =
      request.method == http::Method::get && viewer.kind == access::AccountKind::union_person;
  return is_known && may_look ? eyes : std::string();
}

access::Viewer viewer_with(std::string_view eyes) {
  if (eyes == "press") return {access::AccountKind::press, {}, {}};
  if (eyes == "union") return {access::AccountKind::union_person, {}, {}};
  return access::Viewer::anonymous();
}

/// Runs a page's handler for the person who asks; keeps the language that was chosen. Pages of
/// someone signed in go uncompressed: they carry a secret beside words of the address (BREACH).
Result<Response> visit_with(PageHandler handler, const api::Services& services, const Site& site,
                            const Request& request) {
  const auto language = api::language_of(request);
  auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  const auto eyes = wanted_eyes(request, identity.viewer);
  if (!eyes.empty()) identity = {viewer_with(eyes), {}, false};
  auto response = handler({services, site, request, identity, language, eyes});
  if (response && identity.csrf_token.empty()) http::compress_for(request, *response);
  if (response && !request.query_value("lang").empty()) {
    const http::Cookie cookie{"lang", std::string(code_of(language)), language_is_remembered,
                              false};
    response->fields.add("Set-Cookie", http::to_field(cookie));
  }
  return response;
}

}  // namespace

PageContext context_of(const Request& request, const Site& site, const access::Identity& identity,
                       Language language) {
  PageContext context;
  context.language = language;
  context.path_and_query = path_and_query(request);
  context.user_name = identity.viewer.name;
  context.may_upload = may_upload(identity.viewer);
  context.csrf_token = identity.csrf_token;
  context.request_id = request.id;
  context.site_name = site.name;
  context.origin = api::origin_of(request, site);
  return context;
}

PageContext context_of(const Visit& visit) {
  auto context = context_of(visit.request, visit.site, visit.identity, visit.language);
  context.is_caretaker = api::is_caretaker(visit.services, visit.identity.viewer);
  context.viewed_as = visit.viewed_as;
  return context;
}

Response page(int status, std::string html) {
  auto response = Response::text(status, "text/html; charset=utf-8", std::move(html));
  response.fields.set("Content-Security-Policy", content_security_policy());
  response.fields.set("Cache-Control", "private, no-cache");
  return response;
}

Result<Response> discreetly(const Request& request, const Site& site, Result<Response> answered) {
  if (!answered && http::status_of(answered.error()) >= 500) return fail(answered.error());
  auto response = answered ? *std::move(answered) : error_answer(request, answered.error(), site);
  if (const auto wait = http::retry_after(response.status); !wait.empty())
    response.fields.set("Retry-After", std::string(wait));
  response.fields.set("Cache-Control", "private, no-store");
  response.fields.set("Referrer-Policy", "no-referrer");
  response.fields.set("X-Robots-Tag", "noindex, nofollow");
  return response;
}

boost::json::array units_to_add_to(const Visit& visit) {
  constexpr std::size_t most_offered = 300;
  boost::json::array units;
  const auto tree = visit.services.units.tree();
  std::set<UnitNumber> offered;
  for (const auto& grant : visit.identity.viewer.grants) {
    for (const auto number : tree->branch(grant.unit)) {
      const Unit& unit = *tree->find(number);
      access::Standing standing;
      standing.owner = number;
      if (units.size() == most_offered) return units;
      const bool is_new =
          !tree->is_closed(unit) &&
          access::may(visit.identity.viewer, access::Action::create, standing, *tree, now()) &&
          offered.insert(number).second;
      if (is_new) units.push_back(api::unit_json(unit, *tree, visit.language));
    }
  }
  return units;
}

boost::json::object line_json(const Visit& visit, const storage::CatalogueEntry& entry,
                              const UnitTree& tree) {
  const auto& services = visit.services;
  auto json = api::material_json(entry, tree, services.derivatives, visit.identity.viewer);
  const auto& material = entry.material;
  if (const Unit* unit = tree.find(material.unit))
    json["unit"] = api::unit_json(*unit, tree, visit.language);
  if (material.files.empty()) return json;
  const auto& first = material.files.front();
  json["media_type"] = first.media_type;
  json["size_bytes"] = first.size_bytes;
  if (services.derivatives.rendition(first.sha256, "thumbnail.jpg"))
    json["thumbnail_url"] = api::file_url(material.id, "thumbnail.jpg");
  return json;
}

SearchParameters shown_search(const api::SearchParameters& asked) {
  SearchParameters shown;
  for (std::size_t i = 0; i < search_fields.size(); ++i)
    shown.*search_fields.at(i).value = asked.*api::SearchParameters::filters().at(i).value;
  shown.offset = asked.offset;
  shown.limit = asked.limit;
  return shown;
}

api::SearchParameters asked_search(const SearchParameters& shown) {
  api::SearchParameters asked;
  for (std::size_t i = 0; i < search_fields.size(); ++i)
    asked.*api::SearchParameters::filters().at(i).value = shown.*search_fields.at(i).value;
  return asked;
}

std::vector<std::string> form_values(const Form& form, const std::string& name) {
  std::vector<std::string> values;
  const auto [first, last] = form.equal_range(name);
  for (auto one = first; one != last; ++one) values.push_back(one->second);
  return values;
}

Result<ConceptChoices> concept_choices(const api::Services& services) {
  ConceptChoices choices;
  choices["kind"] = KHOCHUNG_TRY(services.vocabularies.find("kinds")).vocabulary;
  for (const auto& field : concept_fields)
    choices[std::string(field.name)] =
        KHOCHUNG_TRY(services.vocabularies.find(field.vocabulary)).vocabulary;
  return choices;
}

std::string form_value(const Form& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

Result<Form> form_for_change(const Visit& visit) {
  auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(
      visit.services.doorkeeper.identify_for_change(visit.request, form_value(form, "csrf")));
  return form;
}

void add_page(http::Router& router, const api::Services& services, const Site& site,
              const PageRoute& route) {
  const bool has_form = route.method != http::Method::get;
  router.add({route.method,
              route.pattern,
              has_form ? http::BodyKind::small : http::BodyKind::none,
              [&services, &site, handler = route.handler](const Request& request) {
                return visit_with(handler, services, site, request);
              },
              {},
              0,
              {},
              route.load});
}

}  // namespace khochung::pages

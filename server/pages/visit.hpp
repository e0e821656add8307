#pragma once

#include <boost/json/array.hpp>
#include <map>
#include <string>

#include "server/api/search_answer.hpp"
#include "server/api/services.hpp"
#include "server/http/router.hpp"
#include "server/pages/pages.hpp"
#include "server/pages/site.hpp"
#include "server/pages/words.hpp"

/// What the handlers of pages share: who asks, the answer's frame, forms.
namespace khochung::pages {

/// What every handler of a page gets.
struct Visit {
  const api::Services& services;
  const Site& site;
  const http::Request& request;
  access::Identity identity;
  Language language;
  std::string viewed_as = {};  ///< as PageContext has it
};

using PageHandler = Result<http::Response> (*)(const Visit&);

/// One page: its method, the pattern of its address, what answers.
struct PageRoute {
  http::Method method;
  std::string pattern;
  PageHandler handler;
  http::Load load = http::Load::by_method;
};
void add_page(http::Router& router, const api::Services& services, const Site& site,
              const PageRoute& route);

PageContext context_of(const http::Request& request, const Site& site,
                       const access::Identity& identity, Language language);
PageContext context_of(const Visit& visit);

/// The open units of the branches in which the person may add, as many as a list can offer. Shape:
/// as /api/v1/units answers.
boost::json::array units_to_add_to(const Visit& visit);

/// A material that the viewer may read as lists of pages show it: as /api/v1/materials/{id}
/// answers, with its unit and the picture of its first file.
boost::json::object line_json(const Visit& visit, const storage::CatalogueEntry& entry,
                              const UnitTree& tree);

/// HTML under the pages' security policy, kept by nobody but the browser.
http::Response page(int status, std::string html);

/// An answer whose address is a secret: no cache keeps it, no other site is told where it was
/// found. Errors: those that are our own, for the log; others become their page.
Result<http::Response> discreetly(const http::Request& request, const Site& site,
                                  Result<http::Response> answered);

/// A search as its page shows it, and the other way round.
SearchParameters shown_search(const api::SearchParameters& asked);
api::SearchParameters asked_search(const SearchParameters& shown);

using Form = std::multimap<std::string, std::string>;

/// The value of that field, or "".
std::string form_value(const Form& form, const std::string& name);

/// All values of that field, in order.
std::vector<std::string> form_values(const Form& form, const std::string& name);

/// The concepts that forms offer. Errors: corrupt; unavailable.
Result<ConceptChoices> concept_choices(const api::Services& services);

/// The form of a request that changes something, sent by the session's own page.
/// Errors: unsupported; bad_input; unauthenticated; forbidden, "csrf".
Result<Form> form_for_change(const Visit& visit);

}  // namespace khochung::pages

#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/api/services.hpp"

namespace khochung::api {

/// What a search asks for, as the address says it.
struct SearchParameters {
  std::string q, unit, kind, year, language, media_type, sort, theme, audience, channel, format;
  int offset = 0;
  int limit = 20;

  /// The filters, each by its name in the address.
  struct Filter {
    std::string_view name;
    std::string SearchParameters::* value;
  };
  static const std::array<Filter, 11>& filters();

  /// Errors: bad_input for a limit, offset, year or sort that makes no sense.
  static Result<SearchParameters> of(const http::Request& request);
};

/// "?q=…&unit=…": members that are empty or have their usual value are left out.
std::string query_text(const SearchParameters& parameters);

/// What a search found, as the catalogue has it now.
struct FoundMaterials {
  struct One {
    search::Hit hit;
    storage::CatalogueEntry entry;
  };
  std::vector<One> materials;   ///< only what `viewer` may read, in order
  search::SearchAnswer answer;  ///< `hits` moved away
  std::shared_ptr<const UnitTree> tree;
};

enum class Facets { counted, left_out };

/// The one query path: everything that searches asks here.
/// Errors: bad_input "unknown_unit"; unavailable.
Result<FoundMaterials> find_materials(const Services& services, const SearchParameters& parameters,
                                      const access::Viewer& viewer, Facets facets);

/// The same as JSON, for the command, the API and the pages.
/// Shape: as DESIGN, "HTTP", GET /api/v1/search.
/// Errors: bad_input "unknown_unit"; unavailable.
Result<boost::json::object> search_answer(const Services& services,
                                          const SearchParameters& parameters,
                                          const access::Viewer& viewer, Language language);

}  // namespace khochung::api

#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "server/api/services.hpp"

namespace khochung::api {

/// What a search asks for, as the address says it.
struct SearchParameters {
  std::string q, unit, kind, year, language, media_type, sort;
  int offset = 0;
  int limit = 20;

  /// Errors: bad_input for a limit, offset, year or sort that makes no sense.
  static Result<SearchParameters> of(const http::Request& request);
};

/// The one query path: the command, the API and the pages all ask here.
/// Shape: as DESIGN, "HTTP", GET /api/v1/search.
/// Errors: bad_input "unknown_unit"; unavailable.
Result<boost::json::object> search_answer(const Services& services,
                                          const SearchParameters& parameters,
                                          const access::Viewer& viewer, Language language);

}  // namespace khochung::api

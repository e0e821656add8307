#pragma once

#include <map>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::http {

/// What a request target names, decoded once.
struct Target {
  std::string path;                               ///< begins with '/'
  std::multimap<std::string, std::string> query;  ///< in order within a name
};

/// Reads a target in origin form ("/m/1?q=a+b") or absolute form, whose authority must be `host`.
/// Errors: bad_input for anything a path on a server should never hold: bad escapes, broken UTF-8,
/// control characters, an encoded slash, a backslash, "." and ".." segments, a fragment.
/// Source: RFC 9112, 3.2.
Result<Target> parse_target(std::string_view target, std::string_view host);

/// Reads "a=1&b=2" with '+' as space.
/// Errors: bad_input for bad escapes, broken UTF-8 and NUL.
Result<std::multimap<std::string, std::string>> parse_query(std::string_view query);

}  // namespace khochung::http

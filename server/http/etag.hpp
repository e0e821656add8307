#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/instant.hpp"
#include "server/http/message.hpp"

namespace khochung::http {

/// The name of one state of a resource: `"r12"`, or `W/"r12"` when states that differ in bytes
/// share it.
/// Source: RFC 9110, 8.8.3.
struct ETag {
  std::string opaque;  ///< without quotes
  bool is_weak = false;

  [[nodiscard]] std::string text() const;
  static std::optional<ETag> parse(std::string_view text);
};

/// Equal, and neither is weak: If-Match and If-Range ask for it.
bool equal_strongly(const ETag& left, const ETag& right);
/// Equal whatever the weakness: If-None-Match asks for it.
bool equal_weakly(const ETag& left, const ETag& right);

/// What a resource is now, for the conditions of a request.
struct Validators {
  std::optional<ETag> etag;
  std::optional<Instant> last_modified;
};

/// The status that the request's conditions end it with: 304 or 412; nothing: go on.
/// A resource without an ETag fails If-Match unless it is `*`.
/// Source: RFC 9110, 13.2.2.
std::optional<int> status_by_conditions(const Request& request, const Validators& now);

/// Whether a Range may be followed: If-Range is absent or names the present state.
bool range_applies(const Request& request, const Validators& now);

}  // namespace khochung::http

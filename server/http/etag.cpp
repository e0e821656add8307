#include "server/http/etag.hpp"

#include <algorithm>
#include <chrono>

#include "server/http/encoding.hpp"
#include "server/http/http_date.hpp"

namespace khochung::http {
namespace {

using Compare = bool (*)(const ETag&, const ETag&);

bool is_opaque_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/// Whether the list `field` names the present state. Quotes may hold commas, so the list is walked.
bool lists(std::string_view field, const std::optional<ETag>& now, Compare equal) {
  if (trim(field) == "*") return true;
  while (now && !field.empty()) {
    const auto open = field.find('"');
    if (open == std::string_view::npos) return false;
    const auto close = field.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    const auto before = trim(field.substr(0, open));
    const bool is_weak = before.ends_with("W/");
    const ETag listed{std::string(field.substr(open + 1, close - open - 1)), is_weak};
    if (equal(listed, *now)) return true;
    field.remove_prefix(close + 1);
  }
  return false;
}

/// Whether the resource was changed after the date in `field`; nothing when that is no date.
std::optional<bool> changed_since(std::string_view field, const Validators& now) {
  const auto date = instant_from_http_date(field);
  if (!date || !now.last_modified) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*now.last_modified) > *date;
}

bool is_read(const Request& request) {
  return request.method == Method::get || request.method == Method::head;
}

}  // namespace

std::string ETag::text() const {
  return (is_weak ? "W/\"" : "\"") + opaque + "\"";
}

std::optional<ETag> ETag::parse(std::string_view text) {
  text = trim(text);
  const bool is_weak = text.starts_with("W/");
  if (is_weak) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (!std::ranges::all_of(text, is_opaque_character)) return std::nullopt;
  return ETag{std::string(text), is_weak};
}

bool equal_strongly(const ETag& left, const ETag& right) {
  return !left.is_weak && !right.is_weak && left.opaque == right.opaque;
}

bool equal_weakly(const ETag& left, const ETag& right) {
  return left.opaque == right.opaque;
}

std::optional<int> status_by_conditions(const Request& request, const Validators& now) {
  const auto& fields = request.fields;
  if (fields.has("If-Match")) {
    if (!lists(fields.get("If-Match"), now.etag, equal_strongly)) return 412;
  } else if (changed_since(fields.get("If-Unmodified-Since"), now).value_or(false)) {
    return 412;
  }
  if (fields.has("If-None-Match")) {
    if (lists(fields.get("If-None-Match"), now.etag, equal_weakly)) {
      return is_read(request) ? 304 : 412;
    }
  } else if (is_read(request) &&
             !changed_since(fields.get("If-Modified-Since"), now).value_or(true)) {
    return 304;
  }
  return std::nullopt;
}

bool range_applies(const Request& request, const Validators& now) {
  if (!request.fields.has("If-Range")) return true;
  const auto field = request.fields.get("If-Range");
  if (const auto etag = ETag::parse(field)) return now.etag && equal_strongly(*etag, *now.etag);
  const auto date = instant_from_http_date(field);
  return date && now.last_modified &&
         std::chrono::floor<std::chrono::seconds>(*now.last_modified) == *date;
}

}  // namespace khochung::http

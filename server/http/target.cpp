#include "server/http/target.hpp"

#include <algorithm>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// The text of a query's name or value.
Result<std::string> query_text(std::string_view raw) {
  std::string spaced(raw);
  std::ranges::replace(spaced, '+', ' ');
  auto decoded = percent_decode(spaced);
  if (!decoded || !is_utf8(*decoded) || decoded->find('\0') != std::string::npos) {
    return fail(ErrorCode::bad_input, "the query is not well-formed");
  }
  return *std::move(decoded);
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

/// Slashes must be written plainly: a path decoded from "%2f" would name another place.
bool hides_slash(std::string_view raw) {
  if (raw.find_first_of("%\\") == std::string_view::npos) return false;
  const auto lowered = lower_case(raw);
  return lowered.find("%2f") != std::string::npos || lowered.find("%5c") != std::string::npos ||
         lowered.find('\\') != std::string::npos;
}

Result<std::string> decode_path(std::string_view raw) {
  if (!raw.starts_with('/') || hides_slash(raw)) {
    return fail(ErrorCode::bad_input, "the path is not a plain one");
  }
  auto path = percent_decode(raw);
  if (!path || !is_utf8(*path) || has_control(*path) || has_dot_segment(*path)) {
    return fail(ErrorCode::bad_input, "the path is not well-formed");
  }
  return *std::move(path);
}

/// An absolute-form target without its scheme and authority.
Result<std::string_view> origin_form(std::string_view target, std::string_view host) {
  const auto colon = target.find("://");
  const auto scheme = lower_case(target.substr(0, colon));
  if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return fail(ErrorCode::bad_input, "the target is neither a path nor an http address");
  }
  const auto rest = target.substr(colon + 3);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (!equal_without_case(rest.substr(0, end), host)) {
    return fail(ErrorCode::bad_input, "the target names another host than Host");
  }
  return rest.substr(end);
}

}  // namespace

Result<std::multimap<std::string, std::string>> parse_query(std::string_view query) {
  std::multimap<std::string, std::string> values;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = KHOCHUNG_TRY(query_text(pair.substr(0, equals)));
    auto value = KHOCHUNG_TRY(query_text(pair.substr(std::min(equals + 1, pair.size()))));
    values.emplace(std::move(name), std::move(value));
  }
  return values;
}

Result<Target> parse_target(std::string_view target, std::string_view host) {
  if (target.find('#') != std::string_view::npos) {
    return fail(ErrorCode::bad_input, "a target has no fragment");
  }
  if (!target.starts_with('/')) target = KHOCHUNG_TRY(origin_form(target, host));
  const auto question = std::min(target.find('?'), target.size());
  const auto raw_path = target.substr(0, question);
  Target parsed;
  parsed.path = KHOCHUNG_TRY(decode_path(raw_path.empty() ? "/" : raw_path));
  if (question < target.size()) {
    parsed.query = KHOCHUNG_TRY(parse_query(target.substr(question + 1)));
  }
  return parsed;
}

}  // namespace khochung::http

#include "server/api/revision.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"

namespace khochung::api {

using http::Request;
using http::Response;

std::string revision_tag(int revision) {
  return "\"r" + std::to_string(revision) + "\"";
}

Result<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return fail(ErrorCode::not_found, "not a number from 1: " + std::string(text));
  }
  return number;
}

Result<int> required_revision(const Request& request) {
  const auto match = request.fields.get("if-match");
  if (match.empty() || match == "*")
    return fail(ErrorCode::precondition_required, "If-Match must name the revision");
  const auto no_revision = [&] {
    return fail(ErrorCode::precondition_failed, "If-Match is no revision: " + std::string(match));
  };
  if (!match.starts_with("\"r") || !match.ends_with('"')) return no_revision();
  // What nobody has edited yet.
  if (match == "\"r0\"") return 0;
  const auto number = whole_number(match.substr(2, match.size() - 3));
  if (!number) return no_revision();
  return *number;
}

Response material_answer(const storage::CatalogueEntry& entry, const Services& services,
                         const access::Viewer& viewer) {
  auto json = material_json(entry, *services.units.tree(), services.derivatives, viewer);
  if (const auto& whole = entry.material.part_of) {
    const auto readable = find_readable(services, whole->text(), viewer);
    if (!readable && readable.error().code == ErrorCode::not_found) json["part_of"] = nullptr;
  }
  auto response = Response::json(200, boost::json::serialize(json));
  response.fields.set("ETag", revision_tag(entry.material.revision));
  response.fields.set("Cache-Control", "private, no-cache");
  return response;
}

Response material_answer(const Material& changed, const Services& services,
                         const access::Viewer& viewer) {
  const auto entry = services.catalogue.material(changed.id);
  const bool is_newest = entry && entry->material.revision >= changed.revision;
  return material_answer(is_newest ? *entry : storage::CatalogueEntry{changed, {}, 0, false},
                         services, viewer);
}

pipeline::Change change_of(const Request& request, const access::Viewer& viewer, std::string why) {
  return {viewer.name, request.is_local_administrator ? "cli" : "api", std::move(why)};
}

}  // namespace khochung::api

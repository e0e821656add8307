#include "server/api/readable.hpp"

#include "server/http/cookies.hpp"

namespace khochung::api {

Result<Readable> find_readable(const Services& services, std::string_view id, const access::Viewer& viewer) {
  const auto hidden = [&] { return fail(ErrorCode::not_found, "no material for this viewer: " + std::string(id)); };
  const auto material_id = MaterialId::parse(id);
  if (!material_id) return hidden();
  auto entry = services.catalogue.material(*material_id);
  if (!entry && entry.error().code == ErrorCode::not_found) return hidden();
  if (!entry) return fail(entry.error());
  auto tree = services.units.tree();
  auto standing = KHOCHUNG_TRY(access::Standing::of(entry->material, *tree));
  if (!access::may(viewer, access::Action::read, standing, *tree, now())) return hidden();
  if (standing.state == State::withdrawn && !access::may(viewer, access::Action::publish, standing, *tree, now())) {
    return fail(ErrorCode::gone, "withdrawn: " + entry->material.notice);
  }
  return Readable{*std::move(entry), std::move(standing), std::move(tree)};
}

Language language_of(const http::Request& request) {
  const auto is_english = [](std::string_view text) { return text.starts_with("en"); };
  if (const auto asked = request.query_value("lang"); !asked.empty()) {
    return is_english(asked) ? Language::english : Language::vietnamese;
  }
  if (const auto kept = http::cookie(request, "lang"); !kept.empty()) {
    return is_english(kept) ? Language::english : Language::vietnamese;
  }
  return is_english(request.fields.get("accept-language")) ? Language::english : Language::vietnamese;
}

}  // namespace khochung::api

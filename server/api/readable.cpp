#include "server/api/readable.hpp"

#include "server/http/cookies.hpp"
#include "server/http/problem.hpp"

namespace khochung::api {

Result<Readable> find_readable(const Services& services, std::string_view id,
                               const access::Viewer& viewer) {
  const auto hidden = [&] {
    return fail(ErrorCode::not_found, "no material for this viewer: " + std::string(id));
  };
  const auto material_id = MaterialId::parse(id);
  if (!material_id) return hidden();
  auto entry = services.catalogue.material(*material_id);
  if (!entry && entry.error().code == ErrorCode::not_found) return hidden();
  if (!entry) return fail(entry.error());
  auto tree = services.units.tree();
  auto standing = KHOCHUNG_TRY(access::Standing::of(entry->material, *tree));
  if (!access::may(viewer, access::Action::read, standing, *tree, now())) return hidden();
  if (standing.state == State::withdrawn &&
      !access::may(viewer, access::Action::publish, standing, *tree, now())) {
    return fail(ErrorCode::gone, "withdrawn: " + entry->material.notice);
  }
  return Readable{*std::move(entry), std::move(standing), std::move(tree)};
}

Result<storage::Batch> find_batch(const Services& services, std::string_view id,
                                  const access::Viewer& viewer) {
  const auto hidden = [] { return fail(ErrorCode::not_found, "no such batch for this viewer"); };
  const auto batch_id = BatchId::parse(id);
  if (!batch_id) return hidden();
  auto batch = services.catalogue.batch(*batch_id);
  if (!batch) return hidden();
  const auto tree = services.units.tree();
  const auto role =
      tree->root() == nullptr ? std::nullopt : access::role_at(viewer, tree->root()->number, *tree);
  const bool is_theirs = viewer.kind == access::AccountKind::local_administrator ||
                         role == access::Role::administrator ||
                         (!viewer.name.empty() && viewer.name == batch->creator);
  if (!is_theirs) return hidden();
  return batch;
}

Language language_of(const http::Request& request) {
  const auto is_english = [](std::string_view text) { return text.starts_with("en"); };
  if (const auto asked = request.query_value("lang"); !asked.empty()) {
    return is_english(asked) ? Language::english : Language::vietnamese;
  }
  if (const auto kept = http::cookie(request, "lang"); !kept.empty()) {
    return is_english(kept) ? Language::english : Language::vietnamese;
  }
  return http::preferred_language(request);
}

}  // namespace khochung::api

#include "server/api/readable.hpp"

#include "server/http/cookies.hpp"
#include "server/http/problem.hpp"

namespace khochung::api {
namespace {

tl::unexpected<Error> hidden(std::string_view id) {
  return fail(ErrorCode::not_found, "no material for this viewer: " + std::string(id));
}

Result<Readable> if_readable(const Services& services,
                             std::shared_ptr<const storage::CatalogueEntry> entry,
                             const access::Viewer& viewer) {
  const auto& material = entry->material;
  auto tree = services.units.tree();
  auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
  if (!access::may(viewer, access::Action::read, standing, *tree, now()))
    return hidden(material.id.text());
  if (is_taken_out(standing.state) &&
      !access::may(viewer, access::Action::publish, standing, *tree, now())) {
    const std::string_view reason = standing.state == State::deleted ? "deleted" : "";
    return fail(ErrorCode::gone, reason, "taken out: " + material.notice);
  }
  return Readable{std::move(entry), std::move(standing), std::move(tree)};
}

}  // namespace

Result<Readable> find_readable(const Services& services, std::string_view id,
                               const access::Viewer& viewer) {
  const auto material_id = MaterialId::parse(id);
  if (!material_id) return hidden(id);
  auto entry = services.catalogue.material(*material_id);
  if (!entry && entry.error().code == ErrorCode::not_found) return hidden(id);
  return if_readable(
      services, std::make_shared<const storage::CatalogueEntry>(KHOCHUNG_TRY(std::move(entry))),
      viewer);
}

std::optional<Readable> recall_readable(const Services& services, const http::Request& request,
                                        std::string_view id) {
  const auto material_id = MaterialId::parse(id);
  if (!material_id || !access::Doorkeeper::shows_no_credentials(request)) return std::nullopt;
  auto entry = services.catalogue.recent(*material_id);
  if (!entry) return std::nullopt;
  auto readable = if_readable(services, std::move(entry), access::Viewer::anonymous());
  if (!readable) return std::nullopt;
  return *std::move(readable);
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

Result<BatchId> batch_for(const Services& services, std::string_view named,
                          const access::Viewer& viewer) {
  if (!named.empty()) {
    const auto id = KHOCHUNG_TRY(BatchId::parse(named));
    const auto batch = KHOCHUNG_TRY(services.catalogue.batch(id));
    if (batch.creator != viewer.name) return fail(ErrorCode::not_found, "another's batch");
    if (batch.is_closed) return fail(ErrorCode::conflict, "the batch is closed");
    return id;
  }
  const storage::Batch batch{BatchId::make(), viewer.name, now(), true};
  KHOCHUNG_CHECK(services.catalogue.put_batch(batch));
  return batch.id;
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

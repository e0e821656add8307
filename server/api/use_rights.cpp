#include "server/api/use_rights.hpp"

namespace khochung::api {

std::string_view use_refusal(const Material& material, const UnitTree& tree,
                             const access::Viewer& viewer) {
  const auto refusal = rights::refusal(material, day_of(now()));
  if (refusal.empty()) return refusal;
  const auto standing = access::Standing::of(material, tree);
  if (!standing || !access::may(viewer, access::Action::edit, *standing, tree, now()))
    return refusal;
  return {};
}

std::string_view use_refusal(const Readable& readable, const access::Viewer& viewer) {
  return use_refusal(readable.entry->material, *readable.tree, viewer);
}

Result<void> demand_use(const Readable& readable, const access::Viewer& viewer) {
  const auto refusal = use_refusal(readable, viewer);
  if (refusal.empty()) return {};
  return fail(ErrorCode::gone, refusal,
              readable.entry->material.id.text() + " is not given out any more");
}

}  // namespace khochung::api
